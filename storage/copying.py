"""Copying a database into another one, whichever engines have them: the same rows under the same ids.

All of it is one transaction of the target's. Before that begins the target is marked, and it stays so until
both were compared: what was killed in between, or is not the same, is not taken for a database.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, TypeAlias

from storage.bulk import Bulk, Rows, Table, in_both, in_order
from storage.dialect import dialect_of
from storage.engine import Connection, Database, ReadConnection, scalar
from storage.errors import (
    CopiedToItselfError,
    NothingToCopyError,
    Place,
    SourceInUseError,
    TargetInUseError,
    TargetSubscribedError,
)
from storage.opening import bulk_of, open_database
from storage.search import vocabulary

# What is made of the articles anew.
MADE_ANEW = ("vocabulary", "new_word")
INDEXED = 1_000  # articles that go into the search index at a time
MODULUS = 2**64

Show: TypeAlias = Callable[[int, int], None]  # called with steps done, and steps


@dataclass(slots=True)
class Tally:
    """How many rows there are, and a number that says what is in them, in whatever order and engine."""

    rows: int = 0
    checksum: int = 0  # the sum of the rows' hashes, so that equal rows count as often as they are there

    def add(self, rows: Rows) -> None:
        """Count more rows."""
        self.rows += len(rows)
        self.checksum = (self.checksum + sum(map(_hash, rows))) % MODULUS

    @property
    def told(self) -> str:
        """The checksum as it is shown: 16 digits."""
        return f"{self.checksum:016x}"


@dataclass(frozen=True, slots=True)
class TableCopy:
    """A table as it was read, and as it stands in the target."""

    name: str
    source: Tally = field(default_factory=Tally)
    target: Tally = field(default_factory=Tally)

    @property
    def is_same(self) -> bool:
        """Say whether all rows arrived as they are."""
        return self.source == self.target


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy did: from where, to where, without passwords, and every table."""

    source: Place
    target: Place
    tables: tuple[TableCopy, ...]


async def copy_database(
    source: Place, target: Place, *, force: bool, live: bool, on_progress: Show = lambda _, __: None
) -> Copied:
    """Replace what is in `target` by what is in `source` at one moment, then compare the two.

    `live` copies a source that is in use, `force` into a target that has subscriptions. Where the two differ
    in the end the target stays marked as unfinished. Raises StorageError.
    """
    one, other = bulk_of(source), bulk_of(target)
    if _is_one(source, target) or one.shown(source) == other.shown(target):
        raise CopiedToItselfError(one.shown(source))
    found = await asyncio.to_thread(one.state_of, source)
    if not found.version:
        raise NothingToCopyError(one.shown(source))
    if found.is_used and not live:
        raise SourceInUseError(one.shown(source))
    async with open_database(source) as database, database.reading() as reading:
        # Asked only now: by another URL the target may be the source.
        there = await asyncio.to_thread(other.state_of, target)
        if there.is_used:
            raise TargetInUseError(other.shown(target))
        if there.is_unfinished:
            await asyncio.to_thread(other.unmark, target)
        async with open_database(target) as copy:
            async with copy.transaction() as connection:
                if not (force or there.is_unfinished) and await connection.run(_is_subscribed):
                    raise TargetSubscribedError(other.shown(target))
                await other.mark(connection, unfinished=True)
            tables = await _copy(reading, one, other, copy, on_progress)
            if all(table.is_same for table in tables):
                async with copy.transaction() as connection:
                    await other.mark(connection, unfinished=False)
    return Copied(one.shown(source), other.shown(target), tuple(tables))


def _is_one(source: Place, target: Place) -> bool:
    """Say whether two paths lead to one file."""
    if isinstance(source, str) or isinstance(target, str):
        return False
    return source.exists() and target.exists() and source.samefile(target)


async def _copy(
    connection: Connection, one: Bulk, other: Bulk, copy: Database, on_progress: Show
) -> list[TableCopy]:
    """Copy what both have, of which `connection` reads one, then read it again."""
    ours = await one.tables(connection)
    async with copy.transaction() as writing:
        theirs = in_order(await other.tables(writing))
        tables = [each for each in in_both(ours, theirs) if not each.name.startswith(MADE_ANEW)]
        copies = [TableCopy(each.name) for each in tables]
        steps = _Steps(2 * sum([await connection.run(_count, each) for each in tables]), on_progress)
        await other.clear(writing, theirs[::-1])
        for table, copied in zip(tables, copies, strict=True):
            await other.fill(writing, table, _counted(one.rows(connection, table), copied.source, steps))
        await other.settle(writing, await one.given_ids(connection))
        await _index(writing)
    async with copy.reading() as again:
        for table, copied in zip(tables, copies, strict=True):
            async for _ in _counted(other.rows(again, table), copied.target, steps):
                pass
    return copies


async def _counted(rows: AsyncIterator[Rows], tally: Tally, steps: "_Steps") -> AsyncIterator[Rows]:
    """Yield rows as they come, and count them."""
    async for batch in rows:
        tally.add(batch)
        yield batch
        steps.go(len(batch))


async def _index(connection: Connection) -> None:
    """Put every article into the search index, and all words into the vocabulary."""
    last = 0
    while ids := await connection.run(_articles, last):
        await dialect_of(connection).search.add(connection, ids)
        last = ids[-1]
    await vocabulary.refresh(connection)


class _Steps:
    """How many steps are done, of how many."""

    def __init__(self, steps: int, on_progress: Show) -> None:
        self._done, self._steps, self._on_progress = 0, steps, on_progress

    def go(self, steps: int) -> None:
        """Tell that more steps are done."""
        self._done += steps
        self._on_progress(self._done, self._steps)


def _hash(row: tuple[Any, ...]) -> int:
    """Return a number of 64 bits for a row."""
    told = repr(row)
    if "\\x00" in told:  # in a text, PostgreSQL keeps none
        told = repr(tuple(each.replace("\0", "\ufffd") if isinstance(each, str) else each for each in row))
    return int.from_bytes(blake2b(told.encode(), digest_size=8).digest(), "little")


def _is_subscribed(reader: ReadConnection) -> bool:
    return scalar(reader, "SELECT 1 FROM subscription LIMIT 1") is not None


def _count(reader: ReadConnection, table: Table) -> int:
    return int(scalar(reader, f"SELECT count(*) FROM {table.name}"))


def _articles(reader: ReadConnection, after: int) -> list[int]:
    rows = reader.execute("SELECT id FROM article_text WHERE id > ? ORDER BY id LIMIT ?", (after, INDEXED))
    return [row[0] for row in rows]
