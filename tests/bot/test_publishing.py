"""Messages of announcement channels are published over discord.py whatever Discord answers."""

import asyncio
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from digests.delivery.retry import LEASE
from storage.sqlite.database import open_database
from tests.bot.test_once import StartBot, owed, start_bot
from tests.standin import Fault, Limits, Standin, serve
from tests.subscribed import NINE, store_stories, subscribe_all

__all__ = ["start_bot"]
HOUR = timedelta(hours=1)
CHANNELS = range(100, 104)


async def prepare(path: Path, folder: Path, *, news: range = range(100, 101), a_day: int = 10) -> None:
    """Owe editions to four channels; those in `news` are announcement channels."""
    async with open_database(path) as database:
        await store_stories(database, folder, NINE, 3, a_day)
        await subscribe_all(database, news, NINE, publish=True)
        await subscribe_all(database, [each for each in CHANNELS if each not in news], NINE)


def marks(standin: Standin, channel_id: int = 100) -> set[str]:
    """Return the marks of the parts in a channel."""
    return {mark for channel, mark in standin.parts() if channel == channel_id}


def tries(standin: Standin) -> int:
    return sum(path.endswith("/crosspost") for _, _, path in standin.requests)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(503, done=False),
        Fault(503, done=True),
        Fault(None, done=False),
        Fault(None, done=True),
        Fault(429, done=False, retry_after=600),
    ],
)
async def test_a_publication_that_failed_is_made_later(
    tmp_path: Path, start_bot: StartBot, fault: Fault
) -> None:
    path, left = tmp_path / "broadsheet.db", 2
    await prepare(path, tmp_path / "seeds")

    async def fail(request: web.Request) -> Fault | None:
        nonlocal left
        if request.path.endswith("/crosspost") and left:
            left -= 1
            return fault
        return None

    async with serve(Standin(meddle=fail)) as standin, start_bot(standin.url, path) as bot:
        assert await bot.deliver(NINE) == 0
        assert {row[0] for row in owed(path).values()} == {"sent"}
        for hour in range(1, 5):
            assert await bot.deliver(NINE + hour * HOUR) == 0
    assert standin.published() == marks(standin)
    assert len(marks(standin)) == 2


async def test_a_publication_that_hangs_holds_up_nothing_and_is_made_by_the_next_process(
    tmp_path: Path, start_bot: StartBot
) -> None:
    path, never = tmp_path / "broadsheet.db", asyncio.Event()
    await prepare(path, tmp_path / "seeds")

    async def hang(request: web.Request) -> None:
        if request.path.endswith("/crosspost"):
            await never.wait()

    async with serve(Standin(meddle=hang)) as standin, start_bot(standin.url, path) as bot:
        delivering = asyncio.create_task(bot.deliver(NINE))
        await standin.until(lambda: len(list(standin.parts())) == 2 * len(CHANNELS) and tries(standin) > 0)
        bot.kill()
        assert await delivering == -signal.SIGKILL
        standin.meddle = None
        never.set()
        assert await bot.deliver(NINE + 2 * LEASE) == 0
        assert standin.published() == marks(standin)


async def test_more_publications_than_discord_allows_in_an_hour_wait_as_told_and_for_nobody(
    tmp_path: Path, start_bot: StartBot
) -> None:
    path = tmp_path / "broadsheet.db"
    await prepare(path, tmp_path / "seeds", news=range(100, 102))
    standin = Standin(limits=Limits(channel=1_000, publications=1))
    async with serve(standin), start_bot(standin.url, path) as bot:
        async with asyncio.timeout(20):  # what it is told to wait is half an hour
            assert await bot.deliver(NINE) == 0
        assert {row[0] for row in owed(path).values()} == {"sent"}
        assert (len(standin.published()), tries(standin)) == (2, 4)
        assert await bot.deliver(NINE + timedelta(minutes=29)) == 0
        assert tries(standin) == 4
        standin.limits = None
        assert await bot.deliver(NINE + timedelta(minutes=31)) == 0
        assert standin.published() == marks(standin, 100) | marks(standin, 101)
