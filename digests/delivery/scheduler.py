"""The alarm clock: APScheduler wakes planner, outbox and housekeeping; what is due, the database says."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from digests.delivery.outbox import Outbox
from digests.delivery.planner import Planner
from digests.delivery.retention import KEEP_DELIVERIES, forget_old
from storage.engine import Database

RETRY_SECONDS = 20
LOOK_SECONDS = 10  # between two looks at the clock
JUMP_SECONDS = 2.0  # what the clock may be off between them without having jumped
TRUST_SECONDS = 86_400.0  # after a jump: how long nothing is forgotten by the clock

log = logging.getLogger(__name__)


class Scheduler:
    """Wakes the planner on every minute, where issue times fall, and the outbox in between.

    APScheduler reckons by the wall clock when to wake them, so a look that `timer`, which never jumps,
    wakes lets it reckon anew when that clock has jumped.
    """

    def __init__(
        self,
        database: Database,
        planner: Planner,
        outbox: Outbox,
        clock: Callable[[], datetime],
        keep_deliveries: timedelta = KEEP_DELIVERIES,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._planner = planner
        self._outbox = outbox
        self._clock = clock
        self._keep_deliveries = keep_deliveries
        self._timer = timer
        self._ticked_at: float | None = None  # by the timer
        self._lead = self._measure_lead()
        self._trusted_from = timer()
        self._watching: asyncio.Task[None] | None = None
        # A wake-up that comes late still counts, and several missed ones count once.
        self.alarm = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    @property
    def seconds_asleep(self) -> float | None:
        """How long ago it last woke; None before the first time."""
        return None if self._ticked_at is None else self._timer() - self._ticked_at

    def start(self) -> None:
        """Begin to wake the others; what was due while nothing ran is served at once."""
        if not self.alarm.running:
            self.alarm.start()
            self._set_alarms()
            self.alarm.add_job(self.tidy)
            self._watching = asyncio.create_task(self._watch_clock())

    async def stop(self) -> None:
        """Wake nobody any more, and let the messages in hand be finished."""
        if self._watching:
            self._watching.cancel()
        if self.alarm.running:
            self.alarm.pause()
        await self._outbox.close()
        if self.alarm.running:
            self.alarm.shutdown(wait=False)

    async def tick(self) -> int:
        """Plan what is due, deliver it, and return how many editions arrived."""
        await self._plan()
        arrived = await self._outbox.deliver_due()
        await self._planner.tell_makers()
        return arrived

    async def tidy(self) -> None:
        """Forget what is of no use any more."""
        await forget_old(self._database, self._clock(), self._keep_deliveries)

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
        """Let APScheduler reckon by the clock of now when to wake whom, and serve what is due at once."""
        # An interval counts from when its job is made, so jobs are made again.
        for name, job, when in (
            ("serve", self._serve, CronTrigger(second=0, timezone=UTC)),
            ("retry", self._retry, IntervalTrigger(seconds=RETRY_SECONDS, timezone=UTC)),
            ("tidy", self._tidy_if_trusted, CronTrigger(hour=3, minute=17, timezone=UTC)),
            ("serve at once", self._serve, None),
        ):
            self.alarm.add_job(job, when, id=name, replace_existing=True)

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
        """Plan what is due, and let it be delivered, also while other deliveries take long."""
        await self._plan()
        self._outbox.wake()
        await self._planner.tell_makers()

    async def _retry(self) -> None:  # a coroutine, as APScheduler calls functions from threads
        self._outbox.wake()
