"""YAML as seeds use it: PyYAML's safe C loader, made to refuse what would harm or mislead."""

import re
from collections.abc import Hashable
from contextlib import suppress
from typing import Any, NoReturn

import yaml

from digests.seeds.limits import MAX_DEPTH, MAX_DIRECTIVES, MAX_NODES
from digests.text import shorten
from digests.validation import json_path

INT = "tag:yaml.org,2002:int"
WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
INDICATORS = "-?:,[{"  # each begins three nodes at most: a mapping, its key and its value
DEEP_BLOCK = re.compile(rf"(?<![ \-?])[ \-?]{{{MAX_DEPTH},}}")  # YAML has more line breaks than re knows
LONGEST_MESSAGE = 200  # characters; it may name a key, an alias or a tag of any length


class YamlError(Exception):
    """Text that is not a YAML document; `line` counts from 1 within it, `field` is a value's place."""

    def __init__(self, message: str, line: int | None, field: str | None = None) -> None:
        super().__init__(shorten(message, LONGEST_MESSAGE))
        self.line = line
        self.field = shorten(field, LONGEST_MESSAGE) if field else None


class Loader(yaml.CSafeLoader):
    """The safe loader, which refuses a key that stands twice, and aliases (so merges, too) without bounds."""

    def get_single_data(self) -> Any:
        """Return what the one document holds; raises ConstructorError where aliases multiply it."""
        node = self.get_single_node()
        if node is None:
            return None
        sizes: dict[int, int] = {}
        if _size(node, sizes, 0) - len(sizes) > MAX_NODES:
            message = f"aliases (*) that repeat more than {MAX_NODES:,} values"
            raise yaml.constructor.ConstructorError(None, None, message, node.start_mark)
        return self.construct_document(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Make a mapping; raises ConstructorError where a key stands twice."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(set(keys)) < len(keys):
            self._refuse_twin(node)
        return super().construct_mapping(node, deep)

    def _refuse_twin(self, node: yaml.MappingNode) -> NoReturn:
        seen: set[object] = set()
        for key, _ in node.value:
            if key.value in seen:
                message = f"the key {key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, message, key.start_mark)
            seen.add(key.value)
        raise yaml.constructor.ConstructorError(None, None, "a key stands twice", node.start_mark)


def _whole_number(loader: Loader, node: yaml.ScalarNode) -> int | str:
    """Return a number of plain digits, and as text what is one in YAML 1.1 alone: 075 (61), 1:20 (80), 0x1F, 1_000."""
    text = loader.construct_scalar(node)
    return int(text) if WHOLE_NUMBER.fullmatch(text) else text


Loader.add_constructor(INT, _whole_number)


def most_nodes(text: str) -> int:
    """Return how many nodes a document can have at most, without parsing it."""
    return 3 * (1 + sum(map(text.count, INDICATORS)))


def load(text: str) -> Any:
    """Parse one YAML document.

    Raises YamlError, with the line, for anything that isn't one: bad syntax, several documents, a
    key that stands twice, an impossible date, nesting deeper than MAX_DEPTH, more than MAX_NODES values.
    """
    try:
        if text.count("%TAG") > MAX_DIRECTIVES:
            raise YamlError(f"more than {MAX_DIRECTIVES} %TAG directives", 1)
        if most_nodes(text) > MAX_NODES or _may_be_deep(text):
            _check_size(text)
        return yaml.load(text, Loader=Loader)  # noqa: S506 - Loader is a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        column = f" (column {mark.column + 1})" if mark else ""
        message = f"{error.problem or 'not YAML'}{column}"
        raise YamlError(message, mark.line + 1 if mark else None) from error
    except yaml.reader.ReaderError as error:
        raise _unprintable(text, error) from error
    except yaml.YAMLError as error:
        raise YamlError(" ".join(str(error).split()), None) from error
    except (ValueError, TypeError, AttributeError, OverflowError, KeyError, RecursionError) as error:
        # A value that matches a type's pattern but can't exist, such as the month 13.
        reason = str(error).split(";", maxsplit=1)[0]
        raise YamlError(f"a value that can't exist ({reason})", *_place_of_bad_value(text)) from error


def _unprintable(text: str, error: yaml.reader.ReaderError) -> YamlError:
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if found is None:
        return YamlError(" ".join(str(error).split()), None)
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - text.rfind("\n", 0, found.start())
    return YamlError(f"the control character U+{ord(found[0]):04X} (column {column})", line)


def line_of(text: str, path: tuple[str | int, ...]) -> int | None:
    """Return the line, from 1, of the value at `path`, or of the last part of it that exists."""
    try:
        node = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError:
        return None
    line = node.start_mark.line + 1 if node else None
    for step in path:
        found = None
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = (node.value[step], node.value[step])
        if found is None:
            break
        key, node = found
        line = key.start_mark.line + 1
    return line


def _size(node: yaml.Node, sizes: dict[int, int], depth: int) -> int:
    """Return how many values a node is with aliases written out; `sizes` has those of nodes seen before."""
    if id(node) in sizes:
        return sizes[id(node)]
    if depth > MAX_DEPTH:  # aliases of aliases, or one within what it stands for
        message = f"nested more than {MAX_DEPTH} levels deep"
        raise yaml.constructor.ConstructorError(None, None, message, node.start_mark)
    inner: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        inner = [part for pair in node.value for part in pair]
    elif isinstance(node, yaml.SequenceNode):
        inner = node.value
    sizes[id(node)] = 1 + sum(_size(part, sizes, depth + 1) for part in inner)
    return sizes[id(node)]


def _may_be_deep(text: str) -> bool:
    return text.count("[") + text.count("{") > MAX_DEPTH or DEEP_BLOCK.search(text) is not None


def _check_size(text: str) -> None:
    # libyaml composes recursively: 100,000 levels would end the process. Events come one by one.
    nodes = depth = 0
    for event in yaml.parse(text, Loader=Loader):
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise YamlError(f"nested more than {MAX_DEPTH} levels deep", _line(event))
        if nodes > MAX_NODES:
            raise YamlError(f"more than {MAX_NODES:,} keys and values", _line(event))


def _line(event: yaml.Event) -> int | None:
    return event.start_mark.line + 1 if event.start_mark else None


def _place_of_bad_value(text: str) -> tuple[int | None, str | None]:
    """Return the line and the field of the first value that can't be made, in no particular order."""
    loader = Loader(text)
    root = loader.get_single_node()
    nodes: list[tuple[yaml.Node, tuple[str | int, ...]]] = [(root, ())] if root else []
    looked_at: set[int] = set()  # aliases repeat nodes, even within themselves
    while nodes:
        node, path = nodes.pop()
        if id(node) in looked_at:
            continue
        looked_at.add(id(node))
        if isinstance(node, yaml.MappingNode):
            nodes += [(key, path) for key, _ in node.value]
            nodes += [(value, (*path, _name(key))) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            nodes += [(item, (*path, position)) for position, item in enumerate(node.value)]
        elif isinstance(node, yaml.ScalarNode):
            try:
                loader.construct_object(node)
            except yaml.YAMLError:
                continue  # a tag that isn't known, a second fault
            except (ValueError, TypeError, AttributeError, OverflowError, KeyError):
                return int(node.start_mark.line) + 1, json_path(path) or None
    return None, None


def _name(key: yaml.Node) -> str:
    return shorten(key.value, LONGEST_MESSAGE) if isinstance(key, yaml.ScalarNode) else "?"
