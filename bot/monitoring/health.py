"""Whether the bot is well: observed in its event loop, asked from any thread."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from shutil import disk_usage
from time import monotonic

from bot.client import Client
from bot.errors import worded
from bot.monitoring.metrics import Metrics
from bot.services import Services
from digests.delivery.scheduler import Scheduler
from storage import feeds, progress, seeds
from storage.engine import ReadConnection
from storage.errors import StorageError
from storage.progress import OutboxProgress
from storage.sqlite.backup import last_backup

BEAT_SECONDS = 1.0
LOOK_SECONDS = 5.0
STUCK_SECONDS = 10.0  # an event loop that hasn't run for this long is stuck
UNWRITTEN_SECONDS = 60.0  # longer than any reload holds the database; a write that fails shows at once
LATE_TICK_SECONDS = 300.0  # the scheduler wakes every minute
LATE_SEND_SECONDS = 15.0  # for which an edition waits though none arrives

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
        self._fault: str | None = None  # why the last look at the database failed
        self._progress: OutboxProgress | None = None
        self._moved = timer()  # when an edition last came to its end
        # When the delivery that waits longest was due, by the clock and by the timer.
        self._due: tuple[datetime, float] | None = None

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
        self._fault = None
        async with database.reading() as connection:
            await connection.run(self._measure_stored)
            if owned := self._client.tenure.shards():
                if self._progress is None:
                    self._progress = await connection.run(progress.begin)
                self._progress = await connection.run(progress.look_on, self._progress, owned)
                self._note(self._progress)
        self._measure()
        self.metrics.database_bytes.set(await database.size())

    def _note(self, seen: OutboxProgress) -> None:
        """Note what became of deliveries."""
        if seen.settled:
            self._moved = self._timer()
        self._note_due(seen.due_at)
        for settled in seen.settled:
            self.metrics.count_delivery(settled.state, settled.lag)
        self.metrics.queue_depth.set(len(seen.open))

    @property
    def is_spare(self) -> bool:
        """Say whether the process waits for shards that it could serve; safe in any thread."""
        return self._client.tenure.is_spare

    @property
    def _serves(self) -> bool:
        return self._client.tenure.serves

    def death(self) -> str | None:
        """Say why only a new start can help, None if nothing says so; safe in any thread.

        A scheduler that hasn't begun yet is no sign of death: Discord may be away.
        """
        idle = self._scheduler.seconds_asleep
        if (asleep := self._seconds_stuck()) > STUCK_SECONDS:
            return f"the event loop has not run for {asleep:.0f} s"
        if idle is not None and idle > LATE_TICK_SECONDS:
            return f"the scheduler last woke {idle:.0f} s ago"
        return None

    def life(self) -> str:
        """Say that the bot lives, and which shards aren't connected; safe in any thread."""
        if self.is_spare:
            return "alive, as a spare"
        if not self._serves:
            return "alive, as the collector"
        away = self._away()
        return f"alive, but {away}" if away else "alive"

    def problems(self) -> dict[str, str | None]:
        """Return what is wrong by check, None for those that are well; safe in any thread.

        A spare, and a collector, have nothing to do with Discord, so that isn't checked.
        """
        timer, fault = self._timer(), self._fault
        asleep, unwritten = self._seconds_stuck(), timer - self._wrote
        idle, waited = self._scheduler.seconds_asleep, self._seconds_waited()
        away = self._away() if self._serves and not self.is_spare else None
        problems = {
            "loop": (asleep > STUCK_SECONDS, f"the event loop has not run for {asleep:.0f} s"),
            "database": (
                fault is not None or unwritten > UNWRITTEN_SECONDS,
                fault or f"not written to for {unwritten:.0f} s",
            ),
            "discord": (away is not None, away),
            "scheduler": (
                idle is None or idle > LATE_TICK_SECONDS,
                "has not woken yet" if idle is None else f"last woke {idle:.0f} s ago",
            ),
            # While others arrive, one waits for its turn only.
            "outbox": (
                min(waited, timer - self._moved) > LATE_SEND_SECONDS,
                f"a delivery has waited for {waited:.0f} s",
            ),
        }
        if self.is_spare:
            problems = {check: problems[check] for check in ("loop", "database")}
        elif not self._serves:
            problems = {check: problems[check] for check in ("loop", "database", "scheduler")}
        for check, (is_wrong, _) in problems.items():
            self.metrics.show_ready(check, well=not is_wrong)
        return {check: message if is_wrong else None for check, (is_wrong, message) in problems.items()}

    def _away(self) -> str | None:
        """Say which shards aren't connected to Discord, None if all are."""
        client, away = self._client, self._client.away()
        for shard in client.owned.mine:
            self.metrics.show_shard(shard, connected=shard not in away)
        if away and len(away) < len(client.owned.mine):
            return f"not connected: {_named(away)} of {client.owned.count}"
        return None if client.is_ready() and not client.is_closed() and not away else "not connected"

    def _seconds_stuck(self) -> float:
        return self._timer() - self._beat

    def _note_due(self, due_at: datetime | None) -> None:
        """Note on the timer, once, since when a delivery waits: from then on the clock may jump."""
        if due_at is None:
            self._due = None
        elif self._due is None or self._due[0] != due_at:
            waits = self._services.clock() - due_at
            self._due = due_at, self._timer() - waits.total_seconds()

    def _seconds_waited(self) -> float:
        """Return how long the delivery that waits longest could have been sent already."""
        due = self._due  # which the event loop may change meanwhile
        return max(0.0, round(self._timer() - due[1])) if due else 0.0

    def _measure_stored(self, reader: ReadConnection) -> None:
        """Measure what the database and its disk say; in the connection's thread, as disks may be slow."""
        metrics, settings = self.metrics, self._services.settings
        metrics.show_feeds(feeds.count_by_state(reader))
        overdue = feeds.most_overdue(reader)
        waited = (self._services.clock() - overdue).total_seconds() if overdue else 0.0
        metrics.feed_overdue.set(max(0.0, waited))
        metrics.feed_success.set(_timestamp(feeds.last_success(reader)))
        reloaded = seeds.last_reload(reader) if settings.seeds_path else None
        metrics.reload_success.set(_timestamp(reloaded[0] if reloaded else None))
        if isinstance(settings.database, Path):  # a server's disks and backups are its own matter
            metrics.backup_success.set(_timestamp(last_backup(settings.database)))
            disk = disk_usage(settings.database.parent)
            metrics.disk_bytes.set(disk.total)
            metrics.disk_free.set(disk.free)

    def _measure(self) -> None:
        self.metrics.queue_wait.set(self._seconds_waited())
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
                self._fault = worded(outcome, terminal=True)
                log.warning("%s", self._fault)
            elif isinstance(outcome, Exception):
                self._fault = f"it can't be looked at: {outcome!r}"
                log.warning("the database can't be looked at: %r", outcome)
            await asyncio.sleep(LOOK_SECONDS)


def _named(shards: Sequence[int]) -> str:
    return f"{'shard' if len(shards) == 1 else 'shards'} {', '.join(map(str, shards))}"


def _timestamp(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
