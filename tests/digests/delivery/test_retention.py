"""Old deliveries and their reasons are forgotten, and what was shown once it can't return."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digests.delivery.retention import DELETE_BATCH, Forgotten, forget_old
from storage import memory, retention
from storage.engine import Connection, Database
from storage.memory import recall
from storage.models import Shown
from tests.databases import OpenNew

NOW = datetime(2026, 1, 4, 8, tzinfo=UTC)
OLD = int((NOW - timedelta(days=366)).timestamp())
CHANNEL = 1
RECENT = int((NOW - timedelta(days=364)).timestamp())


async def fill(connection: Connection) -> None:
    """Add a topic and a subscription, with the ids 1."""
    await connection.execute("INSERT INTO topic (id, slug, name) VALUES (1, 'ai', 'AI')")
    await connection.execute(
        "INSERT INTO subscription (id, guild_id, channel_id, created_by, created_at, issue_time,"
        " zone, days, stories, min_quality, covered_to, next_at)"
        " VALUES (1, 1, 1, 1, 0, '09:00', 'UTC', '1234567', 5, 0, 0, 0)"
    )


async def deliver(
    connection: Connection, number: int, issue_at: int, state: str = "sent", story: int | None = None
) -> None:
    """Add a delivery with an edition of its own, which showed a story."""
    await connection.execute("INSERT INTO edition (id, content) VALUES (?, '{}')", (number,))
    await connection.execute(
        "INSERT INTO delivery (id, subscription_id, issue_date, issue_at, state, edition_id, try_at)"
        " VALUES (?, 1, ?, ?, ?, ?, 0)",
        (number, str(number), issue_at, state, number),
    )
    article_id, shown_at = story or number, datetime.fromtimestamp(issue_at, UTC)
    (showing,) = await memory.add(connection, [shown(article_id)], shown_at)
    await memory.remember(connection, [memory.Memory(CHANNEL, showing, number, 1)])


def shown(article_id: int) -> Shown:
    """Return what the place remembers of a chapter of one article."""
    return Shown(frozenset({article_id}), article_id, 50, "AI")


async def ids(database: Database, table: str) -> list[int]:
    async with database.reading() as connection:
        return [row[0] for row in await connection.execute_fetchall(f"SELECT id FROM {table} ORDER BY id")]


async def test_old_deliveries_go_with_their_reasons(
    tmp_path: Path,
    open_new: OpenNew,
) -> None:
    async with open_new(tmp_path / "b.db") as database:
        async with database.transaction() as connection:
            await fill(connection)
            await deliver(connection, 1, OLD)
            await deliver(connection, 2, RECENT)
            await deliver(connection, 3, OLD, "pending")
            await deliver(connection, 4, OLD, "failed", story=40)
        assert await forget_old(database, NOW) == Forgotten(
            subscriptions=0, deliveries=2, editions=2, shown=3, listings=0
        )
        assert await ids(database, "delivery") == [2, 3]
        assert await ids(database, "edition") == [2, 3]


async def test_what_was_shown_is_forgotten_once_no_window_can_reach_it(
    tmp_path: Path, open_new: OpenNew
) -> None:
    days = {1: 38, 2: 33, 3: 38, 4: 38}
    async with open_new(tmp_path / "b.db") as database:
        async with database.transaction() as connection:
            await fill(connection)
            await connection.execute("INSERT INTO story (id) VALUES (1), (2), (3), (4)")
            for number, age in days.items():
                await deliver(connection, number, int((NOW - timedelta(days=age)).timestamp()))
                await publish(connection, number, number, age)
            await publish(connection, 13, 3, 36)  # its chapter goes on until a window can reach it
            await publish(connection, 14, 4, 20)  # after a silence: another chapter
        await forget_old(database, NOW)
        async with database.reading() as connection:
            remembered = await connection.run(recall, [CHANNEL], days)
        assert remembered == {CHANNEL: {shown(2), shown(3)}}
        assert await ids(database, "showing") == [2, 3]


async def publish(connection: Connection, article_id: int, story_id: int, age: int) -> None:
    """Add an article of a story, published so many days ago."""
    await connection.execute(
        "INSERT INTO provider (id, name, domain) VALUES (1, 'One', 'one.example') ON CONFLICT DO NOTHING"
    )
    published = int((NOW - timedelta(days=age)).timestamp())
    await connection.execute(
        "INSERT INTO article (id, story_id, origin_id, mention_id, address, published_at, quality,"
        " provider_id, removed, known_at) VALUES (?, ?, ?, ?, ?, ?, 50, 1, FALSE, 0)",
        (article_id, story_id, story_id, article_id, article_id, published),
    )


async def test_how_long_deliveries_are_kept_can_be_set(tmp_path: Path, open_new: OpenNew) -> None:
    async with open_new(tmp_path / "b.db") as database:
        async with database.transaction() as connection:
            await fill(connection)
            await deliver(connection, 1, OLD)
            await deliver(connection, 2, RECENT)
        await forget_old(database, NOW, timedelta(days=400))
        assert await ids(database, "delivery") == [1, 2]


async def test_the_last_delivery_of_a_subscription_is_kept_with_its_reasons(
    tmp_path: Path, open_new: OpenNew
) -> None:
    async with open_new(tmp_path / "b.db") as database:
        async with database.transaction() as connection:
            await fill(connection)
            for number in (1, 2, 3):
                await deliver(connection, number, OLD)
        await forget_old(database, NOW)
        assert await ids(database, "delivery") == await ids(database, "edition") == [3]


async def test_much_is_forgotten_in_small_steps_between_which_others_write(
    tmp_path: Path, open_new: OpenNew, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[int] = []
    original = retention.forget_deliveries

    async def counted(connection: Connection, before: datetime, most: int) -> int:
        steps.append(await original(connection, before, most))
        return steps[-1]

    monkeypatch.setattr(retention, "forget_deliveries", counted)
    async with open_new(tmp_path / "b.db") as database:
        async with database.transaction() as connection:
            await fill(connection)
            for number in range(1, 2 * DELETE_BATCH + 11):
                await deliver(connection, number, OLD)
            await deliver(connection, 2 * DELETE_BATCH + 11, RECENT)
        after = 0

        async def write() -> None:
            nonlocal after
            async with database.transaction() as connection:
                await connection.execute("INSERT INTO topic (id, slug, name) VALUES (2, 'cv', 'CV')")
            after = len(steps)

        await asyncio.gather(forget_old(database, NOW), write())
        assert steps == [DELETE_BATCH, DELETE_BATCH, 10]
        assert after < len(steps)
        assert await ids(database, "delivery") == await ids(database, "edition") == [2 * DELETE_BATCH + 11]


@pytest.mark.sqlite
async def test_the_space_of_what_is_forgotten_is_given_back(tmp_path: Path, open_new: OpenNew) -> None:
    path = tmp_path / "b.db"
    async with open_new(path) as database:
        async with database.transaction() as connection:
            await fill(connection)
            await deliver(connection, 1, OLD)
            await connection.execute("UPDATE edition SET content = ?", ("x" * 8_000_000,))
            await deliver(connection, 2, RECENT)
        await forget_old(database, NOW)
        async with database.reading() as connection:
            rows = await connection.execute_fetchall("PRAGMA freelist_count")
        assert next(iter(rows))[0] == 0
