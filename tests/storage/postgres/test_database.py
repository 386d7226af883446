"""A database of a PostgreSQL server's: opening and migrating it, and a server that goes and comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import psycopg
import pytest

from storage.engine import Database, scalar
from storage.errors import (
    ForeignDatabaseError,
    NewerSchemaError,
    ReloadRunningError,
    UnreachableError,
    UnusableError,
    UnwritableError,
)
from storage.postgres.database import READERS, open_database
from storage.postgres.migrate import newest_version
from tests.cluster import Cluster

ADD = "INSERT INTO topic (slug, name) VALUES (?, ?)"


@pytest.fixture
def url(cluster: Cluster) -> str:
    return cluster.url(cluster.add())


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with open_database(url) as opened:
        yield opened


async def slugs(database: Database) -> list[str]:
    async with database.reading() as connection:
        return [row["slug"] for row in await connection.execute_fetchall("SELECT slug FROM topic")]


async def lose_sessions(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_two_programs_that_open_a_new_database_migrate_it_once(url: str) -> None:
    async def open_it() -> int:
        async with open_database(url) as database, database.reading() as connection:
            return int(await connection.run(scalar, "SELECT version FROM schema_version"))

    assert await asyncio.gather(*(open_it() for _ in range(4))) == [newest_version()] * 4


async def test_a_newer_database_is_refused_and_left_alone(url: str) -> None:
    async with open_database(url) as database, database.transaction() as connection:
        await connection.execute("UPDATE schema_version SET version = 999")
    with pytest.raises(NewerSchemaError) as raised:
        await asyncio.wait_for(open_database(url).__aenter__(), 10)
    assert (raised.value.version, raised.value.newest) == (999, newest_version())


async def test_another_programs_database_is_refused_and_left_alone(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE topic (something_else text)")
    with pytest.raises(ForeignDatabaseError):
        await open_database(url).__aenter__()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anybody:very-secret@127.0.0.1:1/none",
        "postgresql://anybody:very-secret@127.0.0.1:1/none?port=x",
        "postgresql://anybody:very-secret@/none?sslmode=very-secret&host=/nowhere",
        "postgresql://anybody:very-secret@[::1/none",
        "postgresql://anybody:very-secret@/none?unheard=of",
    ],
)
async def test_no_error_tells_the_password(url: str) -> None:
    with pytest.raises((UnreachableError, UnusableError)) as raised:
        await open_database(url).__aenter__()
    assert "very-secret" not in repr(raised.value)


async def test_what_reads_and_writes_goes_on_after_the_server_was_gone(url: str, database: Database) -> None:
    async with AsyncExitStack() as stack:  # all connections have been used
        for _ in range(READERS):
            await stack.enter_async_context(database.reading())
    await lose_sessions(url)
    async with database.transaction() as connection:
        await connection.execute(ADD, ("ai", "AI"))
    for _ in range(READERS + 1):
        assert await slugs(database) == ["ai"]


async def test_what_is_written_while_the_server_goes_away_is_not_stored(url: str, database: Database) -> None:
    async def write() -> None:
        async with database.transaction() as connection:
            await connection.execute(ADD, ("ai", "AI"))
            await lose_sessions(url)
            await connection.execute(ADD, ("cv", "CV"))

    with pytest.raises(UnreachableError):
        await write()
    assert await slugs(database) == []


async def test_what_follows_in_a_transaction_that_was_lost_is_not_stored_either(
    url: str, database: Database
) -> None:
    async def write() -> None:
        async with database.transaction() as connection:
            await lose_sessions(url)
            with suppress(psycopg.Error):
                await connection.execute(ADD, ("ai", "AI"))
            await connection.execute(ADD, ("cv", "CV"))

    with pytest.raises(UnreachableError):
        await write()
    assert await slugs(database) == []


async def test_a_statement_that_fails_unheard_keeps_the_whole_from_being_stored(database: Database) -> None:
    async def write() -> None:
        async with database.transaction() as connection:
            await connection.execute(ADD, ("ai", "AI"))
            with suppress(psycopg.Error):
                await connection.execute(ADD, ("ai", "AI"))

    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        await write()
    assert await slugs(database) == []


async def test_what_is_read_while_the_server_goes_away_fails_with_one_clear_error(
    url: str, database: Database
) -> None:
    async def read() -> None:
        async with database.reading() as connection:
            await lose_sessions(url)
            await connection.execute_fetchall("SELECT 1")

    with pytest.raises(UnreachableError):
        await read()
    assert await slugs(database) == []


async def test_a_server_that_only_reads_says_so(cluster: Cluster) -> None:
    name = cluster.add()
    async with open_database(cluster.url(name)):
        pass
    cluster.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    async with open_database(cluster.url(name)) as database:
        with pytest.raises(UnwritableError):
            await database.probe()
        assert await slugs(database) == []


async def test_nobody_waits_for_a_connection_longer_than_two_seconds(database: Database) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(READERS):
            await stack.enter_async_context(database.reading())
        with pytest.raises(UnreachableError):
            await slugs(database)
    assert await slugs(database) == []


async def test_one_reload_runs_at_a_time_in_whatever_process(url: str, database: Database) -> None:
    async with open_database(url) as other:

        async def seen() -> tuple[int, int]:
            with pytest.raises(ReloadRunningError) as raised:
                await other.only_reload().__aenter__()
            return raised.value.done, raised.value.files

        async with database.only_reload() as note, asyncio.timeout(10):
            note(3, 20)  # nobody waits until the server knows
            while await seen() != (3, 20):
                pass
        async with other.only_reload():
            pass


async def test_a_text_with_a_nul_is_stored_without_it(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(ADD, ("a\0b", "AB"))
    assert await slugs(database) == ["a\ufffdb"]


async def test_the_size_is_that_of_the_whole_database(database: Database) -> None:
    assert await database.size() > 1_000_000
    await database.probe()
    await database.shrink()
