"""What the bot counts and measures, for Prometheus."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector

from digests.feeds.collect import Round
from digests.seeds.reload import Report
from storage.feeds import FeedState

COMMAND_OUTCOMES = ("done", "refused", "failed")
DELIVERY_OUTCOMES = ("sent", "empty", "skipped", "paused", "failed")
RELOAD_OUTCOMES = ("done", "failed")
CHECK_OUTCOMES = ("changed", "unchanged", "failed")
COMMAND_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 15, 60)  # Discord waits 3 s for a first answer
LOCK_SECONDS = (0.001, 0.005, 0.025, 0.1, 0.25, 1, 5)  # the limit is 0.25 s, except for reloads
LAG_SECONDS = (1, 5, 15, 60, 300, 900, 1_800, 3_600, 14_400, 43_200, 172_800)  # LATE_HOURS is 48 at most


class Metrics:
    """Everything that is measured, in one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        ProcessCollector(registry=registry)
        self._commands = Counter(
            "broadsheet_commands",
            "Commands and presses of buttons; outcome: done, refused (the person was told why) or failed.",
            ["command", "outcome"],
            registry=registry,
        )
        self._command_seconds = Histogram(
            "broadsheet_command_seconds",
            "How long commands and presses of buttons took.",
            ["command"],
            buckets=COMMAND_SECONDS,
            registry=registry,
        )
        self._deliveries = Counter(
            "broadsheet_deliveries",
            "Deliveries that are over; outcome: sent, empty, skipped, paused or failed.",
            ["outcome"],
            registry=registry,
        )
        self._lag = Histogram(
            "broadsheet_delivery_lag_seconds",
            "How long after its issue time an edition arrived.",
            buckets=LAG_SECONDS,
            registry=registry,
        )
        self._reloads = Counter(
            "broadsheet_reloads", "Reloads; outcome: done or failed.", ["outcome"], registry=registry
        )
        self._reload_seconds = self._gauge("reload_seconds", "How long the last reload took.")
        self.reload_success = self._gauge(
            "reload_success_timestamp_seconds", "When seeds were last reloaded; 0 without a folder of seeds."
        )
        self._records = self._gauge("records", "Records stored after the last reload.")
        self._faults = self._gauge("seed_faults", "Seed files that couldn't be used in the last reload.")
        self.queue_depth = self._gauge("queue_depth", "Deliveries that aren't over.")
        self.queue_wait = self._gauge("queue_wait_seconds", "How long the most overdue delivery has waited.")
        self.database_bytes = self._gauge("database_bytes", "The database's size, its log included.")
        self.disk_bytes = self._gauge("disk_bytes", "The size of the disk that the database is on.")
        self.disk_free = self._gauge("disk_free_bytes", "What is free of the disk that the database is on.")
        self.backup_success = self._gauge(
            "backup_success_timestamp_seconds", "When the last backup was made; 0 if none ever was."
        )
        self.gateway_latency = self._gauge("gateway_latency_seconds", "Latency of Discord's gateway.")
        self.servers = self._gauge("servers", "Servers that the bot is in.")
        self._checks = Counter(
            "broadsheet_feed_checks",
            "Checks of feeds; outcome: changed, unchanged or failed.",
            ["outcome"],
            registry=registry,
        )
        self._entries = Counter(
            "broadsheet_feed_entries",
            "Entries of feeds that were stored; kind: added or changed.",
            ["kind"],
            registry=registry,
        )
        self._round_seconds = self._gauge("feed_round_seconds", "How long the last round of checks took.")
        self._feeds = Gauge(
            "broadsheet_feeds",
            "Feeds; state: new, ok, failing, paused or ended.",
            ["state"],
            registry=registry,
        )
        self.feed_overdue = self._gauge("feed_overdue_seconds", "How long the most overdue check has waited.")
        self.feed_success = self._gauge(
            "feed_success_timestamp_seconds", "When a check of a feed last succeeded; 0 if none ever did."
        )
        self.lock_held = Histogram(
            "broadsheet_write_lock_seconds",
            "How long transactions held the database's write lock.",
            buckets=LOCK_SECONDS,
            registry=registry,
        )
        self._ready = Gauge(
            "broadsheet_ready", "1 if a check of /readyz is well, else 0.", ["check"], registry=registry
        )
        self._shards = Gauge(
            "broadsheet_shard_connected",
            "1 if a shard is connected to Discord, else 0.",
            ["shard"],
            registry=registry,
        )

        for outcome in DELIVERY_OUTCOMES:
            self._deliveries.labels(outcome)
        for outcome in RELOAD_OUTCOMES:
            self._reloads.labels(outcome)
        for outcome in CHECK_OUTCOMES:
            self._checks.labels(outcome)
        for kind in ("added", "changed"):
            self._entries.labels(kind)

    def expect_commands(self, names: Iterable[str]) -> None:
        """Start every command and button at zero, because alerts only see what rises from a known value."""
        for name in names:
            for outcome in COMMAND_OUTCOMES:
                self._commands.labels(name, outcome)

    def count_command(self, command: str, outcome: str, seconds: float) -> None:
        """Count a command or a press of a button, with its duration."""
        self._commands.labels(command, outcome).inc()
        self._command_seconds.labels(command).observe(seconds)

    def count_delivery(self, outcome: str, lag: timedelta) -> None:
        """Count a delivery that is over; the lag is only recorded for those sent."""
        self._deliveries.labels(outcome).inc()
        if outcome == "sent":
            self._lag.observe(max(0.0, lag.total_seconds()))

    def count_reload(self, report: Report | None) -> None:
        """Count a reload; without a report it failed."""
        self._reloads.labels("failed" if report is None else "done").inc()
        if report:
            self._reload_seconds.set(report.seconds)
            self._records.set(report.records)
            self._faults.set(len(report.failed))

    def count_round(self, done: Round) -> None:
        """Count a round of checks of feeds."""
        failed = len(done.failed)
        self._checks.labels("failed").inc(failed)
        self._checks.labels("unchanged").inc(done.unchanged)
        self._checks.labels("changed").inc(max(0, done.checked - done.unchanged - failed))
        self._entries.labels("added").inc(done.added)
        self._entries.labels("changed").inc(done.changed)
        self._round_seconds.set(done.seconds)

    def show_feeds(self, by_state: Mapping[FeedState, int]) -> None:
        """Show how many feeds are in each state."""
        for state in FeedState:
            self._feeds.labels(state).set(by_state.get(state, 0))

    def show_ready(self, check: str, *, well: bool) -> None:
        """Record how a check of /readyz ended."""
        self._ready.labels(check).set(well)

    def show_shard(self, shard: int, *, connected: bool) -> None:
        """Record whether a shard is connected to Discord."""
        self._shards.labels(str(shard)).set(connected)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"broadsheet_{name}", meaning, registry=self.registry)
