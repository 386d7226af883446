"""How often the best article of a story is found by estimated quality, on real stories that seeds judge.

Outlets' levels are learned from every other month, and articles chosen in the months between, then the other
way round. A story is a chapter with articles of two outlets and more. Run with `make bench`; a path given
measures that folder instead of the shared corpus.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from rich.console import Console
from rich.table import Table

from digests.seeds.front_matter import front_matter
from digests.seeds.yaml_loader import load
from digests.stories.coverage import chapters
from digests.stories.quality import POINTS, Estimate, Feature, estimate, level_of
from digests.stories.urls import canonical
from storage.models import Article
from tests.bench.seeded import SHARED_CORPUS, all_stories, seeded

NEAR = 5  # points
EARLY = 3  # points that being the earliest might count

Chapters = Sequence[Sequence[Article]]
Learned = Mapping[str, tuple[int, int]]
Worth = Callable[[Article, Sequence[Article], Learned], float]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Chapters of two articles and more, the other articles, and the widths of pictures by address."""

    chapters: Chapters
    single: Sequence[Article]
    widths: Mapping[str, int]

    def estimate(self, article: Article, learned: Learned) -> Estimate:
        """Estimate the quality of an article as if it came by feed; kinds of outlets aren't asked."""
        level = level_of(article.provider.domain, {}, learned)
        width = self.widths.get(canonical(article.url) or "", 0)
        return estimate(level, article.title, article.excerpt, article.image_url or "", width)


@dataclass(slots=True)
class Outcome:
    """How many stories were chosen from, and in how many the best article was found, or one as good."""

    stories: int = 0
    best: int = 0
    near: int = 0


async def read_corpus(folder: Path) -> Corpus:
    """Load the seeds of a folder."""
    async with seeded(folder) as connection:
        found = [
            chapter.articles
            for story in await all_stories(connection)
            for chapter in chapters(story, max(each.published_at for each in story.articles))
        ]
    several = [each for each in found if len({article.provider.domain for article in each}) > 1]
    single = [article for each in found if each not in several for article in each]
    return Corpus(several, single, dict(_widths(folder)))


def _widths(folder: Path) -> Iterable[tuple[str, int]]:
    """Yield the address and the picture's width of every article; the database doesn't keep these."""
    for path in sorted((folder / "_news").glob("*.md")):
        record = load(front_matter(path.read_bytes(), bare=False).text)
        for said in (record, *(record.get("related") or ())):
            if said.get("images"):
                address = canonical(said.get("webUrl") or said["originalUrl"])
                yield address or "", said["images"][0].get("width") or 0


def is_even(article: Article) -> bool:
    """Say whether an article is of an even month."""
    return article.published_at.month % 2 == 0


def learn(corpus: Corpus, *, even: bool) -> dict[str, tuple[int, int]]:
    """Return what half of the months tells of outlets: how many articles, and the sum of their qualities."""
    learned: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for article in [*corpus.single, *(article for chapter in corpus.chapters for article in chapter)]:
        if is_even(article) == even:
            count, total = learned[article.provider.domain]
            learned[article.provider.domain] = count + 1, total + article.quality
    return dict(learned)


def choose(corpus: Corpus, worth: Worth, *, learned_in_even: bool) -> Outcome:
    """Choose in the other half of the months: the article that is worth most, of equals the earliest."""
    outcome = Outcome()
    learned = learn(corpus, even=learned_in_even)
    for chapter in corpus.chapters:
        if is_even(chapter[0]) != learned_in_even:
            chosen = min(
                chapter, key=lambda each: (-worth(each, chapter, learned), each.published_at, each.id)
            )
            best = max(each.quality for each in chapter)
            outcome.stories += 1
            outcome.best += chosen.quality == best
            outcome.near += chosen.quality >= best - NEAR
    return outcome


def effects(corpus: Corpus, *, even: bool) -> dict[Feature, float]:
    """Return how many points a feature makes among articles of one outlet, in half of the months."""
    by_outlet: defaultdict[str, list[Article]] = defaultdict(list)
    for chapter in corpus.chapters:
        for article in chapter:
            if is_even(article) == even:
                by_outlet[article.provider.domain].append(article)
    shown: defaultdict[Feature, list[float]] = defaultdict(list)
    others: defaultdict[Feature, list[float]] = defaultdict(list)
    for articles in by_outlet.values():
        usual = mean(each.quality for each in articles)
        for article in articles:
            features = corpus.estimate(article, {}).features
            for feature in Feature:
                (shown if feature in features else others)[feature].append(article.quality - usual)
    return {each: mean(shown[each]) - mean(others[each]) for each in Feature if shown[each]}


def main() -> None:
    """Measure and print."""
    console = Console(width=110)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED_CORPUS / "azure"
    if not folder.is_dir():
        console.print(f"{folder} is not there: quality not measured")
        return
    corpus = asyncio.run(read_corpus(folder))
    ways: dict[str, Worth] = {
        "levels and features": lambda each, _, learned: corpus.estimate(each, learned).quality,
        "levels alone": lambda each, _, learned: corpus.estimate(each, learned).level.quality,
        "features alone": lambda each, _, __: (
            100 + sum(POINTS[f] for f in corpus.estimate(each, {}).features)
        ),
        f"levels and features, {EARLY} points for the earliest": lambda each, chapter, learned: (
            corpus.estimate(each, learned).quality + EARLY * (each == chapter[0])
        ),
        "the earliest": lambda *_: 0,
    }
    table = Table(
        f"in {folder.name}, learned in …", "even months", "odd months", "both", f"within {NEAR} points"
    )
    for name, worth in ways.items():
        halves = [choose(corpus, worth, learned_in_even=even) for even in (True, False)]
        stories = sum(each.stories for each in halves)
        shares = [each.best / max(each.stories, 1) for each in halves]
        shares += [sum(each.best for each in halves) / stories, sum(each.near for each in halves) / stories]
        table.add_row(name, *(f"{share:.3f}" for share in shares))
    console.print(table)
    table = Table("what an article shows", "points", "in even months", "in odd months")
    found = [effects(corpus, even=even) for even in (True, False)]
    for feature in Feature:
        table.add_row(
            feature.value, f"{POINTS[feature]:+d}", *(f"{half.get(feature, 0):+.1f}" for half in found)
        )
    console.print(table)


if __name__ == "__main__":
    main()
