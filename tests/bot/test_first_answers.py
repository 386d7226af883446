"""Every command and button has its first answer within a second, whoever holds the database.

The real bot is connected to the stand-in for Discord: over HTTP, answers can come while the bot waits.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, closing, suppress
from pathlib import Path
from time import monotonic
from typing import TypeAlias

import pytest

from bot.errors import unexpected
from bot.settings import Settings
from storage.engine import Database
from storage.sqlite.database import READERS
from storage.sqlite.database import Database as SqliteDatabase
from tests.conftest import Clock
from tests.databases import copy_database
from tests.pulse import pulse
from tests.tour import connected, everything, is_answered, payload

WITHIN = 1.0  # seconds for a first answer
HELD = 5.0  # seconds for which the database is held if something waits for it
EVERY = 0.02  # seconds between two interactions
Hold: TypeAlias = Callable[[Database], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def another_process_writes(database: Database) -> AsyncIterator[None]:
    """Hold the write lock from another connection."""
    assert isinstance(database, SqliteDatabase)
    with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
        async with database.transaction():
            pass  # what the bot is writing comes first
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@asynccontextmanager
async def all_connections_are_busy(database: Database) -> AsyncIterator[None]:
    """Hold the bot's own write lock, and read with each of its connections that read."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(database.transaction())
        for _ in range(READERS):
            await stack.enter_async_context(database.reading())
        yield


@pytest.mark.parametrize("hold", [another_process_writes, all_connections_are_busy])
async def test_every_command_and_button_is_answered_in_time_whoever_holds_the_database(
    settings: Settings, bundled: Path, hold: Hold
) -> None:
    copy_database(bundled, settings.database_path)
    async with connected(settings, Clock()) as (app, standin):
        asked = await everything(app)
        asked_at: dict[str, float] = {}
        async with pulse() as taken, hold(app.services.database):
            for number, ask in enumerate(asked):
                asked_at[str(number)] = monotonic()
                await standin.dispatch("INTERACTION_CREATE", payload(ask, number, standin))
                await asyncio.sleep(EVERY)
            with suppress(TimeoutError):
                await standin.until(lambda: asked_at.keys() <= standin.answered.keys(), HELD)
            answered = dict(standin.answered)
        assert [ask.name for number, ask in enumerate(asked) if str(number) not in answered] == []
        took = {
            asked[int(number)].name: at - asked_at[number] - taken.late(asked_at[number], at)
            for number, at in answered.items()
        }
        assert {name: seconds for name, seconds in took.items() if seconds > WITHIN} == {}
        answers = {ask.name: standin.answers[f"token-{number}"] for number, ask in enumerate(asked)}
        await standin.until(lambda: all(map(is_answered, answers.values())))
        assert [name for name, said in answers.items() if unexpected() in str(said)] == []
