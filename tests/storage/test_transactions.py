"""What every engine promises: transactions, and what readers see of them."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.engine import Connection, Database, ReadConnection
from tests.databases import OpenNew

ADD = "INSERT INTO topic (slug, name) VALUES (?, ?)"


@pytest.fixture
async def database(tmp_path: Path, open_new: OpenNew) -> AsyncIterator[Database]:
    async with open_new(tmp_path / "broadsheet.db") as opened:
        yield opened


async def slugs(connection: Connection) -> list[str]:
    rows = await connection.execute_fetchall("SELECT slug FROM topic ORDER BY id")
    return [row["slug"] for row in rows]


async def stored(database: Database) -> list[str]:
    async with database.reading() as connection:
        return await slugs(connection)


async def test_a_transaction_is_stored(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(ADD, ("ai", "AI"))
    assert await stored(database) == ["ai"]


async def test_what_reads_runs_as_a_whole_beside_the_event_loop(database: Database) -> None:
    def thread_and_slugs(reader: ReadConnection, *, where: str) -> tuple[int, list[str]]:
        rows = reader.execute(f"SELECT slug FROM topic WHERE {where}").fetchall()
        return threading.get_ident(), [row["slug"] for row in rows]

    async with database.transaction() as connection:
        await connection.execute(ADD, ("ai", "AI"))
    async with database.reading() as connection:
        thread, found = await connection.run(thread_and_slugs, where="name = 'AI'")
    assert found == ["ai"]
    assert thread != threading.get_ident()


async def test_what_reads_may_fail_and_the_connection_goes_on(database: Database) -> None:
    def fail(_: ReadConnection) -> None:
        raise LookupError("nothing there")

    async with database.reading() as connection:
        with pytest.raises(LookupError, match="nothing there"):
            await connection.run(fail)
        assert await slugs(connection) == []


async def test_a_transaction_that_fails_stores_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as connection:
            await connection.execute(ADD, ("ai", "AI"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await stored(database) == []
    async with database.transaction() as connection:
        await connection.execute(ADD, ("cv", "CV"))
    assert await stored(database) == ["cv"]


async def test_a_transaction_whose_end_fails_stores_nothing(database: Database) -> None:
    async def point_to_nowhere() -> None:
        async with database.transaction() as connection:
            await connection.execute("INSERT INTO provider (id, name, domain) VALUES (1, '', '')")
            await connection.execute(ADD, ("ai", "AI"))
            await connection.execute(
                "INSERT INTO mention (id, digest, raw, article_id, addresses, own, published_at, quality,"
                " provider_id, type, url, title, excerpt)"
                " VALUES (1, :bytes, :bytes, 99, :bytes, 0, 0, 0, 1, '', '', '', '')",
                {"bytes": b"0"},
            )

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await point_to_nowhere()
    assert await stored(database) == []
    async with database.transaction() as connection:
        await connection.execute(ADD, ("cv", "CV"))


async def test_a_transaction_that_is_cancelled_stores_nothing(database: Database) -> None:
    begun = asyncio.Event()

    async def write_and_wait() -> None:
        async with database.transaction() as connection:
            await connection.execute(ADD, ("ai", "AI"))
            begun.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(write_and_wait())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await stored(database) == []
    async with database.transaction() as connection:
        await connection.execute(ADD, ("cv", "CV"))
    assert await stored(database) == ["cv"]


async def test_readers_never_see_half_a_change(database: Database) -> None:
    async with database.transaction() as writer:
        await writer.execute(ADD, ("ai", "AI"))
        assert await stored(database) == []
        await writer.execute(ADD, ("cv", "CV"))
        assert await stored(database) == []
    assert await stored(database) == ["ai", "cv"]


async def test_a_reader_sees_one_state_throughout(database: Database) -> None:
    async with database.reading() as reader:
        assert await slugs(reader) == []
        async with database.transaction() as writer:
            await writer.execute(ADD, ("ai", "AI"))
        assert await slugs(reader) == []
    assert await stored(database) == ["ai"]


async def test_transactions_come_one_after_the_other(database: Database) -> None:
    async def add(number: int) -> None:
        async with database.transaction() as connection:
            before = len(await slugs(connection))
            await asyncio.sleep(0)
            await connection.execute(ADD, (f"{before}", f"{number}"))

    await asyncio.gather(*(add(number) for number in range(20)))
    assert await stored(database) == [f"{number}" for number in range(20)]


async def test_more_readers_than_connections_wait_for_their_turn(database: Database) -> None:
    assert await asyncio.gather(*(stored(database) for _ in range(30))) == [[]] * 30


async def test_a_database_says_whether_anybody_reads(database: Database) -> None:
    assert not database.is_read
    async with database.reading():
        assert database.is_read
    assert not database.is_read


async def test_a_reader_cannot_write(database: Database) -> None:
    async with database.reading() as connection:
        with pytest.raises(Exception, match=r"read-?only"):
            await connection.execute(ADD, ("ai", "AI"))


async def test_references_are_kept(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        async with database.transaction() as connection:
            await connection.execute("INSERT INTO record_topic VALUES (1, 1)")
