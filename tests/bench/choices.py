"""How often Broadsheet chooses what the source itself chose to publish.

The source marks the best record of a story with `published: true`. Run with `make bench`; a path
given measures that folder instead of the shared corpus.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from digests.dates import end_of
from digests.editions.edition import EditionOptions, Window, build_edition
from digests.stories.coverage import cover
from storage.engine import Connection
from storage.models import Story
from tests.bench.seeded import SHARED_CORPUS, all_stories, seeded

PUBLISHED = (
    "SELECT mention.article_id FROM record JOIN mention ON mention.id = record.mention_id"
    " WHERE record.published AND length(record.related) > 0"
)


@dataclass(frozen=True, slots=True)
class Source:
    """What a corpus tells: its stories by topic, and the articles of its published records with coverage."""

    stories: Mapping[int, Story]
    topics: Mapping[int, list[int]]
    published: frozenset[int]


async def load(folder: Path) -> Source:
    """Load the seeds of a folder."""
    async with seeded(folder) as connection:
        topics: defaultdict[int, list[int]] = defaultdict(list)
        for topic_id, story_id in await _rows(connection, "SELECT topic_id, story_id FROM story_topic"):
            topics[topic_id].append(story_id)
        published = frozenset(row[0] for row in await _rows(connection, PUBLISHED))
        return Source({story.id: story for story in await all_stories(connection)}, topics, published)


async def _rows(connection: Connection, statement: str) -> Iterable[tuple[int, ...]]:
    return [tuple(row) for row in await connection.execute_fetchall(statement)]


@dataclass(slots=True)
class Picks:
    """For every story with a published record that has coverage, whether the pick is that record."""

    now: list[bool] = field(default_factory=list)
    on_its_day: list[bool] = field(default_factory=list)  # before what came later was there
    as_good: list[bool] = field(default_factory=list)  # or another article of the same quality


def picks(source: Source) -> Picks:
    """Compare the picks with the source's."""
    outcomes = Picks()
    for story in source.stories.values():
        for article in story.articles:
            if article.id in source.published:
                last = cover(story, max(article.published_at for article in story.articles))
                then = cover(story, end_of(article.published_at.date()))
                outcomes.now.append(last is not None and last.pick.id == article.id)
                outcomes.as_good.append(last is not None and last.pick.quality == article.quality)
                outcomes.on_its_day.append(then is not None and then.pick.id == article.id)
    return outcomes


def choices(source: Source, days: int) -> tuple[list[bool], list[bool]]:
    """Say which of the top five of all topics' windows, and which of all candidates, are published."""
    chosen: list[bool] = []
    candidates: list[bool] = []
    for ids in source.topics.values():
        found = [source.stories[story_id] for story_id in ids if story_id in source.stories]
        for last in _windows(found, days):
            edition = build_edition("", found, Window.ending(last, days), EditionOptions())
            everything = build_edition("", found, Window.ending(last, days), EditionOptions(limit=10**6))
            chosen += [choice.coverage.pick.id in source.published for choice in edition.choices]
            candidates += [choice.coverage.pick.id in source.published for choice in everything.choices]
    return chosen, candidates


def _windows(found: list[Story], days: int) -> list[date]:
    """Return the last days of windows that follow each other and hold all stories."""
    dates = {article.published_at.date() for story in found for article in story.articles}
    return sorted({day + timedelta(days=days - 1 - day.toordinal() % days) for day in dates})


def share(outcomes: list[bool]) -> str:
    """Return how many outcomes are true, of how many, and the share."""
    return f"{sum(outcomes)} of {len(outcomes)} ({sum(outcomes) / max(len(outcomes), 1):.3f})"


def main() -> None:
    """Measure and print."""
    console = Console(width=110)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED_CORPUS
    if not folder.is_dir():
        console.print(f"{folder} is not there: choices not measured")
        return
    source = asyncio.run(load(folder))
    console.print(f"The source's own choices, in {folder.name}:")
    table = Table("of these", "are published records with coverage")
    picked = picks(source)
    table.add_row("picks of stories that have such a record", share(picked.now))
    table.add_row("the same, at the end of the record's own day", share(picked.on_its_day))
    table.add_row("the same, or as good as it (a tie)", share(picked.as_good))
    for days, name in ((1, "day"), (7, "week")):
        chosen, candidates = choices(source, days)
        table.add_row(f"the {name}'s top five by heat, every topic", share(chosen))
        table.add_row(f"all candidates of the {name}, every topic", share(candidates))
        found = sum(chosen) / max(sum(candidates), 1)
        table.add_row(f"such candidates that the {name}'s top five hold", f"{found:.3f}")
    console.print(table)


if __name__ == "__main__":
    main()
