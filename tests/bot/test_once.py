"""Every edition arrives once, whole and in order, whatever happens to the process or to Discord's answers."""

import asyncio
import json
import os
import random
import signal
import sqlite3
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from digests.delivery.retry import LEASE
from storage.models import PlaceKind
from storage.sqlite.database import open_database
from tests.processes import running_bot, running_zygote
from tests.standin import Fault, Standin, serve, server
from tests.subscribed import DAY, GUILD, NINE, store_stories, subscribe_all

KILLS = 200
CHANNELS = range(100, 140)
FORUMS = range(200, 206)
NEWS = range(300, 310)  # announcement channels, whose messages are published
PLACES = len(CHANNELS) + len(FORUMS) + len(NEWS)
DAYS = 60
FAULTS = [Fault(503, done=True), Fault(503, done=False), Fault(None, done=True), Fault(None, done=False)]

pytestmark = pytest.mark.no_cover


class Bot:
    """Processes of the bot, forked from one that has everything loaded."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, order: dict[str, str]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._order = order
        self.running: int | None = None

    async def deliver(self, now: datetime) -> int:
        """Let a new process deliver what is due at a moment, and return how it ended; -9 is a kill."""
        order = {**self._order, "now": now.timestamp(), "rate": 5000}
        self._writer.write(f"{json.dumps(order)}\n".encode())
        self.running = int(await self._reader.readline())
        ended = int(await self._reader.readline())
        self.running = None
        return ended

    def kill(self) -> None:
        """End the process at once, if there is one."""
        if self.running:
            os.kill(self.running, signal.SIGKILL)


StartBot = Callable[[str, Path], AbstractAsyncContextManager[Bot]]


@pytest.fixture(scope="module")
def start_bot() -> Iterator[StartBot]:
    """Return what starts a bot with the URL of a stand-in and a database."""
    with running_zygote() as port:

        @asynccontextmanager
        async def started(url: str, database: Path) -> AsyncIterator[Bot]:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                yield Bot(reader, writer, {"url": url, "database": str(database)})
            finally:
                writer.close()
                await writer.wait_closed()

        yield started


class Killer:
    """Kills the bot at a random request: before it is carried out, after it, or at some moment later."""

    def __init__(self, choice: random.Random) -> None:
        self.choice = choice
        self.bot: Bot | None = None
        self.left = 0

    def aim(self) -> None:
        """Choose the next moment."""
        self.left = self.choice.randint(1, 36)

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


def owed(path: Path) -> dict[int, tuple[str, int, int]]:
    """Return the state, channel and number of parts of every delivery, by its id."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT delivery.id, delivery.state, channel_id, parts_sent FROM delivery"
            " JOIN subscription ON subscription.id = subscription_id"
        )
        return {row[0]: row[1:] for row in rows}


def is_all_sent(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        unpublished = connection.execute("SELECT 1 FROM publication WHERE state <> 'done'").fetchall()
    return not unpublished and all(row[0] == "sent" for row in owed(path).values())


def assert_all_arrived_once(standin: Standin, path: Path, issues: int, places: int) -> None:
    """Fail where an edition was lost, doubled, cut short, or came with its parts out of order."""
    deliveries = owed(path)
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
    assert standin.published() == {mark for channel_id, mark in standin.parts() if channel_id in NEWS}


async def prepare(path: Path, folder: Path, days: int) -> None:
    async with open_database(path) as database:
        await store_stories(database, folder, NINE, days, 10)
        await subscribe_all(database, CHANNELS, NINE)
        await subscribe_all(database, FORUMS, NINE, kind=PlaceKind.FORUM)
        await subscribe_all(database, NEWS, NINE, publish=True)


async def test_two_hundred_kills_lose_and_double_nothing(tmp_path: Path, start_bot: StartBot) -> None:
    path, choice = tmp_path / "broadsheet.db", random.Random(2026)
    await prepare(path, tmp_path / "seeds", DAYS)
    killer = Killer(choice)
    async with (
        serve(Standin(meddle=killer, forums=set(FORUMS))) as standin,
        start_bot(standin.url, path) as bot,
    ):
        killer.bot = bot
        kills, days, now = 0, 0, NINE
        while kills < KILLS:
            assert days < DAYS, "there are stories for no more days"
            killer.aim()
            ended = await bot.deliver(now)
            assert ended in {0, -signal.SIGKILL}
            kills += ended == -signal.SIGKILL
            standin.nonces.clear()  # Discord forgets them after a few minutes
            now += LEASE + timedelta(seconds=1)
            if is_all_sent(path):
                days, now = days + 1, NINE + (days + 1) * DAY
        killer.left = 0
        for _ in range(8):  # what is left, undisturbed by kills
            assert await bot.deliver(now) == 0
            now += timedelta(hours=1)
    issues = max(Counter(row[1] for row in owed(path).values()).values())
    assert_all_arrived_once(standin, path, issues, PLACES)


async def test_two_processes_on_one_database_deliver_everything_once(
    tmp_path: Path, start_bot: StartBot
) -> None:
    path = tmp_path / "broadsheet.db"
    await prepare(path, tmp_path / "seeds", 5)
    async with (
        serve(Standin(forums=set(FORUMS))) as standin,
        start_bot(standin.url, path) as one,
        start_bot(standin.url, path) as two,
    ):
        for day in range(5):
            ends = await asyncio.gather(*(bot.deliver(NINE + day * DAY) for bot in (one, two)))
            assert ends == [0, 0]
    assert_all_arrived_once(standin, path, 5, PLACES)


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, None])
async def test_an_edition_comes_once_whatever_discord_answers(
    tmp_path: Path, start_bot: StartBot, status: int | None, done: bool
) -> None:
    path = tmp_path / "broadsheet.db"
    left = 2

    async def fail_twice(request: web.Request) -> Fault | None:
        nonlocal left
        if request.method == "POST" and left:
            left -= 1
            return Fault(status, done=done and status != 429)
        return None

    async with open_database(path) as database:
        await store_stories(database, tmp_path / "seeds", NINE, 1, 10)
        await subscribe_all(database, [100], NINE)
        await subscribe_all(database, [200], NINE, kind=PlaceKind.FORUM)
    async with (
        serve(Standin(meddle=fail_twice, forums={200})) as standin,
        start_bot(standin.url, path) as bot,
    ):
        for hour in range(3):
            assert await bot.deliver(NINE + timedelta(hours=hour)) == 0
    assert_all_arrived_once(standin, path, 1, 2)


