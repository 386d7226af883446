"""How long a round of 1,000 feeds takes, what it keeps waiting, and what it costs.

Run with `make bench`, or with `python -m tests.bench.feeds`. Its own process serves the feeds, on as many
hosts. Ratios are of one run.
"""

import asyncio
import gc
import io
import multiprocessing
import resource
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep, thread_time

import feedparser
from aiohttp.abc import AbstractResolver, ResolveResult
from rich.console import Console
from rich.table import Table

from digests.feeds.check import Checker
from digests.feeds.collect import Collector, Round
from digests.feeds.fetch import Fetcher
from digests.feeds.hosts import allowed_hosts
from digests.feeds.lists import add_list
from digests.feeds.opml import ListedFeed
from digests.feeds.pace import Pace
from digests.feeds.parse import Parser
from digests.feeds.poll import interval
from digests.lookup.search import search_stories
from digests.seeds.reload import Reloader
from storage import feeds
from storage.engine import Database
from storage.models import Order, Page
from storage.search.index import Filters
from storage.sqlite.database import open_database
from tests.build import ROOT
from tests.feed_server import Answer, Asked, feed_server, item, rss

FEEDS, ENTRIES = 1_000, 20
IDLE_SECONDS = 5.0
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TEXT = "It happened at the quay, where people gathered to see what the tide had left behind. " * 3
WORDS = (
    "quay", "tide", "harbour", "lantern", "ferry", "baker", "bridge", "school", "orchard", "winter", "market",
    "signal",
)  # fmt: skip


def body_of(number: int) -> bytes:
    """Return a feed, of which each has words of its own."""
    items = (
        item(
            entry,
            title=f"{WORDS[(number + entry) % 12].title()} {number} {WORDS[entry % 12]} {entry}",
            link=f"https://f{number}.example/{entry}",
            extra=f"<description>{TEXT}</description>",
            date=f"Tue, 10 Mar 2026 0{entry % 10}:00:00 GMT",
        )
        for entry in range(ENTRIES)
    )
    return rss(*items, title=f"Feed {number}", site=f"https://f{number}.example/")


def serve(port: "multiprocessing.Queue[int]", stop: Event) -> None:
    """Serve every feed by its path, to those who don't know it already."""

    async def run() -> None:
        async with feed_server() as server:
            for number in range(FEEDS):
                server.pages[f"/{number}"] = _page(body_of(number))
            port.put(server.port)
            await asyncio.to_thread(stop.wait)

    asyncio.run(run())


def _page(body: bytes) -> Callable[[Asked], Answer]:
    def page(asked: Asked) -> Answer:
        if asked.headers.get("if-none-match") == '"1"':
            return Answer(status=304)
        return Answer(body, headers={"ETag": '"1"', "Content-Type": "application/rss+xml"})

    return page


class Everywhere(AbstractResolver):
    """Finds every host here."""

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        """Return this machine."""
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family or 2, proto=0, flags=0)
        ]

    async def close(self) -> None:
        """Do nothing."""


@asynccontextmanager
async def watched(held: list[tuple[float, float]]) -> AsyncIterator[None]:
    """Measure how long the loop is held at a time, in seconds, and the CPU that it takes itself meanwhile."""

    async def watch() -> None:
        while True:
            before, used = perf_counter(), thread_time()
            await asyncio.sleep(0.001)
            held.append((perf_counter() - before - 0.001, thread_time() - used))

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()


async def look_up(database: Database) -> float:
    """Return how long a search takes, in seconds."""
    before = perf_counter()
    async with database.reading() as connection:
        await connection.run(search_stories, "model", Filters(), Page(NOW, 10), Order.MATCH)
    return perf_counter() - before


async def look_up_beside(database: Database, taken: list[float]) -> None:
    """Search again and again until cancelled."""
    while True:
        taken.append(await look_up(database))
        await asyncio.sleep(0.05)


async def bare(checker: Checker, urls: list[str]) -> float:
    """Return how long it takes to fetch and read feeds alone, as many at once as a round does."""
    room = asyncio.Semaphore(16)

    async def one(url: str) -> None:
        async with room:
            document = await checker.fetcher.fetch(url)
        await checker.read(document)

    before = perf_counter()
    await asyncio.gather(*map(one, urls))
    return perf_counter() - before


