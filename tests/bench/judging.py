"""What it costs to judge stored articles anew after a topic's keywords changed.

Run with `make bench`; a number given is how many articles of feeds there are.
"""

import asyncio
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from rich.console import Console
from rich.table import Table

from digests.feeds import own_topics
from digests.feeds.check import Check
from digests.feeds.entries import Entry, ReadFeed
from digests.feeds.judging import Judge, judge_pending
from digests.feeds.own_topics import Edit
from digests.feeds.store import store_checks
from digests.stories.events import Events
from storage import feeds
from storage.feeds import FeedOptions
from storage.sqlite.database import open_database
from tests.bench.corpus import Text, make_text

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ARTICLES = 10_000
OF_A_FEED = 20
MINUTES = 40_000  # in which they were published


def made_up(choice: random.Random, text: Text, feed: int) -> Iterator[Entry]:
    """Yield a feed's entries, in words with the frequencies of a language."""
    for number in range(OF_A_FEED):
        url = f"https://outlet{feed}.example/{number}"
        title, excerpt = text.some(choice, 10).capitalize(), text.some(choice, 40)
        published = NOW - timedelta(minutes=choice.randrange(MINUTES))
        yield Entry(url, url, title, excerpt, published=published)


async def fill(judge: Judge, text: Text, articles: int) -> None:
    """Store feeds of 20 articles each."""
    choice, events = random.Random(1), Events()
    for number in range(articles // OF_A_FEED):
        site = f"https://outlet{number}.example/"
        read = ReadFeed(f"Outlet {number}", site, "", "", 0, tuple(made_up(choice, text, number)))
        async with judge.judging() as (connection, by):
            options = FeedOptions(topics=("News",))
            feed_id = await feeds.add(connection, f"{site}feed", site, options, NOW, NOW)
            feed = await connection.run(feeds.get, feed_id)
            if feed:
                await store_checks(connection, [Check(feed, digest=b"1", read=read)], by, NOW, events)


async def measure(articles: int, table: Table) -> None:
    """Let a topic be found by rarer and commoner words, and fill the table."""
    held: list[float] = []
    text = make_text(random.Random(1))
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
        async with open_database(Path(scratch) / "bench.db", held.append) as database:
            judge = Judge(database)
            started = perf_counter()
            await fill(judge, text, articles)
            stored = perf_counter() - started
            for word in (text.words[60], text.words[3], text.words[0]):
                async with database.transaction() as connection:
                    await own_topics.add(connection, "Topic", Edit(keywords=[word]), NOW)
                held.clear()
                started = perf_counter()
                changed = await judge_pending(database, judge, lambda: NOW)
                ratio = (perf_counter() - started) / stored
                longest = f"{max(held) * 1_000:.0f} ms"
                table.add_row(f"{changed:,}", f"{ratio:.2f}", f"{median(held) * 1_000:.0f} ms", longest)


def main() -> None:
    """Measure and print."""
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    table = Table("articles that changed", "seconds, of those to store all", "a step, median", "longest")
    asyncio.run(measure(articles, table))
    console = Console(width=110)
    console.print(f"{articles:,} articles of feeds")
    console.print(table)


if __name__ == "__main__":
    main()
