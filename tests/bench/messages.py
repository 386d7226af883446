"""How many messages editions of real stories take, and how much is told of each story.

Every topic's editions of five and of ten stories, of windows of several lengths, each as it would be posted.
Run with `make bench`; a path given measures that folder of seeds instead of the shared corpus.
"""

import asyncio
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from statistics import mean

from rich.console import Console
from rich.table import Table

from bot.views.edition import edition_parts, packed
from digests.editions.candidates import EditionOptions
from digests.editions.edition import Choice, Edition
from digests.editions.preview import edition_of_window
from digests.editions.timetable import EVERY_DAY
from digests.editions.window import Window
from digests.stories.coverage import MAX_ALSO, Coverage, may_be_shown
from digests.text import count, shorten
from storage import topics
from storage.models import Delivery, DeliveryState, DigestOptions, Story, Subject, from_epoch
from tests.bench.choices import share
from tests.bench.seeded import SHARED_CORPUS, all_stories, seeded

SEED, DRAWN = 2026, 500
SIZES = (5, 10)
LENGTHS = (1, 3, 7, 31)  # days
ISSUE = datetime(2026, 1, 4, tzinfo=UTC)
SHORTEST = 80  # characters that a cut excerpt has at least
DELIVERY = Delivery(
    *(2**62, 2**62, 2**62, "2026-01-04", ISSUE, DeliveryState.PENDING, None, 1, 0, None, None),
    options=DigestOptions("09:00", "America/Argentina/ComodRivadavia", EVERY_DAY, max(SIZES)),
)


@dataclass(slots=True)
class Figures:
    """What editions of one size come to: messages, the excerpts that were cut, other outlets named."""

    stories: int
    messages: list[int] = field(default_factory=list)
    cut: list[int] = field(default_factory=list)  # characters of each
    named: list[tuple[int, int]] = field(default_factory=list)  # of how many

    def add(self, edition: Edition) -> None:
        """Compose an edition and count."""
        self.messages.append(len(edition_parts(edition, DELIVERY, 2**62)))
        for told in (each.told for part in packed(edition) for each in part):
            coverage = told.choice.coverage
            excerpt = shorten(coverage.pick.excerpt, told.excerpt)
            self.cut += [len(excerpt)] if excerpt != coverage.pick.excerpt else []
            self.named.append((told.more, len(coverage.also or coverage.copies[:MAX_ALSO])))


async def measure(folder: Path) -> dict[str, Figures]:
    """Load the seeds of a folder, and compose all editions that have as many stories as they may."""
    figures = {size: Figures(size) for size in SIZES}
    async with seeded(folder) as connection:
        full = full_editions(await all_stories(connection))
        bounds = "SELECT min(published_at), max(published_at) FROM article WHERE mention_id IS NOT NULL"
        ((first, last),) = await connection.execute_fetchall(bounds)
        for topic, days in product(await connection.run(topics.topics, ISSUE), LENGTHS):
            end = from_epoch(first)
            while end < from_epoch(last):
                end += timedelta(days=max(days, 2))
                window = Window(end - timedelta(days=days), end)
                options = EditionOptions(max(SIZES))
                found = await connection.run(edition_of_window, Subject((topic,)), window, options)
                for size in (each for each in SIZES if each <= len(found.choices)):
                    choices = found.choices[:size]
                    figures[size].add(Edition(found.topic, window, choices, ()))
    named = {f"editions of {count(size, 'story')}": found for size, found in figures.items()}
    return {**named, f"{SIZES[0]} stories, each with {MAX_ALSO} others drawn from all articles": full}


def full_editions(stories: Sequence[Story]) -> Figures:
    """Compose editions whose stories all name as many other outlets as there may be, of real articles."""
    figures, draw = Figures(SIZES[0]), random.Random(SEED)
    articles = [each for story in stories for each in story.articles if may_be_shown(each)]
    for _ in range(DRAWN):
        choices = []
        for number in range(SIZES[0]):
            pick, *also = draw.sample(articles, 1 + MAX_ALSO)
            outlets = tuple({each.provider.domain for each in (pick, *also)})
            coverage = Coverage(number, pick, 0, 10, outlets, tuple(also))
            choices.append(Choice(coverage, is_update=False))
        figures.add(Edition("Everything", Window.ending(ISSUE), tuple(choices), ()))
    return figures


def rows(figures: Figures) -> Sequence[tuple[str, str]]:
    """Return the lines of a table: how many messages, and what is told in them."""
    most = figures.stories // SIZES[0]
    whole = sum(named == there for named, there in figures.named)
    fitting = sum(number <= most for number in figures.messages)
    return (
        (f"in {count(most, 'message')}", share(fitting, len(figures.messages))),
        ("stories with all other outlets named", share(whole, len(figures.named))),
        ("excerpts cut", share(len(figures.cut), len(figures.named))),
        (f"cut below {SHORTEST} characters", share(sum(n < SHORTEST for n in figures.cut), len(figures.cut))),
        ("characters of a cut excerpt, on average", f"{mean(figures.cut or [0]):.0f}"),
    )


def main() -> None:
    """Measure and print."""
    console = Console(width=110)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED_CORPUS
    if not folder.is_dir():
        console.print(f"{folder} is not there: messages not measured")
        return
    for title, figures in asyncio.run(measure(folder)).items():
        table = Table(title, "")
        for name, figure in rows(figures):
            table.add_row(name, figure)
        console.print(table)


if __name__ == "__main__":
    main()
