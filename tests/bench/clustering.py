"""How well articles are clustered by event, on real articles labelled by two readers, and what that costs.

Run with `make bench`, or with `python -m tests.bench.clustering`; numbers given are how many made-up articles
the last 7 days have. The labels are read in place; without them only the speed is measured.
"""

import asyncio
import csv
import json
import random
import sys
import tempfile
import tracemalloc
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, combinations
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

from digests.feeds.collect import STORED_AT_ONCE
from digests.feeds.entries import Entry
from digests.feeds.records import record_of
from digests.stories.bags import bag_of
from digests.stories.clustering import Arrival, Clusters
from digests.stories.events import Events
from digests.stories.ingest import store
from storage.engine import Database, ReadConnection
from storage.models import Provider, Record
from storage.sqlite.database import open_database
from storage.sqlite.packing import key_of
from tests.bench.corpus import make_text
from tests.build import ISSUE_TIME, SHARED

GOLD = SHARED / "gold"
BATCH = 50  # articles that come at a time
SIZES = (10_000, 70_000)  # articles of the last 7 days
NEW = 1_000


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article with the name that labels call it by."""

    name: str
    site: str
    outlet: str
    title: str
    excerpt: str
    at: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the labelled pairs and events; `stories` is the event of each article, by name."""

    articles: Mapping[str, Labelled]
    stories: Mapping[str, int]
    pairs: Sequence[tuple[str, str, bool]]
    events: Mapping[str, str]

    @property
    def precision(self) -> float:
        """The share of joined pairs that tell of one event."""
        joined = [same for one, other, same in self.pairs if self.is_joined(one, other)]
        return sum(joined) / len(joined)

    @property
    def recall(self) -> float:
        """The share of pairs of one event that are joined."""
        found = [self.is_joined(one, other) for one, other, same in self.pairs if same]
        return sum(found) / len(found)

    @property
    def purity(self) -> float:
        """The share of stories with several articles of labelled events that hold one event."""
        found = [len(events) == 1 for events in self.mixtures()]
        return sum(found) / len(found)

    def mixtures(self) -> Iterator[set[str]]:
        """Yield the events of each story that holds several articles whose events are labelled."""
        held: defaultdict[int, list[str]] = defaultdict(list)
        for name, event in self.events.items():
            held[self.stories[name]].append(event)
        yield from (set(events) for events in held.values() if len(events) > 1)

    def is_joined(self, one: str, other: str) -> bool:
        """Say whether two articles are in one story."""
        return self.stories[one] == self.stories[other]

    def wrong(self) -> Iterator[tuple[Labelled, Labelled]]:
        """Yield the pairs that are joined and tell of two events."""
        for one, other, same in self.pairs:
            if not same and self.is_joined(one, other):
                yield self.articles[one], self.articles[other]


def read_articles(folder: Path) -> dict[str, Labelled]:
    """Return the labelled articles in the order of time, by name."""
    with (folder / "articles.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    found = [
        Labelled(
            row["id"],
            row["site"],
            row["domain"],
            row["title"],
            row["excerpt"],
            int(datetime.fromisoformat(row["published_at"]).timestamp()),
        )
        for row in rows
    ]
    return {each.name: each for each in sorted(found, key=lambda each: (each.at, each.name))}


def read_pairs(folder: Path) -> list[tuple[str, str, bool]]:
    """Return the labelled pairs, and whether both tell of one event."""
    with (folder / "pairs.tsv").open(encoding="utf-8", newline="") as lines:
        return [
            (row["a"], row["b"], row["same_event"] == "1") for row in csv.DictReader(lines, delimiter="\t")
        ]


