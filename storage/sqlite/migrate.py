"""Bring a database to the program's schema: numbered SQL files, each applied once."""

import sqlite3
from collections.abc import Set
from importlib import resources
from pathlib import Path

import aiosqlite

from storage.errors import ForeignDatabaseError, NewerSchemaError
from storage.sqlite.packing import unpack_key

OURS = frozenset({"record", "subscription", "delivery"})  # tables that every schema has


def _migrations() -> list[tuple[int, str]]:
    """Return (version, SQL) of every migration, oldest first."""
    files = [
        file for file in resources.files("storage.sqlite.migrations").iterdir() if file.name.endswith(".sql")
    ]
    return sorted((int(file.name.split("_")[0]), file.read_text("utf-8")) for file in files)


def newest_version() -> int:
    """Return the schema version that this program brings databases to."""
    return _migrations()[-1][0]


async def require_ours(connection: aiosqlite.Connection, path: Path) -> None:
    """Raise ForeignDatabaseError if a database is another program's; an empty one is anybody's."""
    # One statement sees one moment: another process may be making the database just now.
    rows = await connection.execute_fetchall(
        "SELECT user_version, name FROM pragma_user_version LEFT JOIN sqlite_master"
    )
    found = list(rows)
    tables = {row["name"] for row in found} - {None}
    if not is_ours(found[0]["user_version"], tables) and (tables or found[0]["user_version"]):
        raise ForeignDatabaseError(path)


def is_ours(version: int, tables: Set[str]) -> bool:
    """Say whether a database with this schema version and these tables is one of Broadsheet's."""
    return version > 0 and tables >= OURS


async def migrate(connection: aiosqlite.Connection, path: Path) -> None:
    """Apply the missing migrations, each in one transaction together with its version.

    The version is SQLite's `user_version`. Raises NewerSchemaError if the database is newer
    than the program.
    """
    migrations = _migrations()
    newest = migrations[-1][0]
    version = await _version(connection)
    if version > newest:
        raise NewerSchemaError(path, version, newest)
    await connection.create_function("unpack_key", 2, unpack_key, deterministic=True)
    # A table that is made anew must not take along what refers to it, as dropping it would.
    await connection.execute("PRAGMA foreign_keys = OFF")
    for number, sql in migrations:
        if number > version:
            await _apply(connection, number, sql)
    await connection.execute("PRAGMA foreign_keys = ON")


async def _version(connection: aiosqlite.Connection) -> int:
    async with connection.execute("PRAGMA user_version") as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _apply(connection: aiosqlite.Connection, number: int, sql: str) -> None:
    # Two processes may start at once, so the version is read again inside the transaction.
    await connection.execute("BEGIN IMMEDIATE")
    try:
        if await _version(connection) < number:
            for statement in _statements(sql):
                await connection.execute(statement)
            await connection.execute(f"PRAGMA user_version = {number:d}")
        await connection.execute("COMMIT")
    except BaseException:
        await connection.execute("ROLLBACK")
        raise


def _statements(sql: str) -> list[str]:
    """Split a script where SQLite says a statement is complete; executescript() would commit."""
    statements: list[str] = []
    current = ""
    for line in sql.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return statements
