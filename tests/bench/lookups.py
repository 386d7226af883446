"""How fast lookups are on made-up databases, as ratios to the plainest ranked FTS5 query on the same file.

Run with `make bench`, or with `python -m tests.bench.lookups [ARTICLES …]`. Queries are one to three words of
a title that is drawn at random, so common words come up more often; as many others were asked before. Each is
asked right after its plain form, through the same connections; a search is grouped, ranked and read with all
that a page of Discord's shows.
"""

import asyncio
import itertools
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

from bot.services import utc_now
from bot.views.card import card_view
from bot.views.listing import STORIES_PER_PAGE
from digests.lookup.autocomplete import complete_stories
from digests.lookup.providers import complete_providers, find_provider
from digests.lookup.search import search_stories
from digests.lookup.stories import latest_stories, stories_from, story_card, top_stories
from digests.lookup.topics import complete_topics
from digests.seeds.reload import Reloader
from storage.engine import Connection, Database
from storage.models import Page
from storage.search.index import Filters
from storage.sqlite.database import open_database
from tests.bench.corpus import write_corpus
from tests.bench.library import Words, write_library

SEED = 2026
SIZES = (10_000, 100_000, 400_000, 1_000_000)  # articles; a quarter as many stories
QUERIES = 300
OTHERS = 100  # cards, completions, lists
NOW = datetime(2026, 1, 2, tzinfo=UTC)
PLAIN = "SELECT rowid FROM article_search WHERE article_search MATCH ? ORDER BY rank LIMIT 10"
COMMONEST = 3  # words that stand in half of all articles
RELOADED = 0.5  # of the usual corpus
PAUSE = 0.01  # seconds between searches, alone and beside a reload: a processor that rests is slower

