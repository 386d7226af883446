"""What copying a database asks of an engine: its tables, all rows of one, and to be filled with them."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from typing import Any, Protocol, TypeAlias

from storage.errors import Place

BATCH = 2_000  # rows that are in memory at a time
# Added to the schema version of a database into which another one is copied: every program refuses such a
# version, and an earlier one, which doesn't know this mark, takes it for that of a later one.
UNFINISHED = 1_000_000_000

Rows: TypeAlias = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table, its columns, those of its primary key, and the tables that its rows refer to."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    refers_to: frozenset[str]


@dataclass(frozen=True, slots=True)
class State:
    """What a database is before it is opened: its schema version, 0 if it's none, and whether it's used."""

    version: int
    is_used: bool

    @property
    def is_unfinished(self) -> bool:
        """Say whether a copy into it has begun and not ended well."""
        return self.version >= UNFINISHED


class Bulk(Protocol):
    """An engine's ways with whole tables; a `connection` is one of its own, in a transaction or reading."""

    def state_of(self, place: Any) -> State:
        """Return what a database is, in a session of its own; blocks. Raises StorageError."""

    def shown(self, place: Any) -> Place:
        """Return how a database is called: without a password."""

    def unmark(self, place: Any) -> None:
        """Take the mark of an unfinished copy from a closed database; blocks. Raises StorageError."""

    async def mark(self, connection: Any, *, unfinished: bool) -> None:
        """Mark a database as one whose copy is unfinished, or as whole."""

    async def tables(self, connection: Any) -> list[Table]:
        """Return every table of Broadsheet's, also those that only this engine has."""

    def rows(self, connection: Any, table: Table) -> AsyncIterator[Rows]:
        """Yield a table's rows by its key, some at a time: integers, floats, texts, bytes and None."""

    async def clear(self, connection: Any, tables: Iterable[Table]) -> None:
        """Empty tables, of which none is referred to by one before it, and the search index."""

    async def fill(self, connection: Any, table: Table, rows: AsyncIterator[Rows]) -> None:
        """Put rows into an empty table."""

    async def given_ids(self, connection: Any) -> dict[str, int]:
        """Return the highest id that was ever given, by table, where none is given twice."""

    async def settle(self, connection: Any, given: Mapping[str, int]) -> None:
        """Give new rows ids behind these, and behind all that there are."""


def in_order(tables: Iterable[Table]) -> list[Table]:
    """Return tables so that each comes after those that its rows refer to."""
    named = {table.name: table for table in tables}
    graph = {name: sorted((table.refers_to - {name}) & named.keys()) for name, table in sorted(named.items())}
    return [named[name] for name in TopologicalSorter(graph).static_order()]


def in_both(ours: Iterable[Table], theirs: Iterable[Table]) -> list[Table]:
    """Return those of their tables that are among ours, with the columns that both have."""
    columns = {table.name: set(table.columns) for table in ours}
    return [
        replace(table, columns=tuple(name for name in table.columns if name in columns[table.name]))
        for table in theirs
        if table.name in columns
    ]
