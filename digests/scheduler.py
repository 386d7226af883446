"""The alarm clock: APScheduler wakes planner, outbox and housekeeping; what is due, the database says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from digests.outbox import Outbox
from digests.planner import Planner
from digests.retention import KEEP_DELIVERIES, forget_old
from storage.database import Database

RETRY_SECONDS = 20


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
        self._keep_deliveries = keep_deliveries
        self.ticked_at: datetime | None = None  # when it last woke
        # A wake-up that comes late still counts, and several missed ones count once.
        self._alarm = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._alarm.add_job(self.tick, "cron", second=0)
        self._alarm.add_job(self._outbox.deliver_due, "interval", seconds=RETRY_SECONDS)
        self._alarm.add_job(self.tidy, "cron", hour=3, minute=17)

    def start(self) -> None:
        """Begin to wake the others; what was due while nothing ran is served at once."""
        self._alarm.start()
        self._alarm.add_job(self.tick)

    async def stop(self) -> None:
        """Wake nobody any more, and let the delivery in hand be finished."""
        if self._alarm.running:
            self._alarm.pause()
            await self._outbox.close()
            self._alarm.shutdown(wait=False)

    async def tick(self) -> int:
        """Plan what is due, deliver it, and return how many editions arrived."""
        self.ticked_at = self._clock()
        await self._planner.plan()
        return await self._outbox.deliver_due()

    async def tidy(self) -> None:
        """Forget what is of no use any more."""
        await forget_old(self._database, self._clock(), self._keep_deliveries)
