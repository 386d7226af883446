"""Turns: however many take them, and however many at a time, they come one after the other."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import turns
from storage.engine import Database
from storage.sqlite.database import open_database

NOW = datetime(2026, 3, 10, 9, 0, 0, 250_000, tzinfo=UTC)
EVERY = timedelta(milliseconds=20)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "broadsheet.db") as opened:
        yield opened


async def take(database: Database, n: int = 1, now: datetime = NOW, name: str = "rest") -> float:
    async with database.transaction() as connection:
        return await turns.take(connection, name, EVERY, n, now)


async def test_turns_follow_each_other(database: Database) -> None:
    waits = [await take(database, n) for n in (1, 4, 4, 1)]
    assert waits == pytest.approx([0, 0.02, 0.1, 0.18])


async def test_turns_that_nobody_took_are_not_made_up_for(database: Database) -> None:
    await take(database, 4)
    later = NOW + timedelta(seconds=1)
    assert [await take(database, now=later) for _ in range(2)] == pytest.approx([0, 0.02])


async def test_turns_of_another_name_are_others(database: Database) -> None:
    await take(database, 4)
    assert await take(database, name="identify:0") == 0


async def test_a_turn_given_by_a_clock_that_was_far_ahead_keeps_nobody_waiting(database: Database) -> None:
    await take(database, now=NOW + timedelta(days=1))
    assert await take(database) == 0
