"""XML of ours to read: elements one after the other, no entities, no depth without end."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

MAX_DEPTH = 100
MAX_TEXT = 10_000  # characters that are kept of an element's own text


class OutlineError(Exception):
    """A document that isn't well-formed, nests too deep or declares entities; `line` counts from 1."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(slots=True)
class Element:
    """An element by its local name, in lower case, with its attributes as they are written."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def walk(self) -> Iterator["Element"]:
        """Yield this element and all below it."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += reversed(element.children)

    def said(self, name: str) -> str:
        """Return the text of the first element below this one that has this name."""
        return next((each.text.strip() for each in self.walk() if each.name == name), "")


def read_outline(data: bytes) -> Element:
    """Return a document's root; raises OutlineError."""
    parser = expat.ParserCreate()
    root = Element("")
    open_elements = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(open_elements) > MAX_DEPTH:
            _refuse("nested too deep", parser)
        element = Element(name.rpartition(":")[2].lower(), attributes)
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def end(_: str) -> None:
        open_elements.pop()

    def read(text: str) -> None:
        element = open_elements[-1]
        if len(element.text) < MAX_TEXT:
            element.text += text

    def declare(*_: object) -> None:
        _refuse("declares entities", parser)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = read
    parser.EntityDeclHandler = declare
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise OutlineError(expat.ErrorString(error.code), error.lineno) from error
    except (ValueError, LookupError) as error:  # an encoding that nobody knows
        raise OutlineError(str(error), 1) from error
    return root.children[0]


def _refuse(reason: str, parser: expat.XMLParserType) -> NoReturn:
    raise OutlineError(reason, parser.CurrentLineNumber)
