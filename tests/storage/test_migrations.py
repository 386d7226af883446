"""A database of an earlier release keeps its subscriptions."""

import sqlite3
from contextlib import closing
from importlib import resources
from pathlib import Path

from storage import subscriptions
from storage.database import open_database
from storage.models import PlaceKind, SubscriptionState


async def test_earlier_subscriptions_go_on_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "broadsheet.db"
    folder = resources.files("storage.migrations")
    with closing(sqlite3.connect(path)) as connection:
        for name in ("0001_initial.sql", "0002_editions.sql"):
            connection.executescript(folder.joinpath(name).read_text("utf-8"))
        connection.execute("INSERT INTO topic (id, slug, name) VALUES (1, 'ai', 'AI')")
        connection.execute(
            "INSERT INTO subscription (topic_id, guild_id, channel_id, created_by, created_at, issue_time,"
            " zone, days, stories, min_quality, covered_to, next_at)"
            " VALUES (1, 2, 3, 4, 5, '09:00', 'UTC', '12345', 6, 7, 8, 9)"
        )
        connection.execute("PRAGMA user_version = 2")
        connection.commit()
    async with open_database(path) as database, database.reading() as reader:
        (found,) = await subscriptions.of_guild(reader, 2)
    assert (found.kind, found.state, found.muted) == (
        PlaceKind.CHANNEL,
        SubscriptionState.ACTIVE,
        frozenset(),
    )
    assert (found.channel_id, found.publish, found.mention_role_id) == (3, False, None)
