"""How deliveries go under load, against a stand-in with Discord's limits, as ratios within one run.

Run with `make bench`, or alone: `python -m tests.bench.delivery`. It takes about two minutes.
"""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from time import monotonic, perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

from digests.delivery.planner import Planner
from storage.engine import Database
from storage.errors import Place
from storage.opening import open_database
from tests.letterbox import Letterbox
from tests.processes import running_bot
from tests.standin import Limits, Standin, serve, server
from tests.subscribed import DAY, GUILD, store_stories, subscribe_all

CHANNELS = 2_000
FEW, MANY = 100, 100_000
TICKS = 60
IDLE = 20  # seconds in which commands are measured before anything is due
EVERY = 0.05  # seconds between two commands
PERSON = {"id": "12", "username": "ann", "discriminator": "0", "avatar": None, "global_name": "Ann"}


@dataclass(frozen=True, slots=True)
class Load:
    """What 2,000 channels due at one minute came to; latencies in seconds, memory in MB."""

    served: int
    rate: float
    refused: int
    idle: float
    busy: float
    memory: float
    editions: int


def interaction(number: int) -> dict[str, Any]:
    """Return what the gateway says when somebody types /stories latest."""
    return {
        "id": str(number),
        "application_id": "10",
        "type": 2,
        "token": f"token-{number}",
        "version": 1,
        "guild_id": str(GUILD),
        "channel_id": "100",
        "channel": {"id": "100", "type": 0, "name": "news", "guild_id": str(GUILD), "position": 0},
        "member": {
            "user": PERSON,
            "roles": [],
            "joined_at": "2026-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
            "permissions": "0",
        },
        "locale": "en-US",
        "guild_locale": "en-US",
        "app_permissions": "0",
        "entitlements": [],
        "attachment_size_limit": 10_485_760,
        "authorizing_integration_owners": {},
        "context": 0,
        "data": {
            "id": "1",
            "name": "stories",
            "type": 1,
            "options": [{"name": "latest", "type": 1, "options": []}],
        },
    }


async def type_commands(standin: Standin, ids: "count[int]", until: Callable[[], bool]) -> list[float]:
    """Type a command every now and then, and return how long each one took to be acknowledged."""
    typed: dict[str, float] = {}
    while not until():
        number = next(ids)
        typed[str(number)] = monotonic()
        await standin.dispatch("INTERACTION_CREATE", interaction(number))
        await asyncio.sleep(EVERY)
    await standin.until(lambda: typed.keys() <= standin.answered.keys())
    return [standin.answered[number] - started for number, started in typed.items()]


def next_issue(now: datetime) -> datetime:
    """Return the first full minute that leaves time to start and to measure what is idle."""
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1 if now.second < 30 else 2)


def memory_of(process: int) -> float:
    """Return a process's memory in MB."""
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


async def measure_load(folder: Path) -> Load:
    """Let 2,000 channels be due at one minute, while people type commands."""
    path, ids = folder / "load.db", count(1)
    issue_at = next_issue(datetime.now(UTC))
    async with open_database(path) as database:
        await store_stories(database, folder / "seeds", issue_at, 1, 20)
        await subscribe_all(database, range(1_000, 1_000 + CHANNELS), issue_at, stories=5)
    async with (
        serve(Standin(limits=Limits(), guilds=[server(GUILD)])) as standin,
        running_bot(standin, path, folder / "seeds") as bot,
    ):
        await asyncio.sleep(3)  # discord.py says that it is ready two seconds after the last server
        ends = monotonic() + max(5.0, (issue_at - datetime.now(UTC)).total_seconds() - 2)
        idle = await type_commands(standin, ids, lambda: monotonic() > ends)
        before, peak = memory_of(bot.pid), 0.0

        def served() -> int:
            return sum(map(len, standin.messages.values()))

        async def watch_memory() -> None:
            nonlocal peak
            while served() < CHANNELS:
                peak = max(peak, memory_of(bot.pid))
                await asyncio.sleep(0.25)

        await standin.until(lambda: served() > 0, 90)
        started = monotonic()
        watching = asyncio.create_task(watch_memory())
        busy = await type_commands(standin, ids, lambda: served() >= CHANNELS or monotonic() > started + 90)
        await watching
        sends = [at for at, method, path in standin.requests if method == "POST" and "/messages" in path]
    async with open_database(path) as database, database.reading() as connection:
        rows = list(await connection.execute_fetchall("SELECT count(*) FROM edition"))
    rate = (len(sends) - 1) / (max(sends) - min(sends)) / Limits().everything
    return Load(served(), rate, standin.refused, _p95(idle), _p95(busy), peak - before, rows[0][0])


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


async def measure_ticks(folder: Path, place_of: Callable[[str], Place] | None = None) -> float:
    """Return how much longer a planner's tick with nothing due takes with 100,000 subscriptions than 100."""
    now = datetime.now(UTC)
    times: dict[int, list[float]] = {FEW: [], MANY: []}
    place_of = place_of or (lambda name: folder / f"{name}.db")
    async with (
        open_database(place_of("few")) as few,
        open_database(place_of("many")) as many,
    ):
        planners = {}
        for number, database in ((FEW, few), (MANY, many)):
            await store_stories(database, folder / f"seeds-{number}", now, 1, 1)
            await multiply(database, number, now)
            planners[number] = Planner(database, Letterbox(), lambda: now)
        for _ in range(TICKS):
            for number, planner in planners.items():
                started = perf_counter()
                await planner.plan()
                times[number].append(perf_counter() - started)
    return median(times[MANY]) / median(times[FEW])


async def multiply(database: Database, number: int, now: datetime) -> None:
    """Fill a database with subscriptions that are due in half a day."""
    (one,) = await subscribe_all(database, [1], now + DAY / 2)
    async with database.transaction() as connection:
        await connection.execute(
            "WITH RECURSIVE more (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM more WHERE n < ?)"
            " INSERT INTO subscription (guild_id, channel_id, created_by, created_at, issue_time,"
            " zone, days, stories, min_quality, covered_to, next_at)"
            " SELECT n, n, created_by, created_at, issue_time,"
            " zone, days, stories, min_quality, covered_to, next_at"
            " FROM more, subscription WHERE id = ?",
            (number, one.id),
        )
        await connection.execute(
            "INSERT INTO subscription_topic (channel_id, topic_id, subscription_id, place)"
            " SELECT channel_id, ?, id, 0 FROM subscription WHERE id <> ?",
            (one.subject.topic_ids[0], one.id),
        )


def main() -> None:
    """Measure and print."""
    console = Console(width=110)
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
        load = asyncio.run(measure_load(Path(scratch)))
        ticks = asyncio.run(measure_ticks(Path(scratch)))
    table = Table("measured", "figure", "wanted")
    table.add_row("channels served of those due at one minute", f"{load.served:,}", f"{CHANNELS:,}")
    table.add_row("requests a second, of the 50 allowed", f"{load.rate:.1%}", "92 % and more")
    table.add_row("answers of 429", f"{load.refused}", "0")
    table.add_row("a command meanwhile, of its idle time (p95)", f"{load.busy / load.idle:.2f}", "up to 3")
    table.add_row("  idle, and meanwhile, ms", f"{load.idle * 1000:.1f}, {load.busy * 1000:.1f}", "")
    table.add_row("memory grown by, MB", f"{load.memory:.1f}", "less than 20")
    table.add_row("editions built for one set of options", f"{load.editions}", "1")
    table.add_row(f"a tick with nothing due, {MANY:,} subscriptions to {FEW}", f"{ticks:.2f}", "up to 2")
    console.print(table)


if __name__ == "__main__":
    main()
