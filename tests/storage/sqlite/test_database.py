"""The database file: opening and migrating it, transactions, and what readers see of them."""

import asyncio
import inspect
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest

from storage.engine import Connection
from storage.errors import ForeignDatabaseError, NewerSchemaError, StorageError, UnusableError
from storage.sqlite.database import LOG_KEPT, Database, open_database
from tests.build import write_seed

ADD = "INSERT INTO topic (slug, name) VALUES (?, ?)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "broadsheet.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    async with open_database(path) as opened:
        yield opened


async def slugs(connection: Connection) -> list[str]:
    rows = await connection.execute_fetchall("SELECT slug FROM topic ORDER BY id")
    return [row["slug"] for row in rows]


async def stored(database: Database) -> list[str]:
    async with database.reading() as connection:
        return await slugs(connection)


def pragma(path: Path, name: str) -> object:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]
    finally:
        connection.close()


async def test_a_new_database_is_made_with_its_folder(database: Database) -> None:
    assert database.path.is_file()
    assert await stored(database) == []


async def test_a_database_writes_ahead_so_that_readers_go_on(database: Database) -> None:
    assert pragma(database.path, "journal_mode") == "wal"


async def test_opening_waits_for_no_writer(path: Path, database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(ADD, ("ai", "AI"))
        async with asyncio.timeout(5), open_database(path) as other:
            assert await stored(other) == []


async def test_a_database_is_migrated_once_and_keeps_its_content(path: Path) -> None:
    async with open_database(path) as database, database.transaction() as connection:
        await connection.execute(ADD, ("ai", "AI"))
    version, schema = pragma(path, "user_version"), pragma(path, "schema_version")
    assert isinstance(version, int)
    assert version >= 1
    async with open_database(path) as database:
        assert await stored(database) == ["ai"]
    assert (pragma(path, "user_version"), pragma(path, "schema_version")) == (version, schema)


async def test_several_programs_may_open_a_database_at_once(path: Path) -> None:
    async def open_and_read() -> list[str]:
        async with open_database(path) as database:
            return await stored(database)

    await open_and_read()
    assert await asyncio.gather(*(open_and_read() for _ in range(4))) == [[]] * 4


async def test_a_database_that_another_program_is_making_is_waited_for(path: Path) -> None:
    async def open_and_read() -> list[str]:
        async with open_database(path) as database:
            return await stored(database)

    path.parent.mkdir()
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        opening = asyncio.create_task(open_and_read())
        await asyncio.sleep(0.3)
        connection.execute("COMMIT")
        assert await opening == []
    finally:
        connection.close()


def content(path: Path) -> str:
    return path.read_text(encoding="utf-8")


async def refusal(path: Path) -> StorageError:
    with pytest.raises(StorageError) as raised:
        async with open_database(path):
            pass
    # aiosqlite's thread speaks to the event loop once more after a connection failed.
    for thread in set(threading.enumerate()) - {threading.current_thread()}:
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5)
    return raised.value


async def test_a_newer_database_is_refused_with_what_to_do(path: Path) -> None:
    async with open_database(path):
        pass
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    newer = await refusal(path)
    assert isinstance(newer, NewerSchemaError)
    assert (newer.path, newer.version) == (path, 999)
    assert pragma(path, "user_version") == 999


async def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    words = "These are words. " * 500
    write_seed(path.parent, path.name, words)
    assert isinstance(await refusal(path), UnusableError)
    assert content(path) == words


async def test_a_folder_in_place_of_the_database_is_refused(tmp_path: Path) -> None:
    unusable = await refusal(tmp_path)
    assert isinstance(unusable, UnusableError)
    assert unusable.path == tmp_path


async def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    assert isinstance(await refusal(tmp_path / "data" / "broadsheet.db"), UnusableError)


async def test_a_database_of_another_program_is_refused(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE topic (something_else)")
    connection.close()
    for version in (0, 3, 8):
        connection = sqlite3.connect(path)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.close()
        assert isinstance(await refusal(path), ForeignDatabaseError)
        assert pragma(path, "journal_mode") == "delete"
        assert pragma(path, "user_version") == version


def test_what_run_is_built_on_is_what_aiosqlite_calls_everything_with() -> None:
    # Connection.run() uses a protected method; if aiosqlite renames it, this says why everything else fails.
    called = inspect.getsource(aiosqlite.Connection.execute) + inspect.getsource(aiosqlite.Connection.commit)
    assert called.count("self._execute(self._conn.") == 2
    method = inspect.signature(aiosqlite.Connection._execute)  # noqa: SLF001
    assert list(method.parameters) == ["self", "fn", "args", "kwargs"]


async def test_the_log_of_a_big_load_is_given_back(path: Path, database: Database) -> None:
    log = path.with_name("broadsheet.db-wal")
    async with database.transaction() as connection:
        await connection.executemany(
            "INSERT INTO edition (content) VALUES (?)", [("x" * 1_000_000,) for _ in range(20)]
        )
    assert log.stat().st_size > 20_000_000
    await database.probe()  # the next write, which the bot does every few seconds
    assert log.stat().st_size <= LOG_KEPT
