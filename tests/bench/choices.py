"""What Broadsheet chooses, beside what the source itself chose to publish.

The source marks the best record of a story with `published: true`, and some sources have newsletters of
their own: HTML with front matter, in a folder `_newsletters`. Run with `make bench`; a path given measures
that folder instead of the shared corpus.
"""

import asyncio
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from digests.dates import end_of
from digests.editions.candidates import EditionOptions, judge
from digests.editions.edition import Edition, choose
from digests.editions.issue import shown_by
from digests.editions.window import CATCH_UP, LATE_NEWS, Window
from digests.stories.coverage import chapters, cover, may_be_shown
from digests.stories.urls import canonical
from storage.engine import Connection
from storage.models import Shown, Story, Subject
from tests.bench.seeded import SHARED_CORPUS, all_stories, seeded

GOOD = 65  # from about this quality up the source publishes
DAY = timedelta(days=1)
LINK = re.compile(r'href="(https?://[^"]+)"')
PUBLISHED = (
    "SELECT mention.article_id FROM record JOIN mention ON mention.id = record.mention_id"
    " WHERE record.published AND length(record.related) > 0"
)


@dataclass(frozen=True, slots=True)
class Source:
    """What a corpus tells: its stories by topic, and the articles of its published records with coverage."""

    stories: Mapping[int, Story]
    topics: Mapping[int, list[Story]]
    published: frozenset[int]


async def load(folder: Path) -> Source:
    """Load the seeds of a folder."""
    async with seeded(folder) as connection:
        stories = {story.id: story for story in await all_stories(connection)}
        topics: defaultdict[int, list[Story]] = defaultdict(list)
        for topic_id, story_id in await _rows(connection, "SELECT topic_id, story_id FROM story_topic"):
            if story_id in stories:
                topics[topic_id].append(stories[story_id])
        published = frozenset(row[0] for row in await _rows(connection, PUBLISHED))
        return Source(stories, topics, published)


async def _rows(connection: Connection, statement: str) -> Iterable[tuple[int, ...]]:
    return [tuple(row) for row in await connection.execute_fetchall(statement)]


@dataclass(slots=True)
class Picks:
    """For every published record that has coverage, whether it is the pick of its chapter."""

    in_the_end: list[bool] = field(default_factory=list)
    on_its_day: list[bool] = field(default_factory=list)  # before what came later was there
    as_good: list[bool] = field(default_factory=list)  # or another article of the same quality


def picks(source: Source) -> Picks:
    """Compare the picks with the source's."""
    outcomes = Picks()
    for story in source.stories.values():
        for article in story.articles:
            if article.id in source.published:
                last = _holding(story, article.id, max(each.published_at for each in story.articles))
                then = _holding(story, article.id, end_of(article.published_at.date()))
                outcomes.in_the_end.append(last is not None and last[0] == article.id)
                outcomes.as_good.append(last is not None and last[1] == article.quality)
                outcomes.on_its_day.append(then is not None and then[0] == article.id)
    return outcomes


def _holding(story: Story, article_id: int, until: datetime) -> tuple[int, int] | None:
    """Return the id and quality of the pick of the chapter that holds an article."""
    chapter = next(each for each in chapters(story, until) if article_id in each.article_ids)
    coverage = cover(chapter, until)
    return (coverage.pick.id, coverage.pick.quality) if coverage else None


@dataclass(frozen=True, slots=True)
class Reach:
    """How many of a topic's good articles a daily digest of five shows, and how many days have nothing."""

    shown: int
    good: int
    empty: int
    days: int


def reach(stories: list[Story]) -> Reach:
    """Issue a daily digest of five over all the days of a topic, with its memory."""
    articles = [each for story in stories for each in story.articles if may_be_shown(each)]
    day, last = (limit(each.published_at.date() for each in articles) for limit in (min, max))
    shown: set[int] = set()
    memory: tuple[Shown, ...] = ()
    days = empty = 0
    while day <= last:
        edition = _edition(stories, Window.ending(day), memory)
        shown |= {choice.coverage.pick.id for choice in edition.choices}
        memory = (*memory, *shown_by(edition))
        days, empty, day = days + 1, empty + (not edition.choices), day + DAY
    good = {each.id for each in articles if each.quality >= GOOD}
    return Reach(len(good & shown), len(good), empty, days)


def newsletters(folder: Path, stories: Mapping[int, Story]) -> list[bool]:
    """Say which stories that a source's newsletters link are in a digest of five about the same days."""
    found = {address: story for story in stories.values() for address in _addresses(story)}
    outcomes: list[bool] = []
    before: datetime | None = None
    for at, links in sorted(filter(None, map(_newsletter, folder.rglob("_newsletters/*.html")))):
        since = max(before or at - CATCH_UP, at - CATCH_UP)
        edition = _edition(stories.values(), Window(since, at), ())
        chosen = {article for choice in edition.choices for article in choice.article_ids}
        for story in {found[link].id: found[link] for link in sorted(links & found.keys())}.values():
            linked = {each.id for each in story.articles if canonical(each.url) in links}
            outcomes.append(bool(linked & chosen))
        before = at
    return outcomes


def _newsletter(path: Path) -> tuple[datetime, frozenset[str]] | None:
    """Return when a newsletter was published, and what it links; None where its front matter doesn't say."""
    text = path.read_text("utf-8")
    at = yaml.safe_load(text.split("---")[1]).get("publishedDateTime")
    links = frozenset(address for link in LINK.findall(text) if (address := canonical(link)))
    return (at, links) if isinstance(at, datetime) else None


def _addresses(story: Story) -> Iterable[str]:
    return filter(None, (canonical(article.url) for article in story.articles))


def _edition(stories: Iterable[Story], window: Window, memory: tuple[Shown, ...]) -> Edition:
    options, earliest = EditionOptions(), window.since - LATE_NEWS
    found = (
        each for each in stories if any(earliest <= a.published_at <= window.until for a in each.articles)
    )
    return choose(Subject(), window, options, judge(found, window, options), memory)


def share(number: int, total: int) -> str:
    """Return how many of how many, and the share."""
    return f"{number} of {total} ({number / max(total, 1):.3f})"


def main() -> None:
    """Measure and print."""
    console = Console(width=110)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED_CORPUS
    if not folder.is_dir():
        console.print(f"{folder} is not there: choices not measured")
        return
    source = asyncio.run(load(folder))
    table = Table(f"in {folder.name}", "")
    picked = picks(source)
    for name, outcomes in (
        ("published records with coverage that are the pick", picked.in_the_end),
        ("the same, at the end of the record's own day", picked.on_its_day),
        ("the same, or as good as the pick", picked.as_good),
    ):
        table.add_row(name, share(sum(outcomes), len(outcomes)))
    # The topic with most stories: its digest is that of the whole source.
    found = reach(max(source.topics.values(), key=len))
    table.add_row(
        f"articles of quality {GOOD} and more that a daily digest of five shows",
        share(found.shown, found.good),
    )
    table.add_row("days with nothing new", share(found.empty, found.days))
    met = newsletters(folder, source.stories)
    table.add_row("newsletters' choices met", share(sum(met), len(met)) if met else "it has no newsletters")
    console.print(table)


if __name__ == "__main__":
    main()