def children() -> float:
    """Return how much CPU ended and waited-for processes of this one took, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def alone(bodies: list[bytes]) -> float:
    """Return how much CPU feedparser takes for feeds, in seconds."""
    before = process_time()
    for body in bodies:
        feedparser.parse(io.BytesIO(body))
    return process_time() - before


@dataclass
class Measured:
    """What was measured, in seconds."""

    bare: float = 0.0
    round_alone: float = 0.0
    round_watched: float = 0.0
    round_without_news: float = 0.0
    held: list[tuple[float, float]] = field(default_factory=list)
    looked_up: list[float] = field(default_factory=list)
    looked_up_idle: float = 0.0
    read: float = 0.0
    own: float = 0.0
    load: Counter[int] = field(default_factory=Counter)


async def measure(folder: Path, port: int) -> Measured:
    """Measure a round by itself, then one beside which people search, then one without news."""
    found = Measured()
    clock = [NOW]
    urls = [f"http://f{number}.example:{port}/{number}" for number in range(FEEDS)]
    parser, allowed = Parser(), allowed_hosts(["127.0.0.1"])
    async with Fetcher("Broadsheet/bench", allowed, lambda: clock[0], resolver=Everywhere()) as fetcher:
        checker = Checker(fetcher, parser, Pace(lambda: 0.0))
        await checker.read(await fetcher.fetch(urls[0]))  # the workers are there
        found.bare = await bare(checker, urls)
        async with subscribed(folder / "alone.db", urls) as database:
            clock[0] += timedelta(days=1)
            used, own = children(), process_time()
            done = await collect(Collector(database, checker, lambda: clock[0]))
            await parser.close()
            found.read, found.own = children() - used, process_time() - own
            found.round_alone = done.seconds
        async with subscribed(folder / "watched.db", urls) as database:
            rested: list[float] = []
            with suppress(TimeoutError):
                await asyncio.wait_for(look_up_beside(database, rested), IDLE_SECONDS)
            found.looked_up_idle = median(rested)
            collector = Collector(database, checker, lambda: clock[0])
            gc.collect()
            gc.freeze()  # as the bot does when it has started
            async with watched(found.held):
                looking = asyncio.create_task(look_up_beside(database, found.looked_up))
                found.round_watched = (await collect(collector)).seconds
                looking.cancel()
            async with database.reading() as connection:
                found.load = Counter(await connection.run(feeds.checks_by_minute))
            clock[0] += timedelta(days=2)
            quiet = await collector.collect()
            assert quiet.unchanged == FEEDS
            found.round_without_news = quiet.seconds
        await parser.close()
    return found


@asynccontextmanager
async def subscribed(path: Path, urls: list[str]) -> AsyncIterator[Database]:
    """Open a database with the bundled seeds, to which feeds were added a day before."""
    async with open_database(path) as database:
        await Reloader(database, lambda: NOW).reload(ROOT / "seeds")
        await add_list(database, lambda: NOW, [ListedFeed(url, topics=("Ports",)) for url in urls])
        yield database


async def collect(collector: Collector) -> Round:
    """Return a round in which every feed is read for the first time."""
    done = await collector.collect()
    assert (done.checked, done.added, done.failed) == (FEEDS, FEEDS * ENTRIES, [])
    return done


def print_measures(found: Measured) -> None:
    """Print what was measured, each beside what it is compared with."""
    theirs = alone([body_of(number) for number in range(FEEDS)])
    share = FEEDS * (timedelta(days=1) / interval(ENTRIES)) / 1_440
    fullest = max(found.load.values())
    beside = f"{_ms(theirs / FEEDS)} feedparser"
    table = Table("measure", "value", "beside", "ratio", "bar")
    for name, seconds, other, what, bar in (
        ("a round", found.round_alone, found.bare, "bare", "2"),
        ("a round beside lookups", found.round_watched, found.bare, "bare", ""),
        ("a round without news", found.round_without_news, found.round_alone, "a round", "0.1"),
    ):
        table.add_row(name, _s(seconds), f"{_s(other)} {what}", f"{seconds / other:.2f}", bar)
    longest, itself = max(found.held)[0], max(used for _, used in found.held)
    table.add_row("the loop held, at most", _ms(longest), f"{_ms(itself)} by itself", "", "50 ms")
    slower = median(found.looked_up) / found.looked_up_idle
    idle = f"{_ms(found.looked_up_idle)} idle"
    table.add_row("a lookup meanwhile", _ms(median(found.looked_up)), idle, f"{slower:.2f}", "2")
    table.add_row("checks in the fullest minute", str(fullest), f"{share:.1f}", f"{fullest / share:.2f}", "3")
    table.add_row("CPU to read a feed", _ms(found.read / FEEDS), beside, f"{found.read / theirs:.2f}", "1.5")
    table.add_row("CPU of the bot a feed", _ms(found.own / FEEDS), beside, f"{found.own / theirs:.2f}", "")
    Console(width=110).print(table)


def _s(seconds: float) -> str:
    return f"{seconds:.1f} s"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def main() -> None:
    """Start the server, measure, and end it."""
    context = multiprocessing.get_context("spawn")
    port: multiprocessing.Queue[int] = context.Queue()
    stop = context.Event()
    server = context.Process(target=serve, args=(port, stop))
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            print_measures(asyncio.run(measure(Path(folder), port.get(timeout=60))))
    finally:
        stop.set()
        sleep(0.2)
        server.join()


if __name__ == "__main__":
    main()
