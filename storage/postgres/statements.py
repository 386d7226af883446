"""Statements and rows: what SQLite takes as it is written, as psycopg and PostgreSQL take it."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumper

if TYPE_CHECKING:
    import psycopg

# What stands in quotes, and casts, stay as they are.
_PART = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|::|\bCROSS JOIN\b|\?|:([a-z_][a-z0-9_]*)|%""", re.IGNORECASE)
KEPT = 1_024  # statements and kinds of rows


@lru_cache(maxsize=KEPT)
def translated(sql: str) -> str:
    """Return a statement with its placeholders as psycopg writes them.

    CROSS JOIN tells SQLite in which order to go through tables; PostgreSQL, which finds that out itself, has
    no such join with a condition.
    """
    if "article_search" in sql:
        raise NotImplementedError("article_search")
    return _PART.sub(_translated_part, sql)


def _translated_part(part: re.Match[str]) -> str:
    if part[1]:
        return f"%({part[1]})s"
    return {"?": "%s", "CROSS JOIN": "JOIN"}.get(part[0].upper(), part[0].replace("%", "%%"))


class Row(tuple[Any, ...]):
    """A row, by places or by names, as sqlite3.Row is."""

    __slots__ = ()
    places: ClassVar[dict[str, int]]

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self.places[key] if isinstance(key, str) else key)

    def keys(self) -> list[str]:
        """Return the names of the columns."""
        return list(self.places)


def row_maker(cursor: "psycopg.Cursor[Any]") -> Callable[[Sequence[Any]], Row]:
    """Return what makes a Row of the values of one, for psycopg."""
    found = cursor.pgresult
    return _kind_of_row(tuple(found.fname(place) for place in range(found.nfields)) if found else ())


@lru_cache(maxsize=KEPT)
def _kind_of_row(names: tuple[bytes | None, ...]) -> type[Row]:
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        places.setdefault((name or b"").decode(), place)  # of two columns with one name the first
    return type("Row", (Row,), {"__slots__": (), "places": places})


class _Text(StrDumper):
    """Texts are sent as such, so that functions are found by them; a NUL can't be stored and is replaced."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)


def set_up_adapters(session: "psycopg.Connection[Any]") -> None:
    """Send every integer as one of 64 bits, so that a statement is prepared once, and texts as texts."""
    session.adapters.register_dumper(int, Int8Dumper)
    session.adapters.register_dumper(str, _Text)
