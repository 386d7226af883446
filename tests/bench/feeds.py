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
from digests.feeds.opml import ListedFeed
from digests.feeds.pace import Pace
from digests.feeds.parse import Parser
from digests.feeds.poll import interval
from digests.feeds.sources import add_list
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


async def measure(folder: Path, port: int) -> None:
    """Print every measure."""
    clock = [NOW]
    async with open_database(folder / "bench.db") as database:
        await Reloader(database, lambda: NOW).reload(ROOT / "seeds")
        urls = [f"http://f{number}.example:{port}/{number}" for number in range(FEEDS)]
        parser, allowed = Parser(), allowed_hosts(["127.0.0.1"])
        async with Fetcher("Broadsheet/bench", allowed, lambda: clock[0], resolver=Everywhere()) as fetcher:
            checker = Checker(fetcher, parser, Pace(lambda: 0.0))
            collector = Collector(database, checker, lambda: clock[0])
            await checker.read(await fetcher.fetch(urls[0]))  # the workers are there
            plain = await bare(checker, urls)
            await add_list(database, lambda: NOW, [ListedFeed(url, topics=("Ports",)) for url in urls])
            rested: list[float] = []
            with suppress(TimeoutError):
                await asyncio.wait_for(look_up_beside(database, rested), IDLE_SECONDS)
            idle = median(rested)
            clock[0] += timedelta(days=1)
            held: list[tuple[float, float]] = []
            taken: list[float] = []
            await parser.close()
            gc.collect()
            gc.freeze()  # as the bot does when it has started
            used, own = children(), process_time()
            async with watched(held):
                looking = asyncio.create_task(look_up_beside(database, taken))
                done = await collector.collect()
                looking.cancel()
            await parser.close()
            read, own = children() - used, process_time() - own
            assert (done.checked, done.added, done.failed) == (FEEDS, FEEDS * ENTRIES, [])
            async with database.reading() as connection:
                load = Counter(await connection.run(feeds.checks_by_minute))
            clock[0] += timedelta(days=2)
            quiet = await collector.collect()
            assert quiet.unchanged == FEEDS
        await parser.close()
    print_measures(done, quiet, plain, held, taken, idle, load, read, own)


def print_measures(
    done: Round,
    quiet: Round,
    plain: float,
    held: list[tuple[float, float]],
    taken: list[float],
    idle: float,
    load: Counter[int],
    read: float,
    own: float,
) -> None:
    """Print what was measured, each beside what it is compared with."""
    bodies = [body_of(number) for number in range(FEEDS)]
    theirs = alone(bodies)
    share = FEEDS * (timedelta(days=1) / interval(ENTRIES)) / 1_440
    table = Table("measure", "value", "beside", "ratio", "bar")
    table.add_row("a round", _s(done.seconds), f"{_s(plain)} bare", f"{done.seconds / plain:.2f}", "2")
    table.add_row(
        "the loop held, at most",
        _ms(max(held)[0]),
        f"{_ms(max(used for _, used in held))} by itself",
        "",
        "50 ms",
    )
    slower = median(taken) / idle
    table.add_row("a lookup meanwhile", _ms(median(taken)), f"{_ms(idle)} idle", f"{slower:.2f}", "2")
    part = quiet.seconds / done.seconds
    table.add_row("a round without news", _s(quiet.seconds), _s(done.seconds), f"{part:.3f}", "0.1")
    fullest = max(load.values())
    table.add_row("checks in the fullest minute", str(fullest), f"{share:.1f}", f"{fullest / share:.2f}", "3")
    beside = f"{_ms(theirs / FEEDS)} feedparser"
    table.add_row("CPU to read a feed", _ms(read / FEEDS), beside, f"{read / theirs:.2f}", "1.5")
    table.add_row("CPU of the bot a feed", _ms(own / FEEDS), beside, f"{own / theirs:.2f}", "")
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
            asyncio.run(measure(Path(folder), port.get(timeout=60)))
    finally:
        stop.set()
        sleep(0.2)
        server.join()


if __name__ == "__main__":
    main()
