"""A database of an earlier release keeps its subscriptions."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pytest

from storage import memory, subscriptions, troubles
from storage.models import PlaceKind, Shown, SubscriptionState
from storage.sqlite.database import open_database
from storage.sqlite.inspection import inspect
from storage.sqlite.packing import unpack_key


def make(path: Path, version: int) -> None:
    """Make a database of an earlier schema that holds one subscription."""
    folder = resources.files("storage.sqlite.migrations")
    with closing(sqlite3.connect(path)) as connection:
        connection.create_function("unpack_key", 2, unpack_key)
        for name in sorted(file.name for file in folder.iterdir() if file.name[:4].isdecimal()):
            if int(name[:4]) <= version:
                connection.executescript(folder.joinpath(name).read_text("utf-8"))
        connection.execute("INSERT INTO topic (id, slug, name) VALUES (1, 'ai', 'AI')")
        connection.execute(
            "INSERT INTO subscription (topic_id, guild_id, channel_id, created_by, created_at, issue_time,"
            " zone, days, stories, min_quality, covered_to, next_at)"
            " VALUES (1, 2, 3, 4, 5, '09:00', 'UTC', '12345', 6, 7, 8, 9)"
        )
        connection.execute(f"PRAGMA user_version = {version:d}")
        connection.commit()


async def test_earlier_subscriptions_go_on_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "broadsheet.db"
    make(path, 2)
    async with open_database(path) as database, database.reading() as connection:
        (found,) = await connection.run(subscriptions.of_guild, 2)
    assert (found.kind, found.state, found.options.muted) == (
        PlaceKind.CHANNEL,
        SubscriptionState.ACTIVE,
        frozenset(),
    )
    assert (found.channel_id, found.options.publish, found.options.mention_role_id) == (3, False, None)


async def test_an_earlier_database_that_remembers_what_it_showed_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "broadsheet.db"
    make(path, 7)
    with closing(sqlite3.connect(path)) as connection:
        rows = [(1, 2, 3, 40, number) for number in range(10)]
        connection.executemany("INSERT INTO shown VALUES (?, ?, ?, ?, ?)", rows)
        connection.commit()
    assert inspect(path).faults == ()
    async with open_database(path) as database, database.reading() as reader:
        moved = await reader.execute_fetchall(
            "SELECT channel_id, pick_id, quality, delivery_id, topic_id FROM shown"
            " JOIN showing ON showing.id = showing_id ORDER BY delivery_id"
        )
        remembered = await reader.run(memory.recall, [3], [3])
    assert [tuple(row) for row in moved] == [(3, 3, 40, number, 1) for number in range(10)]
    assert remembered == {3: {Shown(frozenset({3}), 3, 40, "AI")}}
    assert inspect(path).faults == ()


async def test_of_what_makers_were_told_earlier_they_are_not_told_again(tmp_path: Path) -> None:
    path = tmp_path / "broadsheet.db"
    make(path, 9)
    reason = "unknown time zone: Mars/Olympus"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE subscription SET state = 'blocked', told = 1, reason = ?", (reason,))
        connection.commit()
    now = datetime(2026, 1, 5, tzinfo=UTC)
    async with open_database(path) as database, database.transaction() as connection:
        assert not await troubles.block(connection, 1, reason, now)
        assert await troubles.block(connection, 1, "the channel no longer exists", now)


async def test_an_earlier_subscription_keeps_its_topic_its_number_and_its_deliveries(tmp_path: Path) -> None:
    path = tmp_path / "broadsheet.db"
    make(path, 16)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE subscription SET muted = '[\"a.example\"]', told_kind = 'x', left_at = 7")
        connection.execute("UPDATE sqlite_sequence SET seq = 40 WHERE name = 'subscription'")
        connection.execute("INSERT INTO telling VALUES (1, 'x', 5)")
        connection.execute("INSERT INTO showing VALUES (1, 3, 40, 60)")
        connection.execute("INSERT INTO showing_article VALUES (3, 1)")
        connection.execute(
            "INSERT INTO delivery (id, subscription_id, issue_date, issue_at, state, try_at)"
            " VALUES (6, 1, '2026-01-01', 60, 'sent', 0)"
        )
        connection.execute("INSERT INTO shown VALUES (3, 1, 6, 1)")
        connection.commit()
    async with open_database(path) as database:
        async with database.reading() as reader:
            (found,) = await reader.run(subscriptions.of_guild, 2)
            remembered = await reader.run(memory.recall, [3], [3])
            kept = [
                next(iter(await reader.execute_fetchall(f"SELECT count(*) FROM {table}")))[0]
                for table in ("delivery", "telling", "shown")
            ]
        async with database.transaction() as connection:
            added = await subscriptions.add(connection, replace(found, channel_id=4))
            with pytest.raises(sqlite3.IntegrityError):
                await subscriptions.add(connection, found)
    assert (found.id, found.subject.name, found.options.muted) == (1, "AI", frozenset({"a.example"}))
    assert remembered == {3: {Shown(frozenset({3}), 3, 40, "AI")}}
    assert (kept, added.id) == ([1, 1, 1], 41)
    assert inspect(path).faults == ()


OLD_ARTICLES = """
INSERT INTO provider VALUES (1, 'Quay', 'quay.example'), (2, 'Quay', 'www.quay.example'),
    (3, 'Bay', 'm.bay.example'), (4, 'Co', 'www.co.uk');
