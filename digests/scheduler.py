"""The alarm clock: APScheduler wakes planner, outbox and housekeeping; what is due, the database says."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from digests.outbox import Outbox
from digests.planner import Planner
from digests.retention import KEEP_DELIVERIES, forget_old
from storage.database import Database

RETRY_SECONDS = 20

log = logging.getLogger(__name__)


class Scheduler:
    """Wakes the planner on every minute, where issue times fall, and the outbox in between."""

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
        self._due = asyncio.Event()
        self._delivering: asyncio.Task[None] | None = None
        self._keep_deliveries = keep_deliveries
        self.ticked_at: datetime | None = None  # when it last woke
        # A wake-up that comes late still counts, and several missed ones count once.
        self._alarm = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._alarm.add_job(self._plan, "cron", second=0)
        self._alarm.add_job(self._wake, "interval", seconds=RETRY_SECONDS)
        self._alarm.add_job(self.tidy, "cron", hour=3, minute=17)

    def start(self) -> None:
        """Begin to wake the others; what was due while nothing ran is served at once."""
        if self._delivering is None:
            self._alarm.start()
            self._alarm.add_job(self._plan)
            self._alarm.add_job(self.tidy)
            self._delivering = asyncio.create_task(self._deliver())

    async def stop(self) -> None:
        """Wake nobody any more, and let the messages in hand be finished."""
        if self._alarm.running:
            self._alarm.pause()
        await self._outbox.close()
        if self._delivering:
            self._delivering.cancel()
            self._alarm.shutdown(wait=False)
            self._delivering = None

    async def tick(self) -> int:
        """Plan what is due, deliver it, and return how many editions arrived."""
        await self._plan()
        return await self._outbox.deliver_due()

    async def tidy(self) -> None:
        """Forget what is of no use any more."""
        await forget_old(self._database, self._clock(), self._keep_deliveries)

    async def _plan(self) -> None:
        self.ticked_at = self._clock()
        await self._outbox.expire()
        await self._planner.plan()
        self._wake()

    def _wake(self) -> None:
        """Let what is due be delivered, also while other deliveries take long."""
        self._due.set()
        self._outbox.wake()

    async def _deliver(self) -> None:
        """Deliver whenever something may be due; APScheduler would not start it twice at a time."""
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                await self._outbox.deliver_due()
            except Exception:
                # As a job's of APScheduler: told in the log, and tried again at the next alarm.
                log.exception("the outbox failed")
