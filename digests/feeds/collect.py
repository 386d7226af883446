"""A round: every feed that is due is checked, many hosts at once, and what they say is stored as it comes."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter
from uuid import uuid4

from digests.errors import CollectBusyError
from digests.feeds.check import Check, Checker
from digests.feeds.judging import Judge
from digests.feeds.problems import FeedError, FeedProblem
from digests.feeds.store import Stored, store_checks
from digests.stories.events import Events
from digests.stories.ingest import tidy
from storage import feeds, leases, seeds
from storage.engine import Database
from storage.errors import StorageError
from storage.feeds import Feed

AT_ONCE = 16  # hosts that are asked at the same time; each may hold 4 MiB
STORED_AT_ONCE = 200  # entries in one transaction, which takes 100 ms or so
CHECKS_AT_ONCE = 200
GATHER_SECONDS = 0.1  # in which others may come that are stored in the same transaction
LEASE = "collect"
RENEW_SECONDS = 5.0
LEASE_FOR = timedelta(seconds=15)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Round:
    """What a round did; `entries` are those of the feeds that changed, and the last ones are totals."""

    checked: int = 0
    unchanged: int = 0
    failed: list[tuple[Feed, FeedError]] = field(default_factory=list)
    entries: int = 0
    added: int = 0
    changed: int = 0
    articles: int = 0
    stories: int = 0
    seconds: float = 0.0


class Collector:
    """Checks feeds and stores what they say; of several processes, one at a time."""

    def __init__(
        self,
        database: Database,
        checker: Checker,
        clock: Callable[[], datetime],
        *,
        on_round: Callable[[Round], None] = lambda _: None,
    ) -> None:
        """`on_round` hears of each round that checked something."""
        self._database = database
        self.judge = Judge(database)
        self._clock = clock
        self._on_round = on_round
        self._owner = uuid4().hex
        self._rounds = 0
        self._renewing: asyncio.Task[None] | None = None
        self._busy: set[str] = set()  # the hosts that a round is asking
        self._events = Events()
        self.checker = checker

    async def collect(
        self,
        *,
        everything: bool = False,
        only: Iterable[int] | None = None,
        on_progress: Callable[[int, int], None] = lambda *_: None,
    ) -> Round:
        """Check the feeds that are due, or `everything` that runs, or `only` some, by id.

        Feeds of a host that another round is asking just now are left to the next one. Raises
        CollectBusyError while another process collects.
        """
        started = perf_counter()
        now = self._clock()
        async with self._database.reading() as connection:
            found = await connection.run(feeds.due, None if everything or only is not None else now)
        chosen = set(only) if only is not None else None
        found = [
            feed for feed in found if feed.host not in self._busy and (chosen is None or feed.id in chosen)
        ]
        done = Round()
        if found:
            hosts = {feed.host for feed in found}
            self._busy |= hosts
            try:
                async with self._alone():
                    await self._check_all(found, done, on_progress)
            finally:
                self._busy -= hosts
        async with self._database.reading() as connection:
            totals = await connection.run(seeds.totals)
        done.articles, done.stories = totals.articles, totals.stories
        done.seconds = round(perf_counter() - started, 3)
        if found:
            self._on_round(done)
        return done

    async def _check_all(
        self, found: list[Feed], done: Round, on_progress: Callable[[int, int], None]
    ) -> None:
        async with self._database.reading() as connection:
            await connection.run(self._events.load)
        by_host: defaultdict[str, list[Feed]] = defaultdict(list)
        for feed in found:
            by_host[feed.host].append(feed)
        checked: asyncio.Queue[Check] = asyncio.Queue(maxsize=CHECKS_AT_ONCE)
        room = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for waiting in by_host.values():
                group.create_task(self._check_host(waiting, room, checked))
            while done.checked < len(found):
                await self._store_next(checked, done, len(found) - done.checked)
                on_progress(done.checked, len(found))
        if done.added or done.changed:
            with suppress(StorageError):
                await tidy(self._database)

    async def _check_host(
        self, waiting: Iterable[Feed], room: asyncio.Semaphore, checked: "asyncio.Queue[Check]"
    ) -> None:
        """Check one host's feeds, one after the other; if it wants no more, it is left alone."""
        refused: FeedError | None = None
        for feed in waiting:
            check = Check(feed, error=refused) if refused else await self.checker.check(feed, room=room)
            await checked.put(check)
            if check.error and check.error.problem is FeedProblem.TOO_MANY:
                refused = check.error

    async def _store_next(self, checked: "asyncio.Queue[Check]", done: Round, left: int) -> None:
        """Store what has been checked by now, as much as fits into a short transaction."""
        batch = [await checked.get()]
        _take(checked, batch)
        if len(batch) < left and _has_room(batch):
            await asyncio.sleep(GATHER_SECONDS)
            _take(checked, batch)
        stored = await self.store(batch)
        done.checked += len(batch)
        done.entries += stored.entries
        done.added += stored.added
        done.changed += stored.changed
        done.unchanged += sum(each.read is None and each.error is None for each in batch)
        done.failed += [(each.feed, each.error) for each in batch if each.error]

    async def store(self, batch: list[Check]) -> Stored:
        """Store checks; one that can't be stored is noted as failed, and keeps the others from nothing."""
        try:
            async with self.judge.judging() as (connection, by):
                return await store_checks(
                    connection, batch, by, self._clock(), self._events, lambda: self._database.is_read
                )
        except StorageError:
            raise
        except Exception:
            if len(batch) == 1:
                log.exception("what feed %d says can't be stored", batch[0].feed.id)
                failed = Check(batch[0].feed, error=FeedError(FeedProblem.INTERNAL))
                async with self.judge.judging() as (connection, by):
                    return await store_checks(connection, [failed], by, self._clock(), self._events)
        stored = [await self.store([check]) for check in batch]
        return Stored(
            sum(each.entries for each in stored),
            sum(each.added for each in stored),
            sum(each.changed for each in stored),
        )

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Hold the lease of the one collector, together with this one's other rounds.

        Raises CollectBusyError if another process holds it.
        """
        if not await self._take():
            raise CollectBusyError
        self._rounds += 1
        self._renewing = self._renewing or asyncio.create_task(self._renew())
        try:
            yield
        finally:
            self._rounds -= 1
            if not self._rounds and self._renewing:
                self._renewing.cancel()
                self._renewing = None
                async with self._database.transaction() as connection:
                    await leases.give_back(connection, LEASE, self._owner)

    async def _take(self) -> bool:
        now = self._clock()
        async with self._database.transaction() as connection:
            return await leases.take(connection, LEASE, self._owner, now, now + LEASE_FOR)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            with suppress(StorageError):
                await self._take()


def _take(checked: "asyncio.Queue[Check]", batch: list[Check]) -> None:
    """Add to a batch what is there already, as far as it has room."""
    while not checked.empty() and _has_room(batch):
        batch.append(checked.get_nowait())


def _has_room(batch: list[Check]) -> bool:
    entries = sum(len(check.read.entries) for check in batch if check.read)
    return entries < STORED_AT_ONCE and len(batch) < CHECKS_AT_ONCE
