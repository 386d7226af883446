"""What an edition costs: against reading its window's rows, in databases of two sizes, and for many readers.

Run with `make bench`.
"""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter

from rich.console import Console
from rich.table import Table

from digests.delivery.planner import Planner
from digests.editions.candidates import EditionOptions
from digests.editions.preview import edition_of_window
from digests.editions.timetable import EVERY_DAY
from digests.editions.window import LATE_NEWS, Window
from digests.subscriptions.limits import Limits
from digests.subscriptions.subscribe import NewSubscription, subscribe
from storage.engine import Connection, Database
from storage.models import DigestOptions, Subject, Topic, to_epoch
from storage.sqlite.database import open_database
from storage.topics import get as get_topic
from tests.bench.library import write_library
from tests.letterbox import Letterbox

SEED = 2026
STORIES, ARTICLES = 100_000, 400_000
TENTH = 10
ENDS = [datetime(2019, 1, 1, 9, tzinfo=UTC) + timedelta(days=300 * n) for n in range(8)]
TOPICS = range(1, 11)
LENGTHS = (1, 7, 31)  # days
ROUNDS = 3
SUBSCRIPTIONS = 1_000
OPTION_SETS = 4
# The plain way to read a window: everything there is to know of its articles, through the same indexes.
ROWS = (
    "SELECT article.*, mention.*, provider.* FROM article CROSS JOIN story_topic"
    " ON story_topic.story_id = article.story_id AND topic_id = ?"
    " JOIN mention ON mention.id = article.mention_id JOIN provider ON provider.id = article.provider_id"
    " WHERE article.published_at >= ? AND article.published_at <= ?"
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians over many topics and windows of one length, in seconds, and the rows that such a window has."""

    rows: float
    plain: float
    edition: float


def write_tenth(source: Path, target: Path) -> None:
    """Copy a database, all stories of the measured windows but only a tenth of all stories."""
    shutil.copy(source, target)
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("CREATE TEMP TABLE kept (id INTEGER PRIMARY KEY)")
    for end in ENDS:
        since = end - timedelta(days=max(LENGTHS)) - LATE_NEWS
        connection.execute(
            "INSERT OR IGNORE INTO kept SELECT story_id FROM article WHERE published_at BETWEEN ? AND ?",
            (to_epoch(since), to_epoch(end)),
        )
    connection.execute(
        f"INSERT INTO kept SELECT id FROM story WHERE id NOT IN (SELECT id FROM kept)"
        f" LIMIT max(0, {STORIES // TENTH} - (SELECT count(*) FROM kept))"
    )
    connection.execute("DELETE FROM article WHERE story_id NOT IN (SELECT id FROM kept)")
    connection.execute("DELETE FROM mention WHERE id NOT IN (SELECT mention_id FROM article)")
    connection.execute("DELETE FROM story_topic WHERE story_id NOT IN (SELECT id FROM kept)")
    connection.execute("DELETE FROM story WHERE id NOT IN (SELECT id FROM kept)")
    connection.execute("COMMIT")
    connection.execute("VACUUM")
    connection.close()


async def measure(connection: Connection, days: int) -> Cost:
    """Measure editions of windows of so many days."""
    rows, plain, editions = [], [], []
    for end, topic_id in product(ENDS, TOPICS):
        topic, window = Topic(topic_id, "", ""), Window(end - timedelta(days=days), end)
        values = (topic_id, to_epoch(window.since - LATE_NEWS), to_epoch(window.until))
        reading = partial(connection.execute_fetchall, ROWS, values)
        rows.append(len(list(await reading())))
        plain.append(await _quickest(reading))
        editions.append(
            await _quickest(
                partial(connection.run, edition_of_window, Subject((topic,)), window, EditionOptions())
            )
        )
    return Cost(median(rows), median(plain), median(editions))


async def _quickest(work: Callable[[], Awaitable[object]]) -> float:
    """Return the shortest of a few times, in seconds."""
    times = []
    for _ in range(ROUNDS):
        started = perf_counter()
        await work()
        times.append(perf_counter() - started)
    return min(times)


async def plan_for_many(database: Database, subscriptions: int) -> tuple[float, int]:
    """Plan for subscriptions to one topic at one time; returns the seconds and the editions stored."""
    now = ENDS[-1]
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM subscription")
        await connection.execute("DELETE FROM edition")
        topic = await connection.run(get_topic, 1)
        assert topic
        for number in range(subscriptions):
            options = DigestOptions("09:00", "UTC", EVERY_DAY, 1 + number % OPTION_SETS)
            new = NewSubscription(Subject((topic,)), 1, number + 1, 1, options)
            await subscribe(connection, new, now - timedelta(hours=1), Limits(subscriptions, 0))
    started = perf_counter()
    await Planner(database, Letterbox(), lambda: now).plan()
    seconds = perf_counter() - started
    async with database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT count(*) FROM edition")
    return seconds, next(iter(rows))[0]


async def print_figures(console: Console, whole: Path, tenth: Path) -> None:
    """Measure the two databases and print."""
    table = Table("window", "rows", "edition / plain query of its rows", "edition / the same in a tenth")
    async with open_database(whole) as database, open_database(tenth) as small:
        for days in LENGTHS:
            async with database.reading() as connection, small.reading() as other:
                cost, less = await measure(connection, days), await measure(other, days)
            table.add_row(
                f"{days} days",
                f"{cost.rows:.0f}",
                f"{cost.edition / cost.plain:.2f}",
                f"{cost.edition / less.edition:.2f}",
            )
        few, _ = await plan_for_many(database, OPTION_SETS)
        many, stored = await plan_for_many(database, SUBSCRIPTIONS)
    console.print(f"Editions, of {STORIES:,} stories with {ARTICLES:,} articles (medians):")
    console.print(table)
    console.print(
        f"{SUBSCRIPTIONS:,} subscriptions with {OPTION_SETS} sets of options: {stored} editions built,"
        f" in {many / few:.0f}× the time of {OPTION_SETS} subscriptions"
    )


def main() -> None:
    """Make the databases, measure and print."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
        whole, tenth = Path(scratch) / "whole.db", Path(scratch) / "tenth.db"
        write_library(whole, SEED, STORIES, ARTICLES)
        write_tenth(whole, tenth)
        asyncio.run(print_figures(Console(width=110), whole, tenth))


if __name__ == "__main__":
    main()
