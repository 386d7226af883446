"""Whole tables of SQLite's, for copying a database: see storage/bulk.py."""

import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from storage.bulk import BATCH, UNFINISHED, Rows, State, Table
from storage.errors import InUseError, NotADatabaseError, NotAFileError
from storage.search import rebuild
from storage.sqlite.copying import sqlite_uri
from storage.sqlite.lock import out_of_use
from storage.sqlite.schema import newest_version, version_of

if TYPE_CHECKING:
    from storage.sqlite.database import Connection, Reader

# All of ours are strict, those that keep the search index aren't.
_TABLES = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict AND name <> 'rebuild'"
_COLUMNS = "SELECT name, pk FROM pragma_table_info(?) ORDER BY name"
_COUNTED = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '% AUTOINCREMENT%'"


def state_of(path: Path) -> State:
    """Return what the database of a file is, and whether anybody uses it; raises StorageError."""
    if not path.exists():
        return State(0, is_used=False)
    if not path.is_file():
        raise NotAFileError(path)
    try:
        with closing(sqlite3.connect(sqlite_uri(path, "ro"), uri=True)) as connection:
            version = version_of(connection)
    except sqlite3.DatabaseError as error:
        raise NotADatabaseError(path, str(error)) from error
    try:
        with out_of_use(path):
            return State(version, is_used=False)
    except InUseError:
        return State(version, is_used=True)


def shown(path: Path) -> Path:
    """Return how a database is called."""
    return path


def unmark(path: Path) -> None:
    """Take the mark of an unfinished copy from a file that nobody has open."""
    with closing(sqlite3.connect(sqlite_uri(path, "rw"), uri=True)) as connection:
        connection.execute(f"PRAGMA user_version = {version_of(connection) - UNFINISHED:d}")


async def mark(connection: "Connection", *, unfinished: bool) -> None:
    """Mark a database as one whose copy is unfinished, or as whole."""
    version = newest_version() + UNFINISHED * unfinished
    await connection.execute(f"PRAGMA user_version = {version:d}")


async def tables(connection: "Connection") -> list[Table]:
    """Return every table but those that keep the search index."""
    return await connection.run(_tables)


def _tables(reader: "Reader") -> list[Table]:
    found = []
    for (name,) in reader.execute(_TABLES).fetchall():
        columns = reader.execute(
            "SELECT name, pk FROM pragma_table_info(?) ORDER BY name", (name,)
        ).fetchall()
        referred = reader.execute('SELECT "table" FROM pragma_foreign_key_list(?)', (name,))
        found.append(
            Table(
                name,
                tuple(column for column, _ in columns),
                tuple(column for _, column in sorted((place, column) for column, place in columns if place)),
                frozenset(row[0] for row in referred),
            )
        )
    return found


async def rows(connection: "Connection", table: Table) -> AsyncIterator[Rows]:
    """Yield a table's rows, some at a time."""

    def select(reader: "Reader") -> sqlite3.Cursor:
        order = f" ORDER BY {', '.join(table.key)}" if table.key else ""
        cursor = reader.cursor()
        cursor.row_factory = None
        return cursor.execute(f"SELECT {', '.join(table.columns)} FROM {table.name}{order}")

    cursor = await connection.run(select)
    while batch := await connection.run(lambda _: cursor.fetchmany(BATCH)):
        yield batch


async def clear(connection: "Connection", tables: Iterable[Table]) -> None:
    """Empty tables and the search index."""
    await connection.execute("PRAGMA defer_foreign_keys = ON")  # rows of a table may refer to each other
    for table in tables:
        await connection.execute(f"DELETE FROM {table.name}")
    await rebuild.switch_if_needless(connection)
    await connection.execute("INSERT INTO article_search (article_search) VALUES ('delete-all')")


async def fill(connection: "Connection", table: Table, rows: AsyncIterator[Rows]) -> None:
    """Put rows into an empty table."""
    await connection.execute("PRAGMA defer_foreign_keys = ON")
    places = ", ".join("?" * len(table.columns))
    async for batch in rows:
        await connection.executemany(
            f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({places})", batch
        )


async def given_ids(connection: "Connection") -> dict[str, int]:
    """Return the highest id that was ever given, by table, where none is given twice."""
    return {row[0]: row[1] for row in await connection.execute_fetchall("SELECT * FROM sqlite_sequence")}


async def settle(connection: "Connection", given: Mapping[str, int]) -> None:
    """Give new rows ids behind these, and behind all that there are."""
    counted = {row[0] for row in await connection.execute_fetchall(_COUNTED)}
    there = await given_ids(connection)
    highest = {
        name: max(given.get(name, 0), there.get(name, 0)) for name in counted & (given.keys() | there.keys())
    }
    await connection.execute("DELETE FROM sqlite_sequence")
    await connection.executemany("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", highest.items())
