"""The alarm clock: APScheduler wakes planner, outbox and housekeeping; what is due, the database says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from digests.delivery.outbox import Outbox
from digests.delivery.planner import Planner
from digests.delivery.retention import KEEP_DELIVERIES, forget_old
from storage.engine import Database

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
        self._alarm.add_job(self._serve, "cron", second=0)
        self._alarm.add_job(self._retry, "interval", seconds=RETRY_SECONDS)
        self._alarm.add_job(self.tidy, "cron", hour=3, minute=17)

    def start(self) -> None:
        """Begin to wake the others; what was due while nothing ran is served at once."""
        if not self._alarm.running:
            self._alarm.start()
            self._alarm.add_job(self._serve)
            self._alarm.add_job(self.tidy)

    async def stop(self) -> None:
        """Wake nobody any more, and let the messages in hand be finished."""
        if self._alarm.running:
            self._alarm.pause()
        await self._outbox.close()
        if self._alarm.running:
            self._alarm.shutdown(wait=False)

    async def tick(self) -> int:
        """Plan what is due, deliver it, and return how many editions arrived."""
        await self._plan()
        arrived = await self._outbox.deliver_due()
        await self._planner.tell_makers()
        return arrived

    async def tidy(self) -> None:
        """Forget what is of no use any more."""
        await forget_old(self._database, self._clock(), self._keep_deliveries)

    async def _plan(self) -> None:
        self.ticked_at = self._clock()
        await self._outbox.expire()
        await self._planner.plan()

    async def _serve(self) -> None:
        """Plan what is due, and let it be delivered, also while other deliveries take long."""
        await self._plan()
        self._outbox.wake()
        await self._planner.tell_makers()

    async def _retry(self) -> None:  # a coroutine, as APScheduler calls functions from threads
        self._outbox.wake()
