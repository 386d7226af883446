"""How well articles are clustered by event, on real articles labelled by two readers.

Run with `make bench`, or with `python -m tests.bench.clustering`. The labels are read in place; without them
only the speed is measured.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path

from rich.console import Console

from digests.stories.bags import bag_of
from digests.stories.clustering import Arrival, Clusters
from storage.sqlite.packing import key_of
from tests.build import SHARED

GOLD = SHARED / "gold"
BATCH = 50  # articles that come at a time


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


def main() -> None:
    """Print the figures, and the titles of each wrong join."""
    console = Console(width=110)
    if not GOLD.is_dir():
        console.print(f"{GOLD} is not there: clustering not measured")
        return
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
