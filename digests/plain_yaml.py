"""A shortcut for YAML as nearly every seed writes it: a key and a value a line, nested by indentation.

It reads a small part of YAML exactly as PyYAML does, and nothing else: at anything unusual it gives
up, and PyYAML reads the whole. Tests hold the two together.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import yaml

# Indentation, a list item's dash, a key, and the rest: a scalar, or nothing before a nested collection.
LINE = re.compile(r"( *)((?:- )?)(?:([A-Za-z]+):(?: (?=.)|$))?(.*)")
INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
MOMENT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
WORDS = re.compile(r"[A-Za-z](?:[^:#]*[^:# ])?")
BOOLEANS = {"true": True, "false": False}
STR = "tag:yaml.org,2002:str"
RESOLVER: Any = yaml.resolver.Resolver()  # says which type a plain scalar has


class UnusualError(Exception):
    """Text that is not plain enough for the shortcut."""


def load_plain(text: str) -> Any:
    """Return the mapping or list that a plain YAML text holds; raises UnusualError."""
    holder: list[Any] = [None]
    place: tuple[int, Any, Any] | None = (-1, holder, 0)  # where a deeper collection must begin
    stack: list[tuple[int, Any]] = []  # open collections and their indentation, the innermost last
    for line in text.split("\n"):
        if not line:
            continue
        match = LINE.fullmatch(line)
        if match is None:
            raise UnusualError
        indent, dash, key, rest = len(match[1]), match[2], match[3], match[4]
        if place:
            _open(stack, place, indent, [] if dash else {})
            place = None
        else:
            _close_deeper(stack, indent)
        if dash:
            item: Any = {} if key else _scalar(rest)
            _as(list, stack[-1][1]).append(item)
            if not key:
                continue
            indent += 2
            stack.append((indent, item))
        mapping = _as(dict, stack[-1][1])
        if not key or key in mapping or not _is_text(key):
            raise UnusualError
        mapping[key] = _scalar(rest) if rest else None
        place = None if rest else (indent, mapping, key)
    if place:
        raise UnusualError
    return holder[0]


def _open(stack: list[tuple[int, Any]], place: tuple[int, Any, Any], indent: int, new: Any) -> None:
    above, parent, key = place
    if indent <= above:
        raise UnusualError
    parent[key] = new
    stack.append((indent, new))


def _close_deeper(stack: list[tuple[int, Any]], indent: int) -> None:
    while stack and stack[-1][0] > indent:
        stack.pop()
    if not stack or stack[-1][0] != indent:
        raise UnusualError


def _as(kind: type, collection: Any) -> Any:
    if type(collection) is not kind:
        raise UnusualError
    return collection


def _scalar(text: str) -> str | int | datetime:
    if text.startswith('"'):
        if len(text) > 1 and text.endswith('"') and text.count('"') == 2 and _is_simple(text):
            return text[1:-1]
        raise UnusualError
    if INTEGER.fullmatch(text):
        return int(text)
    if text in BOOLEANS:
        return BOOLEANS[text]
    if match := MOMENT.fullmatch(text):
        return _moment(*map(int, match.groups()))
    if WORDS.fullmatch(text) and _is_simple(text) and _is_text(text):
        return text
    raise UnusualError


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime:
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise UnusualError from error


def _is_simple(text: str) -> bool:
    return "\\" not in text and text.isprintable()


@lru_cache(maxsize=16_384)
def _is_text(scalar: str) -> bool:
    """Say whether a plain scalar is text, and not a number, a date, `yes` or the like."""
    return bool(RESOLVER.resolve(yaml.ScalarNode, scalar, (True, False)) == STR)