INSERT INTO story (id, articles, pick_id, first_at, newest_at) VALUES (5, 1, 11, 60, 60), (6, 1, 12, 60, 60);
INSERT INTO mention (id, digest, article_id, own, published_at, quality, provider_id, type, url, title,
    excerpt, addresses, raw) VALUES
    (1, x'01', 11, 1, 60, 40, 1, 'article', 'https://quay.example/a', 'A', '', x'0100000000000000', x''),
    (2, x'02', 12, 1, 60, 40, 2, 'article', 'https://www.quay.example/a', 'A', '',
        x'0200000000000000ffffffffffffffff', x'');
INSERT INTO article (id, story_id, origin_id, mention_id, address, published_at, quality, provider_id,
    removed, known_at) VALUES (11, 5, 5, 1, 1, 60, 40, 1, 0, 60), (12, 6, 6, 2, 2, 60, 40, 2, 0, 60),
    (13, 6, 6, NULL, 3, 60, 40, 3, 0, 60);
INSERT INTO seed_file VALUES (7, 'a.md', 10, 20, x'00', 'record');
INSERT INTO record VALUES (7, 'news', -1, 0, 0, 1, x'02000000', NULL);
INSERT INTO record_topic VALUES (7, 1);
UPDATE subscription SET muted = '["www.quay.example","quay.example","m.bay.example","other.example"]';
"""


async def test_an_earlier_database_knows_its_addresses_records_and_outlets(tmp_path: Path) -> None:
    path = tmp_path / "broadsheet.db"
    make(path, 11)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD_ARTICLES)
    async with open_database(path) as database, database.reading() as reader:

        async def rows(sql: str) -> list[tuple[object, ...]]:
            return [tuple(row) for row in await reader.execute_fetchall(sql)]

        assert await rows("SELECT key, article_id FROM address ORDER BY key") == [
            (-1, 12),
            (1, 11),
            (2, 12),
            (3, 13),
        ]
        assert await rows("SELECT * FROM total") == [(1, 2, 2)]
        assert await rows("SELECT * FROM record_topic") == [(7, 1)]
        assert await rows("SELECT id, name, domain FROM provider ORDER BY id") == [
            (1, "Quay", "quay.example"),
            (3, "Bay", "bay.example"),
            (4, "Co", "www.co.uk"),
        ]
        assert await rows("SELECT provider_id FROM mention UNION ALL SELECT provider_id FROM article") == [
            *[(1,)] * 4,
            (3,),
        ]
        (found,) = await reader.run(subscriptions.of_guild, 2)
    assert found.options.muted == {"quay.example", "bay.example", "other.example"}
    assert inspect(path).faults == ()
