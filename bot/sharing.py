"""What several processes of one bot share: the pace of their requests, and when a shard may identify."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.rate_limit import RATE, Pace
from bot.services import Clock
from bot.settings import Collect, Settings
from bot.shards import EVERY, Gate
from digests.collector import CollectorTenure
from digests.tenure import LeasedTenure, SoleTenure, Tenure
from storage import turns
from storage.engine import Database
from storage.errors import StorageError

REQUESTS = "rest"
IDENTIFY = "identify:"  # and the number of a bucket
BATCH = 4  # requests for which a process takes turns at a time
LATE = 0.04  # seconds after which a turn has passed: so much closer together may requests come
TRIES = 3  # at a turn, on a machine that is too busy to keep them
RETRY = 1.0  # seconds until turns are taken anew if that failed

log = logging.getLogger(__name__)


class SharedPace(Pace):
    """Lets at most `rate` requests a second pass, those of all processes together."""

    def __init__(
        self, database: Database, clock: Clock, is_sure: Callable[[], bool], rate: float = RATE
    ) -> None:
        super().__init__(rate)
        self._database = database
        self._clock = clock
        self._is_sure = is_sure
        self._every = timedelta(seconds=1 / rate)
        self._turns: deque[float] = deque()  # when requests may begin, on the loop's clock
        self._taking = asyncio.Lock()
        # While requests wait for turns that are taken, those behind them take the next.
        self._room = asyncio.Semaphore(2 * BATCH)

    async def wait(self) -> None:
        """Wait until the next request may be made."""
        loop = asyncio.get_running_loop()
        async with self._room:
            for _ in range(TRIES):
                async with self._taking:
                    at = await self._turn_at()
                await asyncio.sleep(at - loop.time())
                if loop.time() < at + LATE:  # else the program stood still, and the turn has passed
                    break

    def is_open(self) -> bool:
        """Say whether this process is sure of its servers; if not, others may send what is due there."""
        return self._is_sure()

    async def _turn_at(self) -> float:
        """Return when the next request may begin; turns that have passed are lost."""
        loop = asyncio.get_running_loop()
        while True:
            while self._turns:
                at = self._turns.popleft()
                if at > loop.time() - LATE:
                    return at
            first = await take_turns(self._database, self._clock, REQUESTS, self._every, BATCH)
            self._turns.extend(first + number * self._every.total_seconds() for number in range(BATCH))


class SharedGate(Gate):
    """Lets shards identify when Discord allows it, those of all processes together."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__()
        self._database = database
        self._clock = clock

    async def wait(self, shard: int) -> None:
        """Wait until a shard may identify, after those of other processes that have asked before."""
        name, every = f"{IDENTIFY}{shard % self.width}", timedelta(seconds=EVERY)
        at = await take_turns(self._database, self._clock, name, every, 1)
        await asyncio.sleep(at - asyncio.get_running_loop().time())


@dataclass(frozen=True, slots=True)
class Sharing:
    """What a process has of the bot, and how it shares with others what Discord allows the bot."""

    tenure: Tenure
    pace: Pace
    gate: Gate


def sharing_of(
    settings: Settings,
    database: Database,
    clock: Clock,
    timer: Callable[[], float],
    *,
    is_collector: bool = False,
) -> Sharing:
    """Return how this process shares a bot with others; without groups it is the only one.

    A process that is the collector, or waits to be it, has no shards.
    """
    if settings.shard_groups is None:
        return Sharing(SoleTenure(), Pace(settings.requests_per_second), Gate())
    may_collect = settings.collect is Collect.INSIDE
    tenure: LeasedTenure = (
        CollectorTenure(database, clock, timer)
        if is_collector
        else LeasedTenure(database, clock, settings.shard_groups, timer, may_collect=may_collect)
    )
    pace = SharedPace(database, clock, lambda: tenure.is_sure, settings.requests_per_second)
    return Sharing(tenure, pace, SharedGate(database, clock))


async def take_turns(database: Database, clock: Clock, name: str, every: timedelta, n: int) -> float:
    """Take turns as soon as the database can be written to; return when the first is, on the loop's clock."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            async with database.transaction() as connection:
                now = loop.time()
                return now + await turns.take(connection, name, every, n, clock())
        except StorageError as error:
            log.warning("can't take a turn: %r", error)
            await asyncio.sleep(RETRY)
