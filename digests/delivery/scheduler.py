"""The alarm clock: APScheduler wakes planner, outbox and housekeeping; the database says what is due."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import cast

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from digests.delivery.outbox import Outbox
from digests.delivery.planner import Planner
from digests.delivery.retention import KEEP_DELIVERIES, forget_old
from storage.engine import Database

RETRY_SECONDS = 20

log = logging.getLogger(__name__)


class Scheduler:
    """Wakes the planner every full minute, when issue times fall, and the outbox more often."""

    def __init__(
        self,
        database: Database,
        planner: Planner,
        outbox: Outbox,
        clock: Callable[[], datetime],
        keep_deliveries: timedelta = KEEP_DELIVERIES,
    ) -> None:
        self._database = database
        self._planner = planner
        self._outbox = outbox
        self._clock = clock
        self._keep_deliveries = keep_deliveries
        self.ticked_at: datetime | None = None  # when it last woke
        # A wake-up that comes late still counts, and several missed ones count once.
        self._alarm = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._running: set[asyncio.Task[None]] = set()
        self._alarm.add_job(self._run, "cron", [self._serve], second=0)
        self._alarm.add_job(self._run, "interval", [self._retry], seconds=RETRY_SECONDS)
        self._alarm.add_job(self._run, "cron", [self.tidy], hour=3, minute=17)

    def start(self) -> None:
        """Start the alarm clock, and plan and deliver at once what fell due while nothing ran."""
        if not self._alarm.running:
            self._alarm.start()
            self._alarm.add_job(self._run, args=[self._serve])
            self._alarm.add_job(self._run, args=[self.tidy])

    async def stop(self) -> None:
        """Stop the alarm clock, finish the messages being sent, and break off everything else."""
        if not self._alarm.running:
            await self._outbox.close()
            return
        self._alarm.pause()
        await self._outbox.close()
        await asyncio.sleep(
            0
        )  # a job that the alarm clock has just made a task for begins, and is in _running
        if jobs := set(self._running):
            for job in jobs:
                job.cancel()
            await asyncio.wait(jobs)
        self._alarm.shutdown(wait=False)

    async def tick(self) -> int:
        """Plan what is due, deliver it, and return how many editions arrived."""
        await self._plan()
        arrived = await self._outbox.deliver_due()
        await self._planner.tell_makers()
        return arrived

    async def tidy(self) -> None:
        """Delete what is too old to keep."""
        await forget_old(self._database, self._clock(), self._keep_deliveries)

    async def _run(self, job: Callable[[], Awaitable[None]]) -> None:
        """Do a job of the alarm clock; APScheduler would log as an error that stop() breaks it off."""
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._running.add(task)
        try:
            await job()
        except asyncio.CancelledError:
            log.info("broken off, as the bot stops")
        finally:
            self._running.discard(task)

    async def _plan(self) -> None:
        self.ticked_at = self._clock()
        await self._outbox.expire()
        await self._planner.plan()

    async def _serve(self) -> None:
        """Plan what is due and start delivering it, even if earlier deliveries are still being sent."""
        await self._plan()
        self._outbox.wake()
        await self._planner.tell_makers()

    async def _retry(self) -> None:  # a coroutine, because APScheduler calls plain functions in threads
        self._outbox.wake()
