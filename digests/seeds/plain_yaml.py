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
LINE = re.compile(r"( *)((?:- )?)(?:([A-Za-z_]+):(?: (?=.)|$))?(.*)")
INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
MOMENT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
WORDS = re.compile(r"[A-Za-z](?:[^:#]*(?::(?=[^ #])[^:#]*)*[^:# ])?")
# What YAML allows to stand as it is, but for the backslash and the breaks that end a line in YAML.
LETTERS = re.compile(
    r"[\x20-\x5b\x5d-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"
)
ESCAPE = re.compile(r'\\(["\\nrt])')
ESCAPED = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
LONGEST = 300_000  # twice the largest seed seen; while a pattern looks at a text, nothing else runs
BOOLEANS = {"true": True, "false": False}
SHORT = 50  # characters; shorter lines stand in many files, and what they say is remembered
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
        indent, dash, key, value = (_read_short_line if len(line) <= SHORT else _read_line)(line)
        if place:
            _open(stack, place, indent, [] if dash else {})
            place = None
        elif stack[-1][0] != indent:
            _close_deeper(stack, indent)
        collection = stack[-1][1]
        if dash:
            item: Any = {} if key else value
            _as(list, collection).append(item)
            if not key:
                continue
            indent += 2
            stack.append((indent, item))
            collection = item
        if key is None or key in _as(dict, collection):
            raise UnusualError
        collection[key] = value
        if value is None:
            place = (indent, collection, key)
    if place:
        raise UnusualError
    return holder[0]


def _read_line(line: str) -> tuple[int, bool, str | None, str | int | datetime | None]:
    """Return a line's indentation, whether it begins a list's item, its key, and its scalar, if any."""
    match = LINE.fullmatch(line)
    if match is None:
        raise UnusualError
    space, dash, key, rest = match.groups()
    value = _scalar(rest) if rest or key is None else None
    if key is not None and not is_text(key):
        raise UnusualError
    return len(space), bool(dash), key, value


_read_short_line = lru_cache(maxsize=8_192)(_read_line)


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
        return _quoted(text)
    if INTEGER.fullmatch(text):
        return int(text)
    if text in BOOLEANS:
        return BOOLEANS[text]
    if match := MOMENT.fullmatch(text):
        return _moment(*map(int, match.groups()))
    if WORDS.fullmatch(text) and is_literal(text) and is_text(text):
        return text
    raise UnusualError


def _quoted(text: str) -> str:
    """Return what stands between double quotes, where nothing but quotes and breaks is escaped."""
    if len(text) < 2 or not text.endswith('"'):
        raise UnusualError
    inside = text[1:-1]
    if '"' not in inside and is_literal(inside):
        return inside
    if any('"' in part or not is_literal(part) for part in ESCAPE.split(inside)[::2]):
        raise UnusualError
    return unescaped(inside)


def unescaped(text: str) -> str:
    """Return what stands between double quotes, of which nothing but quotes and breaks is escaped."""
    return ESCAPE.sub(lambda escape: ESCAPED[escape[1]], text) if "\\" in text else text


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime:
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise UnusualError from error


def is_literal(text: str) -> bool:
    """Say whether every character stands for itself: printable ones do, the rest are looked up."""
    return ("\\" not in text and text.isprintable()) or LETTERS.fullmatch(text) is not None


@lru_cache(maxsize=16_384)
def is_text(scalar: str) -> bool:
    """Say whether a plain scalar is text, and not a number, a date, `yes` or the like."""
    return bool(RESOLVER.resolve(yaml.ScalarNode, scalar, (True, False)) == STR)