Lookup = Callable[[Connection], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took each time, in seconds."""

    seconds: tuple[float, ...]

    def at(self, share: float) -> float:
        """Return the time that this share of all times stays below."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(len(self.seconds) * share))]

    def ms(self) -> str:
        """Return the median and the 99th percentile in milliseconds."""
        return f"{self.at(0.5) * 1000:.1f} / {self.at(0.99) * 1000:.0f}"


async def timed(database: Database, lookup: Lookup) -> float:
    """Return how long a lookup takes, from asking for a connection until it is given back."""
    started = perf_counter()
    async with database.reading() as connection:
        await lookup(connection)
    return perf_counter() - started


async def plain(connection: Connection, text: str) -> None:
    """Make the plainest ranked query."""
    words = " ".join(f'"{word}"' for word in text.split())
    await connection.execute_fetchall(PLAIN, (words,))


async def search(connection: Connection, text: str) -> None:
    """Make a whole search: everything that a page of Discord's shows."""
    await connection.run(search_stories, f"{text} ", Filters(), Page(NOW, STORIES_PER_PAGE))


async def queries(database: Database, choice: random.Random, articles: int) -> list[str]:
    """Return one to three words of titles that are drawn at random."""
    found = []
    async with database.reading() as connection:
        for number in range(QUERIES):
            rows = await connection.execute_fetchall(
                "SELECT title FROM mention WHERE id = ?", (choice.randint(1, articles),)
            )
            words = next(iter(rows))[0].lower().split()
            found.append(" ".join(choice.sample(words, min(len(words), number % 3 + 1))))
    return found


async def compare(database: Database, asked: Sequence[str]) -> tuple[Times, Times]:
    """Return how long the plain query and the search take for each text."""
    plain_times, search_times = [], []
    for text in asked:
        plain_times.append(await timed(database, partial(plain, text=text)))
        search_times.append(await timed(database, partial(search, text=text)))
    return Times(tuple(plain_times)), Times(tuple(search_times))


def ratio(one: Times, other: Times, share: float = 0.5) -> str:
    """Return how many times as long one thing takes as another, at this share of all times."""
    return f"{one.at(share) / other.at(share):.2f}"


async def measure(path: Path, words: Words, articles: int, searches: Table, lookups: Table) -> None:
    """Measure every lookup on one database and add a row to each table."""
    choice = random.Random(SEED)
    async with open_database(path) as database:
        others = await queries(database, random.Random(SEED + 1), articles)
        await compare(database, others)  # to have the caches as they are in a bot that runs
        asked = await queries(database, choice, articles)
        plain_times, search_times = await compare(database, asked)
        common = await compare(database, words.words[:COMMONEST] * 5)
        mistyped = [f"{text[:-2]}{text[-1]}" for text in asked if " " not in text and len(text) > 4]
        typing = await each(database, mistyped[:OTHERS], search)
        searches.add_row(
            f"{articles:,}",
            plain_times.ms(),
            search_times.ms(),
            ratio(search_times, plain_times),
            ratio(search_times, plain_times, 0.99),
            ratio(common[1], common[0]),
            typing.ms(),
        )
        lookups.add_row(
            f"{articles:,}", *[times.ms() for times in await measure_others(database, choice, asked)]
        )


async def each(database: Database, texts: Sequence[str], lookup: Callable[..., Awaitable[object]]) -> Times:
    """Return how long a lookup takes for each text."""
    return Times(tuple([await timed(database, partial(lookup, text=text)) for text in texts]))


async def measure_others(database: Database, choice: random.Random, asked: Sequence[str]) -> list[Times]:
    """Return how long completions, cards and lists take."""
    typed = [text[: choice.randint(1, len(text))] for text in asked[:OTHERS]]
    async with database.reading() as connection:
        stories = [row[0] for row in await connection.execute_fetchall("SELECT id FROM story")]
    numbers = [str(choice.choice(stories)) for _ in range(OTHERS)]
    outlets = [f"outlet{choice.randint(1, 400)}.example" for _ in range(OTHERS // 2)]
    return [
        await each(database, typed, story_titles),
        await each(database, typed, topic_names),
        await each(database, typed, source_names),
        await each(database, numbers, card),
        await each(database, numbers[: OTHERS // 2], latest),
        await each(database, numbers[: OTHERS // 2], top),
        await each(database, outlets, from_outlet),
    ]


async def story_titles(connection: Connection, text: str) -> None:
    """Complete a story's title."""
    await connection.run(complete_stories, text, NOW, 25)


async def topic_names(connection: Connection, text: str) -> None:
    """Complete a topic's name."""
    await connection.run(complete_topics, text[:2], NOW, 25)


async def source_names(connection: Connection, text: str) -> None:
    """Complete an outlet's name."""
    await connection.run(complete_providers, text[:2], 25)


async def card(connection: Connection, text: str) -> None:
    """Make a story's card."""
    card_view(await connection.run(story_card, int(text), NOW), 0, 1)


async def latest(connection: Connection, text: str) -> None:
    """Read a page of the latest stories."""
    await connection.run(latest_stories, None, Page(NOW, STORIES_PER_PAGE, int(text) % 500))


async def top(connection: Connection, text: str) -> None:
    """Read a page of the top stories."""
    await connection.run(top_stories, None, None, Page(NOW, STORIES_PER_PAGE, int(text) % 500))


async def from_outlet(connection: Connection, text: str) -> None:
    """Read the first page of an outlet's stories."""
    await connection.run(stories_from, await connection.run(find_provider, text), Page(NOW, STORIES_PER_PAGE))


async def beside_a_reload(root: Path) -> tuple[Times, Times]:
    """Return how long searches take alone, and while all seeds are read again in the same process."""
    write_corpus(root / "seeds", SEED, RELOADED)
    choice = random.Random(SEED)
    async with open_database(root / "reload.db") as database:
        reloader = Reloader(database, utc_now)
        await reloader.reload(root / "seeds")
        async with database.reading() as connection:
            rows = await connection.execute_fetchall("SELECT title FROM mention ORDER BY id LIMIT 1000")
        titles = [row[0].split() for row in rows]
        asked = [" ".join(choice.sample(choice.choice(titles), 2)) for _ in range(QUERIES)]
        alone = await paced(database, asked)
        reloading = asyncio.create_task(reloader.reload(root / "seeds", force=True))
        beside = await paced(
            database, itertools.takewhile(lambda _: not reloading.done(), itertools.cycle(asked))
        )
        await reloading
        return alone, beside


async def paced(database: Database, texts: Iterable[str]) -> Times:
    """Return how long searches take that follow each other with a pause between."""
    seconds = []
    for text in texts:
        seconds.append(await timed(database, partial(search, text=text)))
        await asyncio.sleep(PAUSE)
    return Times(tuple(seconds))


def main() -> None:
    """Measure and print; numbers of articles given are measured in the place of the usual ones."""
    console = Console(width=120)
    searches = Table(
        "articles",
        "plain ms",
        "search ms",
        "median",
        "p99",
        "commonest words",
        "mistyped ms",
        title="Searches",
    )
    lookups = Table("articles", "story", "topic", "source", "card", "latest", "top", "from", title="Others")
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
        root = Path(scratch)
        for articles in map(int, sys.argv[1:] or SIZES):
            words = write_library(root / "library.db", SEED, articles // 4, articles)
            asyncio.run(measure(root / "library.db", words, articles, searches, lookups))
            for suffix in ("", "-wal", "-shm"):
                Path(f"{root / 'library.db'}{suffix}").unlink(missing_ok=True)
        alone, beside = asyncio.run(beside_a_reload(root))
    console.print("Milliseconds are median / 99th percentile; the three ratios are to the plain query.")
    console.print(searches)
    console.print(lookups)
    console.print(
        f"Beside a full reload a search takes {ratio(beside, alone)} of its time alone at the median,"
        f" {ratio(beside, alone, 0.99)} at the 99th percentile ({len(beside.seconds)} searches)."
    )


if __name__ == "__main__":
    main()