async def test_a_channel_that_never_answers_delays_no_other(tmp_path: Path, start_bot: StartBot) -> None:
    path, never = tmp_path / "broadsheet.db", asyncio.Event()

    async def hang(request: web.Request) -> None:
        if request.method == "POST" and "/channels/100/" in request.path:
            await never.wait()

    async with open_database(path) as database:
        await store_stories(database, tmp_path / "seeds", NINE, 1, 10)
        await subscribe_all(database, CHANNELS, NINE)
    async with serve(Standin(meddle=hang)) as standin, start_bot(standin.url, path) as bot:
        delivering = asyncio.create_task(bot.deliver(NINE))
        await standin.until(lambda: len(list(standin.parts())) == 2 * (len(CHANNELS) - 1))
        bot.kill()
        assert await delivering == -signal.SIGKILL
        never.set()


async def test_sigterm_lets_the_message_in_flight_arrive_and_settles_it(tmp_path: Path) -> None:
    path, asked, go_on = tmp_path / "broadsheet.db", asyncio.Event(), asyncio.Event()

    async def hold(request: web.Request) -> None:
        if request.method == "POST":
            asked.set()
            await go_on.wait()

    now = datetime.now(UTC)
    async with open_database(path) as database:
        await store_stories(database, tmp_path / "seeds", now, 1, 5)
        await subscribe_all(database, [100], now.replace(second=0) - timedelta(minutes=1))
    async with (
        serve(Standin(meddle=hold, guilds=[server(GUILD)])) as standin,
        running_bot(standin, path, tmp_path / "seeds") as process,
    ):
        async with asyncio.timeout(30):
            await asked.wait()
        process.terminate()
        ended = asyncio.create_task(process.wait())
        go_on.set()
        async with asyncio.timeout(10):
            assert await ended == 0
    assert [row[0] for row in owed(path).values()] == ["sent"]
    assert len(list(standin.parts())) == 1


async def test_a_lost_gateway_and_an_invalid_session_cost_nothing(tmp_path: Path) -> None:
    path = tmp_path / "broadsheet.db"

    async def disturb(request: web.Request) -> None:
        if request.method == "POST" and standin.sockets and not standin.sockets[-1].closed:
            match len(standin.requests) % 3:
                case 0:
                    await standin.sockets[-1].send_json({"op": 9, "d": False})
                case 1:
                    await standin.sockets[-1].close()

    now = datetime.now(UTC)
    async with open_database(path) as database:
        await store_stories(database, tmp_path / "seeds", now, 1, 10)
        await subscribe_all(database, CHANNELS, now.replace(second=0) - timedelta(minutes=1))
    async with (
        serve(Standin(meddle=disturb, guilds=[server(GUILD)])) as standin,
        running_bot(standin, path, tmp_path / "seeds"),
    ):
        await standin.until(lambda: len(list(standin.parts())) == 2 * len(CHANNELS))
    assert_all_arrived_once(standin, path, 1, len(CHANNELS))
