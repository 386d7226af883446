"""The alarm clock: APScheduler wakes who plans, sends, collects and tidies; the database says what is due."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import cast

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from digests.delivery.limits import KEEP_DELIVERIES
from digests.delivery.outbox import Outbox
from digests.delivery.patience import patiently
from digests.delivery.planner import Planner
from digests.delivery.retention import forget_old
from storage.engine import Database
from storage.errors import StorageError

RETRY_SECONDS = 20
LOOK_SECONDS = 10  # between two looks at the clock
LOOK_FOR_SECONDS = 20  # between two looks for feeds that are due, or articles to judge anew
ROUNDS = 10  # of collecting at the same time
JUMP_SECONDS = 2.0  # what the clock may be off between them without having jumped
TRUST_SECONDS = 86_400.0  # of a steady clock after a jump, before anything is forgotten by it

log = logging.getLogger(__name__)


class Scheduler:
    """Wakes the planner every full minute, when issue times fall, and the outbox more often.

    APScheduler goes by the wall clock, so if that has jumped against `timer`, which never does, the alarms
    are set anew.
    """

    def __init__(
        self,
        database: Database,
        planner: Planner,
        outbox: Outbox,
        clock: Callable[[], datetime],
        keep_deliveries: timedelta = KEEP_DELIVERIES,
        timer: Callable[[], float] = monotonic,
        *,
        collect: Callable[[], Awaitable[None]] | None = None,
        forget_articles: Callable[[], Awaitable[None]] | None = None,
        judge: Callable[[], Awaitable[None]] | None = None,
        collects: Callable[[], bool] = lambda: True,
    ) -> None:
        """`collect` checks the feeds that are due, `forget_articles` is part of tidying.

        `judge` judges stored articles of feeds again if that is due. These three, and tidying, run only while
        `collects` says that this process is the collector.
        """
        self._database = database
        self._planner = planner
        self._outbox = outbox
        self._clock = clock
        self._keep_deliveries = keep_deliveries
        self._timer = timer
        self._collect = collect
        self._forget_articles = forget_articles
        self._judge = judge
        self._collects = collects
        self._ticked_at: float | None = None  # by the timer
        self._lead = self._measure_lead()
        self._trusted_from = timer()
        self._watching: asyncio.Task[None] | None = None
        # A wake-up that comes late still counts, and several missed ones count once.
        self.alarm = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._running: set[asyncio.Task[None]] = set()
        self._planning = asyncio.Lock()

    @property
    def seconds_asleep(self) -> float | None:
        """How long ago it last woke; None before the first time."""
        return None if self._ticked_at is None else self._timer() - self._ticked_at

    def start(self) -> None:
        """Start the alarm clock, and plan and deliver at once what fell due while nothing ran."""
        if not self.alarm.running:
            self.alarm.start()
            self._set_alarms()
            self.alarm.add_job(self._run, args=[self.tidy])
            self._watching = asyncio.create_task(self._watch_clock())

    async def stop(self) -> None:
        """Stop the alarm clock, finish the messages being sent, and break off everything else."""
        if self._watching:
            self._watching.cancel()
        if not self.alarm.running:
            await self._outbox.close()
            return
        self.alarm.pause()
        await self._outbox.close()
        await asyncio.sleep(0)  # a job that the alarm clock has just made a task for begins
        if jobs := set(self._running):
            for job in jobs:
                job.cancel()
            await asyncio.wait(jobs)
        self.alarm.shutdown(wait=False)

    async def tick(self) -> int:
        """Plan what is due, deliver it, and return how many editions arrived."""
        await self._plan()
        arrived = await self._outbox.deliver_due()
        await self._planner.tell_makers()
        return arrived

    async def tidy(self) -> None:
        """Delete what is too old to keep."""
        if not self._collects():
            return
        await forget_old(self._database, self._clock(), self._keep_deliveries)
        if self._forget_articles:
            await self._forget_articles()

    async def _for_all(self, look: Callable[[], Awaitable[None]]) -> None:
        if self._collects():
            await look()

    async def _run(self, job: Callable[[], Awaitable[None]]) -> None:
        """Do a job of the alarm clock; APScheduler would log as an error that stop() breaks it off."""
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._running.add(task)
        try:
            await job()
        except asyncio.CancelledError:
            log.info("broken off, as the bot stops")
        except StorageError as error:
            log.warning("the database is gone, so what is due waits: %r", error)
        finally:
            self._running.discard(task)

    def look_at_clock(self) -> bool:
        """Set the alarms anew if the clock has jumped since the last look; returns whether it has."""
        before, self._lead = self._lead, self._measure_lead()
        jumped_by = self._lead - before
        if abs(jumped_by) < JUMP_SECONDS:
            return False
        log.warning("the clock jumped by %+.0f seconds", jumped_by)
        self._trusted_from = self._timer() + TRUST_SECONDS
        self._set_alarms()
        return True

    def _measure_lead(self) -> float:
        """Return how far the clock is before the timer, in seconds."""
        return self._clock().timestamp() - self._timer()

    def _set_alarms(self) -> None:
        """Make APScheduler recompute its wake-up times from the clock as it is now, and serve what is due."""
        # An interval counts from when its job is made, so jobs are made again.
        for name, job, when in (
            ("serve", self._serve, CronTrigger(second=0, timezone=UTC)),
            ("retry", self._retry, IntervalTrigger(seconds=RETRY_SECONDS, timezone=UTC)),
            ("tidy", self._tidy_if_trusted, CronTrigger(hour=3, minute=17, timezone=UTC)),
            ("serve at once", self._serve, None),
        ):
            self.alarm.add_job(self._run, when, [job], id=name, replace_existing=True)
        # A round may take minutes, for one host's sake; others begin beside it.
        for name, look, most in (("collect", self._collect, ROUNDS), ("judge", self._judge, 1)):
            if look:
                when = IntervalTrigger(seconds=LOOK_FOR_SECONDS, timezone=UTC, start_date=self._clock())
                job = partial(self._for_all, look)
                self.alarm.add_job(self._run, when, [job], id=name, replace_existing=True, max_instances=most)

    async def _watch_clock(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                self.look_at_clock()
            except Exception:
                log.exception("the clock can't be looked at")

    async def _tidy_if_trusted(self) -> None:
        """Forget nothing by a clock that may be wrong: what is gone doesn't come back with the right time."""
        if self._timer() >= self._trusted_from:
            await self.tidy()

    async def _plan(self) -> None:
        self._ticked_at = self._timer()
        await self._outbox.expire()
        await self._planner.plan()

    async def _serve(self) -> None:
        """Plan what is due and start delivering it, even if earlier deliveries are still being sent.

        If the database is gone, that is done as soon as it is back: the next full minute may be far.
        """
        async with self._planning:
            await patiently(self._plan, lambda: True)
        self._outbox.wake()
        await self._planner.tell_makers()

    async def _retry(self) -> None:  # a coroutine, because APScheduler calls plain functions in threads
        self._outbox.wake()
