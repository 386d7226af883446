"""How well topics are found by keywords, on real records that their source has tagged.

A site's articles all have the topic that the others are part of: it is what a feed of that site gives.
Run with `make bench`; paths given measure those folders instead of the shared corpus.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from digests.errors import SeedError
from digests.seeds.parser import SeedReader
from digests.stories.topics import TopicMatcher
from digests.text import slugify
from storage.models import Record, Topic, TopicDescription
from tests.bench.seeded import SHARED_CORPUS

MOST = 0.9  # of a site's records
Tags = frozenset[str]


@dataclass(frozen=True, slots=True)
class Site:
    """What a folder of seeds says: its topics, and its records."""

    topics: tuple[TopicDescription, ...]
    records: tuple[Record, ...]

    @property
    def root(self) -> tuple[str, ...]:
        """The name of the topic that the site is about, as nearly every record carries it; or none."""
        carried = Counter(topic for record in self.records for topic in record.topics)
        return tuple(topic for topic, count in carried.most_common(1) if count > MOST * len(self.records))


@dataclass(frozen=True, slots=True)
class Figures:
    """F1 over all tags, the mean of the topics' F1, and the share of records with exactly their tags."""

    micro: float
    macro: float
    exact: float


def read_site(folder: Path) -> Site:
    """Read the seeds of a folder."""
    reader = SeedReader()
    topics: list[TopicDescription] = []
    records: list[Record] = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        try:
            said = reader.read(str(path.relative_to(folder)), path.read_bytes())
        except SeedError:
            continue
        if isinstance(said, TopicDescription):
            topics.append(said)
        elif isinstance(said, Record):
            records.append(said)
    return Site(tuple(topics), tuple(records))


def tagged(site: Site, *, given: Iterable[str], excerpts: bool) -> Iterator[tuple[Tags, Tags]]:
    """Yield the topics that each record carries, and those that are found of it."""
    known = [Topic(n, each.slug, each.name, each.parent, each.names) for n, each in enumerate(site.topics)]
    matcher = TopicMatcher(known, [each.slug for each in known] if excerpts else ())
    roots = tuple(given)
    for record in site.records:
        article = record.mentions[0]
        found = matcher.topics_of(article.title, article.excerpt, roots)
        yield frozenset(map(slugify, record.topics)), frozenset(map(slugify, found))


def figures(pairs: Iterable[tuple[Tags, Tags]]) -> Figures:
    """Compare the topics that records carry with those that were found."""
    outcomes = list(pairs)
    by_topic: defaultdict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for carried, found in outcomes:
        for topic in carried | found:
            by_topic[topic].append((topic in carried, topic in found))
    everything = [each for topic in by_topic.values() for each in topic]
    macro = sum(map(_f1, by_topic.values())) / max(len(by_topic), 1)
    exact = sum(carried == found for carried, found in outcomes) / max(len(outcomes), 1)
    return Figures(_f1(everything), macro, exact)


def _f1(outcomes: list[tuple[bool, bool]]) -> float:
    both = sum(carried and found for carried, found in outcomes)
    return 2 * both / max(sum(carried + found for carried, found in outcomes), 1)


def main() -> None:
    """Measure and print."""
    console = Console(width=110)
    folders = [Path(each) for each in sys.argv[1:]] or [SHARED_CORPUS / "powerapps", SHARED_CORPUS / "azure"]
    for folder in folders:
        if not folder.is_dir():
            console.print(f"{folder} is not there: topics not measured")
            continue
        site = read_site(folder)
        table = Table(f"{folder.name}: {len(site.records)} records", "micro F1", "macro F1", "exact set")
        for name, given, excerpts in (
            ("titles, in a feed of the site's topic", site.root, False),
            ("titles, in a general feed", (), False),
            ("titles and excerpts, in a feed of the site's topic", site.root, True),
        ):
            found = figures(tagged(site, given=given, excerpts=excerpts))
            table.add_row(name, f"{found.micro:.3f}", f"{found.macro:.3f}", f"{found.exact:.3f}")
        console.print(table)


if __name__ == "__main__":
    main()
