"""A seed file's front matter: its text, and where in the file that stands."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from dataclasses import dataclass

from digests.errors import SeedError

BYTE_ORDER_MARKS = {"UTF-32": (BOM_UTF32_LE, BOM_UTF32_BE), "UTF-16": (BOM_UTF16_LE, BOM_UTF16_BE)}
OPENING = re.compile(r"---[ \t]*\n")
CLOSING = re.compile(r"\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
FENCES = ("\n---", "\n...")  # where alone a closing may be: to find them is quick
SECOND_RECORD = re.compile(r"^(?:title|webUrl|originalUrl|publishedDateTime|quality):", re.MULTILINE)
MANY_FIELDS = 3  # so many at the beginnings of lines are no words of a text


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A file's YAML and the number of lines before it."""

    text: str
    offset: int


def unmarked(content: bytes) -> bytes:
    """Return a file's bytes without a byte order mark and with plain line ends.

    Raises SeedError where the mark says that it isn't UTF-8.
    """
    for name, marks in BYTE_ORDER_MARKS.items():
        if content.startswith(marks):
            raise SeedError(f"is {name}; save it as UTF-8", 1)
    content = content.removeprefix(BOM_UTF8)
    return content.replace(b"\r\n", b"\n") if b"\r" in content else content


def front_matter(content: bytes, *, bare: bool) -> FrontMatter:
    """Return the YAML between a file's two fences; a `bare` (YAML) file may do without them.

    Raises SeedError where there is none, a second record, or text that isn't UTF-8.
    """
    text = _decode(content)
    opening = OPENING.match(text)
    if opening is None:
        if bare:
            return FrontMatter(text, 0)
        raise SeedError("has no front matter: its first line must be ---", 1)
    fences = [at for fence in FENCES if (at := text.find(fence, opening.end() - 1)) >= 0]
    closing = CLOSING.search(text, min(fences)) if fences else None
    if closing is None:
        if not bare:
            raise SeedError("has front matter without an end: a line --- must close it", 1)
        return FrontMatter(text[opening.end() :], 1)
    if other := second_record(text, closing.end()):
        line = text.count("\n", 0, other.start()) + 1
        raise SeedError("holds a second record; one file holds one", line)
    return FrontMatter(text[opening.end() : closing.start() + 1], 1)


def second_record(text: str, start: int) -> re.Match[str] | None:
    """Return the first field of a second record, if there is one behind the front matter."""
    found: dict[str, re.Match[str]] = {}
    for field in SECOND_RECORD.finditer(text, start):
        found.setdefault(field[0], field)
        if len(found) == MANY_FIELDS:
            return next(iter(found.values()))
    return None


def _decode(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise SeedError(f"is not UTF-8 (byte {column} of the line); save it as UTF-8", line) from error
