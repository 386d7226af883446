"""A database of before retention keeps everything, above all what was shown."""

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.memory import recall
from storage.models import Shown
from storage.sqlite.database import open_database
from tests.build import ROOT

MIGRATIONS = ROOT / "storage" / "sqlite" / "migrations"


def write_old(path: Path) -> None:
    """Write a database of schema version 2, where two deliveries showed a story each, one in vain."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for name in ("0001_initial.sql", "0002_editions.sql"):
            connection.executescript((MIGRATIONS / name).read_text("utf-8"))
        connection.execute("INSERT INTO topic (id, slug, name) VALUES (1, 'ai', 'AI')")
        connection.execute(
            "INSERT INTO subscription (id, topic_id, guild_id, channel_id, created_by, created_at,"
            " issue_time, zone, days, stories, min_quality, covered_to, next_at)"
            " VALUES (1, 1, 1, 1, 1, 0, '09:00', 'UTC', '1234567', 5, 0, 0, 0)"
        )
        for number, state in ((1, "sent"), (2, "failed")):
            connection.execute(
                "INSERT INTO delivery (id, subscription_id, issue_date, issue_at, state, try_at)"
                " VALUES (?, 1, ?, 0, ?, 0)",
                (number, str(number), state),
            )
            connection.execute("INSERT INTO shown VALUES (1, ?, ?, 50, ?)", (number, number + 10, number))
        connection.execute("PRAGMA user_version = 2")


async def test_what_was_shown_is_remembered_through_the_migration(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    write_old(path)
    async with open_database(path) as database, database.reading() as connection:
        remembered = await connection.run(recall, [1], [11, 12])
        assert remembered == {1: {Shown(frozenset({11}), 11, 50, "AI")}}
        rows = await connection.execute_fetchall("SELECT count(*) FROM shown")
        assert next(iter(rows))[0] == 2
        assert list(await connection.execute_fetchall("PRAGMA foreign_key_check")) == []
