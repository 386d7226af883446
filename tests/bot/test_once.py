"""Every edition arrives once, whole and in order, whatever happens to the process or to Discord's answers."""

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from digests.sending import LEASE
from storage.database import open_database
from storage.models import PlaceKind
from tests.build import ROOT
from tests.standin import Fault, Standin, serve
from tests.subscribed import DAY, NINE, store_stories, subscribe_all

KILLS = 200
CHANNELS = range(100, 140)
FORUMS = range(200, 206)
DAYS = 60
FAULTS = [Fault(503, done=True), Fault(503, done=False), Fault(None, done=True), Fault(None, done=False)]


class Bot:
    """Processes of the bot, forked from one that has everything loaded."""

    def __init__(self, zygote: asyncio.subprocess.Process, database: Path) -> None:
        self._zygote = zygote
        self._database = database
        self.running: int | None = None

    async def deliver(self, now: datetime) -> int:
        """Let a new process deliver what is due at a moment, and return how it ended; -9 is a kill."""
        order = {"now": now.timestamp(), "database": str(self._database), "rate": 5000}
        assert self._zygote.stdin
        assert self._zygote.stdout
        self._zygote.stdin.write(f"{json.dumps(order)}\n".encode())
        self.running = int(await self._zygote.stdout.readline())
        ended = int(await self._zygote.stdout.readline())
        self.running = None
        return ended

    def kill(self) -> None:
        """End the process at once, if there is one."""
        if self.running:
            os.kill(self.running, signal.SIGKILL)


@asynccontextmanager
async def start_bot(url: str, database: Path) -> AsyncIterator[Bot]:
    zygote = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.processes", url, cwd=ROOT, stdin=-1, stdout=-1
    )
    yield Bot(zygote, database)
    zygote.terminate()
    await zygote.wait()


class Killer:
    """Kills the bot at a random request: before it is carried out, after it, or at some moment later."""

    def __init__(self, choice: random.Random) -> None:
        self.choice = choice
        self.bot: Bot | None = None
        self.left = 0

    def aim(self) -> None:
        """Choose the next moment."""
        self.left = self.choice.randint(1, 60)

    async def __call__(self, request: web.Request) -> Fault | None:
        self.left -= 1
        if self.left == 0 and self.bot:
            if self.choice.random() < 0.3:
                self.bot.kill()
                return Fault(None, done=self.choice.random() < 0.5)
            asyncio.get_running_loop().call_later(self.choice.uniform(0, 0.02), self.bot.kill)
        if request.method == "POST" and self.choice.random() < 0.06:
            return self.choice.choice(FAULTS)
        return None


async def owed(path: Path) -> dict[int, tuple[str, int, int]]:
    """Return the state, channel and number of parts of every delivery, by its id."""
    async with open_database(path) as database, database.reading() as connection:
        rows = await connection.execute_fetchall(
            "SELECT delivery.id, delivery.state, channel_id, parts_sent FROM delivery"
            " JOIN subscription ON subscription.id = subscription_id"
        )
    return {row[0]: tuple(row[1:]) for row in rows}


async def assert_all_arrived_once(standin: Standin, path: Path, issues: int, places: int) -> None:
    """Fail where an edition was lost, doubled, cut short, or came with its parts out of order."""
    deliveries = await owed(path)
    arrived = Counter(mark for _, mark in standin.parts())
    expected = {f"why:{number}:{part}" for number, row in deliveries.items() for part in range(row[2])}
    doubled = [mark for mark, times in arrived.items() if times > 1]
    lost = expected - arrived.keys()
    assert (lost, doubled) == (set(), [])
    assert arrived.keys() == expected
    assert Counter(row[0] for row in deliveries.values()) == {"sent": issues * places}
    in_order: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for channel_id, mark in standin.parts():
        _, number, part = mark.split(":")
        in_order[channel_id, int(number)].append(int(part))
    assert all(parts == list(range(len(parts))) for parts in in_order.values())
    assert max(map(len, in_order.values())) > 1


async def prepare(path: Path, folder: Path) -> None:
    async with open_database(path) as database:
        await store_stories(database, folder, NINE, DAYS, 10)
        await subscribe_all(database, CHANNELS, NINE)
        await subscribe_all(database, FORUMS, NINE, kind=PlaceKind.FORUM)


async def test_two_hundred_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    path, choice = tmp_path / "broadsheet.db", random.Random(2026)
    await prepare(path, tmp_path / "seeds")
    killer = Killer(choice)
    async with (
        serve(Standin(meddle=killer, forums=set(FORUMS))) as standin,
        start_bot(standin.url, path) as bot,
    ):
        killer.bot = bot
        kills, days, now = 0, 0, NINE
        while kills < KILLS:
            killer.aim()
            ended = await bot.deliver(now)
            assert ended in {0, -signal.SIGKILL}
            kills += ended == -signal.SIGKILL
            standin.nonces.clear()  # Discord forgets them after a few minutes
            now += LEASE + timedelta(seconds=1)
            if all(row[0] == "sent" for row in (await owed(path)).values()):
                days, now = days + 1, NINE + (days + 1) * DAY
        killer.left = 0
        while await bot.deliver(now) or any(row[0] != "sent" for row in (await owed(path)).values()):
            now += LEASE + timedelta(hours=1)
    issues = max(Counter(row[1] for row in (await owed(path)).values()).values())
    await assert_all_arrived_once(standin, path, issues, len(CHANNELS) + len(FORUMS))