def read_events(folder: Path) -> dict[str, str]:
    """Return the labelled event of each article that has one."""
    with (folder / "events.jsonl").open(encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    return {name: event["event"] for event in events for name in event["ids"]}


def cluster(articles: Sequence[Labelled], batch: int = BATCH) -> dict[str, int]:
    """Return the event of each article, by name, as they come in batches."""
    clusters = Clusters()
    found: dict[str, int] = {}
    arrivals = [
        Arrival(number, key_of(each.outlet), each.at, bag_of(each.title, each.excerpt))
        for number, each in enumerate(articles, 1)
    ]
    for start in range(0, len(arrivals), batch):
        for each in clusters.assign(arrivals[start : start + batch]):
            found[articles[each.id - 1].name] = each.event_id
    return found


def measure(folder: Path) -> Outcome:
    """Cluster the labelled articles as one stream."""
    articles = read_articles(folder)
    stories = cluster(list(articles.values()))
    return Outcome(articles, stories, read_pairs(folder), read_events(folder))


def agreement(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """Return the share of pairs that are in one story both times, of those that are so either time."""
    joined = [
        {frozenset(pair) for members in _members(stories) for pair in combinations(members, 2)}
        for stories in (one, other)
    ]
    return len(joined[0] & joined[1]) / len(joined[0] | joined[1])


def _members(stories: Mapping[str, int]) -> list[list[str]]:
    held: defaultdict[int, list[str]] = defaultdict(list)
    for name, story in stories.items():
        held[story].append(name)
    return list(held.values())


class Press:
    """Makes up articles of many outlets."""

    def __init__(self) -> None:
        self._choice = random.Random(2026)
        text = make_text(self._choice, 40_000)
        self._words, self._weights = text.words, list(accumulate(text.weights))
        self._made = 0

    def records(self, count: int, days: float) -> list[Record]:
        """Return the records of articles of the last days."""
        return [self._record(days) for _ in range(count)]

    def _record(self, days: float) -> Record:
        self._made += 1
        outlet = f"outlet{self._choice.randrange(2_000)}"
        title, excerpt = self._some(7, 14).capitalize(), self._some(25, 50)
        entry = Entry("", f"https://{outlet}.example/{self._made}", title, excerpt)
        at = ISSUE_TIME - timedelta(days=self._choice.random() * days)
        return record_of(entry.url, entry, Provider(outlet, f"{outlet}.example"), at, ("Ports",), 50)

    def _some(self, least: int, most: int) -> str:
        count = self._choice.randint(least, most)
        return " ".join(self._choice.choices(self._words, cum_weights=self._weights, k=count))


async def put(database: Database, records: Sequence[Record], events: Events | None) -> float:
    """Store records in short transactions, and return how long that took, in seconds."""
    before = perf_counter()
    for start in range(0, len(records), STORED_AT_ONCE):
        async with database.transaction() as connection:
            await store(connection, records[start : start + STORED_AT_ONCE], {}, (), ISSUE_TIME, events)
    return perf_counter() - before


def read_texts(reader: ReadConnection) -> list[tuple[object, ...]]:
    """Return what an index could be built of."""
    rows = reader.execute(
        "SELECT article.id, title, excerpt, domain, article.published_at, event_id, like_id, likeness"
        " FROM event_article JOIN article ON article.id = event_article.article_id"
        " JOIN mention ON mention.id = article.mention_id JOIN provider ON provider.id = mention.provider_id"
    )
    return [tuple(row) for row in rows]


async def measure_speed(size: int) -> tuple[float, float, float, float, float, float]:
    """Return seconds to store articles alone and clustered, the longest lock, to read and build; and MB."""
    press, held = Press(), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "bench.db", held.append) as database:
            events = Events()
            for _ in range(size // NEW):
                await put(database, press.records(NEW, 7), events)
            alone = await put(database, press.records(NEW, 0.1), None)
            held.clear()
            clustered = await put(database, press.records(NEW, 0.1), events)
            lock = max(held)
            async with database.reading() as connection:
                before = perf_counter()
                await connection.run(read_texts)
                reading = perf_counter() - before
                before = perf_counter()
                await connection.run(Events().load)
                building = perf_counter() - before
                tracemalloc.start()
                kept = Events()
                await connection.run(kept.load)
                memory = tracemalloc.get_traced_memory()[0] / 1e6
                tracemalloc.stop()
    return alone, clustered, lock, reading, building, memory


def print_speed(console: Console, sizes: Sequence[int]) -> None:
    """Print what clustering costs, beside storing alone and reading alone."""
    table = Table(
        "articles of 7 days", "1,000 new: stored", "and clustered", "ratio", "lock", "build / read", "MB"
    )
    for size in sizes:
        alone, clustered, lock, reading, building, memory = asyncio.run(measure_speed(size))
        table.add_row(
            f"{size:,}",
            f"{alone:.2f} s",
            f"{clustered:.2f} s",
            f"{clustered / alone:.1f}",
            f"{lock * 1000:.0f} ms",
            f"{building / reading:.1f}",
            f"{memory:.0f}",
        )
    console.print(table)


def main() -> None:
    """Print the figures, and the titles of each wrong join."""
    console = Console(width=110)
    if GOLD.is_dir():
        print_quality(console)
    else:
        console.print(f"{GOLD} is not there: only the speed is measured")
    print_speed(console, tuple(map(int, sys.argv[1:])) or SIZES)


def print_quality(console: Console) -> None:
    """Print the figures of the labelled articles, and each wrong join."""
    outcome = measure(GOLD)
    for pair in outcome.wrong():
        console.print("joined, but of two events")
        for article in pair:
            console.print(f"    {article.outlet}: {article.title}", markup=False)
    for events in outcome.mixtures():
        if len(events) > 1:
            console.print(f"one story of several events: {', '.join(sorted(events))}")
    stories = list(outcome.mixtures())
    console.print(
        f"Pairs ({len(outcome.pairs)}): precision {outcome.precision:.3f}, recall {outcome.recall:.3f}."
        f" Stories with several articles of labelled events ({len(stories)}):"
        f" {outcome.purity:.3f} of one event."
    )


if __name__ == "__main__":
    main()
