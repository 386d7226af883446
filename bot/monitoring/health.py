"""Whether the bot is well: observed in its event loop, asked from any thread."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from bot.client import Client
from bot.errors import worded
from bot.monitoring.metrics import Metrics
from bot.services import Services
from digests.delivery.scheduler import Scheduler
from storage import progress
from storage.errors import StorageError
from storage.progress import OutboxProgress

BEAT_SECONDS = 1.0
LOOK_SECONDS = 10.0
STUCK_SECONDS = 10.0  # an event loop that hasn't run for this long is stuck
UNWRITTEN_SECONDS = 60.0  # longer than any reload holds the database
LATE_TICK = timedelta(minutes=5)  # the scheduler wakes every minute
LATE_SEND = timedelta(minutes=10)

log = logging.getLogger(__name__)


class Health:
    """Observes the bot from its event loop, and says from any thread what is wrong."""

    def __init__(
        self,
        services: Services,
        client: Client,
        scheduler: Scheduler,
        metrics: Metrics,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        self._services = services
        self._client = client
        self._scheduler = scheduler
        self._timer = timer
        self.metrics = metrics
        self._beat = self._wrote = timer()
        self._commits = services.database.commits
        self._progress: OutboxProgress | None = None

    async def watch(self) -> None:
        """Look regularly until cancelled."""
        await asyncio.gather(self._keep_beating(), self._keep_looking())

    async def look(self) -> None:
        """Note that the loop runs and the database can be written to, and update the metrics."""
        self._beat = self._timer()
        database = self._services.database
        if database.commits == self._commits:  # nobody wrote since the last look
            await database.probe()
        self._commits, self._wrote = database.commits, self._timer()
        async with database.reading() as connection:
            if self._progress is None:
                self._progress = await connection.run(progress.begin)
            self._progress = await connection.run(progress.look_on, self._progress)
        self._measure(self._progress)

    def problems(self) -> dict[str, str | None]:
        """Return what is wrong by check, None for those that are well; safe in any thread."""
        now, timer = self._services.clock(), self._timer()
        asleep, unwritten = timer - self._beat, timer - self._wrote
        ticked_at = self._scheduler.ticked_at
        due_at = self._progress.due_at if self._progress else None
        problems = {
            "loop": (asleep > STUCK_SECONDS, f"the event loop has not run for {asleep:.0f} s"),
            "database": (unwritten > UNWRITTEN_SECONDS, f"not written to for {unwritten:.0f} s"),
            "discord": (not self._client.is_connected(), "not connected"),
            "scheduler": (
                ticked_at is None or now - ticked_at > LATE_TICK,
                f"last woke at {ticked_at:%Y-%m-%d %H:%M:%S} UTC" if ticked_at else "has not woken yet",
            ),
            "outbox": (due_at is not None and now - due_at > LATE_SEND, f"a delivery waits since {due_at}"),
        }
        for check, (is_wrong, _) in problems.items():
            self.metrics.show_ready(check, well=not is_wrong)
        return {check: message if is_wrong else None for check, (is_wrong, message) in problems.items()}

    def _measure(self, seen: OutboxProgress) -> None:
        for settled in seen.settled:
            self.metrics.count_delivery(settled.state, settled.lag)
        overdue = self._services.clock() - seen.due_at if seen.due_at else timedelta()
        self.metrics.queue_depth.set(len(seen.open))
        self.metrics.queue_wait.set(max(0.0, overdue.total_seconds()))
        self.metrics.database_bytes.set(self._services.database.size())
        self.metrics.gateway_latency.set(self._client.latency)
        self.metrics.servers.set(len(self._client.guilds))

    async def _keep_beating(self) -> None:
        while True:
            self._beat = self._timer()
            await asyncio.sleep(BEAT_SECONDS)

    async def _keep_looking(self) -> None:
        while True:
            # A look that fails, for example on a full disk, must not be the last.
            (outcome,) = await asyncio.gather(self.look(), return_exceptions=True)
            if isinstance(outcome, StorageError):
                log.warning("%s", worded(outcome, terminal=True))
            elif isinstance(outcome, Exception):
                log.warning("the database can't be looked at: %r", outcome)
            await asyncio.sleep(LOOK_SECONDS)
