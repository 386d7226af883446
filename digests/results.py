"""Stories in a list: each as it stands at the time of its newest article, read as briefly as may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digests.corrections import Correction
from digests.coverage import MAX_ALSO, Coverage, arrange, cover, existing
from storage import stories
from storage.database import Reader
from storage.models import Article, Extract, Story

BEST = 1 + MAX_ALSO  # articles: those that a list names, mostly; a saga has a hundred more


@dataclass(frozen=True, slots=True)
class Result:
    """A story that was found; `match` is the article that matched, where that isn't the pick."""

    coverage: Coverage
    match: Article | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """Some of the stories that were found, how many there are in all, and what was taken for mistyped."""

    total: int
    stories: tuple[Result, ...]
    corrections: tuple[Correction, ...] = ()


def read_results(reader: Reader, found: Mapping[int, int | None], now: datetime) -> tuple[Result, ...]:
    """Return stories as a list shows them, in the order of `found`: story id to the article that matched.

    Of a story with more articles than BEST, `outlets` and `copies` are those of its best ones.
    """
    extracts = stories.extracts(reader, found, now, BEST)
    shown = {extract.story.id: _result(extract) for extract in extracts}
    whole = [story_id for story_id in found if shown.get(story_id) is None]
    for story in stories.stories(reader, whole) if whole else ():
        if coverage := as_of(story, now):
            shown[story.id] = _beside(coverage, _article(story, found[story.id]))
    return tuple(result for story_id in found if (result := shown.get(story_id)))


def as_of(story: Story, now: datetime) -> Coverage | None:
    """Return a story as of the newest of its articles that exist by `now`."""
    times = [article.published_at for article in existing(story.articles, now)]
    return cover(story, max(times)) if times else None


def _result(extract: Extract) -> Result | None:
    """Return what the best articles make of a story, None where they don't say enough."""
    best = extract.story.articles
    outlets = {article.provider.domain for article in best}
    coverage = arrange(extract.story.id, best, extract.heat, extract.articles, outlets)
    if extract.articles > len(best) and len(coverage.also) < MAX_ALSO:
        return None
    return _beside(coverage, extract.match)


def _article(story: Story, article_id: int | None) -> Article | None:
    return next((article for article in story.articles if article.id == article_id), None)


def _beside(coverage: Coverage, match: Article | None) -> Result:
    return Result(coverage, None if match and match.id == coverage.pick.id else match)
