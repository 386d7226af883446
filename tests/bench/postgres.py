"""How fast PostgreSQL is, as ratios to SQLite with the same articles: lookups, editions, a first load.

Run with `make bench-long`, or with `python -m tests.bench.postgres [ARTICLES …]`. A server of the bench's own
runs in memory, and never waits for a disk; what is asked is asked of both in turn.
"""

import asyncio
import random
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from bot.services import utc_now
from digests.editions.candidates import EditionOptions
from digests.editions.preview import edition_of_window
from digests.editions.window import Window
from digests.seeds.reload import Reloader
from storage.dialect import dialect_of
from storage.engine import Connection, Database
from storage.models import Subject, Topic
from storage.postgres.database import open_database as open_postgres
from storage.search import vocabulary
from storage.sqlite.database import open_database as open_sqlite
from tests.bench.corpus import write_corpus
from tests.bench.editions import ENDS
from tests.bench.library import write_library
from tests.bench.lookups import (
    OTHERS,
    SEED,
    Times,
    card,
    from_outlet,
    latest,
    queries,
    ratio,
    search,
    story_titles,
    timed,
    top,
)
from tests.cluster import Cluster, running_cluster

SIZES = (100_000, 1_000_000)  # articles; a quarter as many stories
INDEXED = 50_000  # articles at a time
WARMED = 5  # one in so many texts is asked before
LOADED = 0.3  # of the usual corpus

_COLUMNS = (
    "SELECT column_name, data_type = 'boolean' FROM information_schema.columns"
    " JOIN pg_tables ON (schemaname, tablename) = (table_schema, table_name)"
    " WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position"
)


def copy_library(path: Path, url: str) -> None:
    """Copy what write_library() made into an empty database of PostgreSQL's, without the search index."""
    with closing(sqlite3.connect(path)) as source, psycopg.connect(url) as target:
        target.execute("SET session_replication_role = replica")  # references are whole in the end
        tables = [row[0] for row in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            named = {row[1] for row in source.execute(f"PRAGMA table_info({table})")}
            columns = [row for row in target.execute(_COLUMNS, (table,)).fetchall() if row[0] in named]
            if not columns:
                continue
            names = ", ".join(name for name, _ in columns)
            target.execute(f"DELETE FROM {table}")
            with target.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in source.execute(f"SELECT {names} FROM {table}"):
                    copy.write_row(
                        [bool(v) if is_bool else v for v, (_, is_bool) in zip(row, columns, strict=True)]
                    )


async def index(database: Database, articles: int) -> None:
    """Put every article into the search index."""
    for first in range(1, articles + 1, INDEXED):
        async with database.transaction() as connection:
            ids = range(first, min(first + INDEXED, articles + 1))
            await dialect_of(connection).search.add(connection, ids)
    async with database.transaction() as connection:
        await vocabulary.refresh(connection)


async def compare(
    one: Database, other: Database, lookup: Callable[..., Any], texts: Sequence[str]
) -> tuple[Times, Times]:
    """Return how long a lookup takes in each for each text; the first few are asked once before."""
    times: tuple[list[float], list[float]] = [], []
    warming = len(texts) // WARMED
    for number, text in enumerate([*texts[:warming], *texts]):
        for database, seconds in zip((one, other), times, strict=True):
            took = await timed(database, partial(lookup, text=text))
            if number >= warming:
                seconds.append(took)
    return Times(tuple(times[0])), Times(tuple(times[1]))


async def edition(connection: Connection, text: str) -> None:
    """Build an edition of a week."""
    number = int(text)
    end = ENDS[number % len(ENDS)]
    window = Window(end - timedelta(days=7), end)
    subject = Subject((Topic(1 + number % 10, "", ""),))
    await connection.run(edition_of_window, subject, window, EditionOptions())


async def measure(path: Path, url: str, articles: int, table: Table) -> None:
    """Measure every lookup on one library, and add a row for each."""
    async with open_sqlite(path) as sqlite, open_postgres(url) as postgres:
        await index(postgres, articles)
        with psycopg.connect(url, autocommit=True) as session:
            session.execute("VACUUM ANALYZE")
        choice = random.Random(SEED)
        asked = await queries(sqlite, choice, articles)
        numbers = [str(choice.randint(1, articles // 4)) for _ in range(OTHERS)]
        typed = [text[: choice.randint(1, len(text))] for text in asked[:OTHERS]]
        outlets = [f"outlet{choice.randint(1, 400)}.example" for _ in range(OTHERS)]
        looked_up: dict[str, tuple[Callable[..., Any], Sequence[str]]] = {
            "search": (search, asked),
            "story": (story_titles, typed),
            "card": (card, numbers),
            "latest": (latest, numbers),
            "top": (top, numbers),
            "from": (from_outlet, outlets),
            "edition": (edition, [str(n) for n in range(OTHERS)]),
        }
        for name, (lookup, texts) in looked_up.items():
            ours, its = await compare(sqlite, postgres, lookup, texts)
            median, slow = ratio(its, ours), ratio(its, ours, 0.99)
            table.add_row(f"{articles:,}", name, ours.ms(), its.ms(), median, slow)


async def load(cluster: Cluster, root: Path) -> float:
    """Return how many times as long a first load takes in PostgreSQL."""
    write_corpus(root / "seeds", SEED, LOADED)
    seconds = []
    for opened in (open_sqlite(root / "load.db"), open_postgres(cluster.url(cluster.add()))):
        async with opened as database:
            started = perf_counter()
            await Reloader(database, utc_now).reload(root / "seeds")
            seconds.append(perf_counter() - started)
    return seconds[1] / seconds[0]


def main() -> None:
    """Measure and print; numbers of articles given are measured in the place of the usual ones."""
    console = Console(width=120)
    table = Table("articles", "lookup", "SQLite ms", "PostgreSQL ms", "median", "p99")
    with running_cluster() as cluster, tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
        root = Path(scratch)
        for articles in map(int, sys.argv[1:] or SIZES):
            path, url = root / f"{articles}.db", cluster.url(cluster.add())
            write_library(path, SEED, articles // 4, articles)
            asyncio.run(_made(url))
            copy_library(path, url)
            asyncio.run(measure(path, url, articles, table))
        loading = asyncio.run(load(cluster, root))
    console.print("Milliseconds are median / 99th percentile; ratios are PostgreSQL's to SQLite's.")
    console.print(table)
    console.print(f"A first load takes {loading:.1f} times as long in PostgreSQL.")


async def _made(url: str) -> None:
    async with open_postgres(url):
        pass


if __name__ == "__main__":
    main()
