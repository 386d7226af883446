"""Stories in a list: each as it stands at the time of its newest article, read as briefly as may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digests.lookup.spelling import Correction
from digests.stories.coverage import MAX_ALSO, Coverage, arrange, cover, existing
from storage import stories
from storage.engine import ReadConnection
from storage.models import Extract, Story
from storage.search.index import Match

LISTED_ARTICLES = 1 + MAX_ALSO  # articles: those that a list names, mostly; a saga has a hundred more


@dataclass(frozen=True, slots=True)
class Result:
    """A story that was found; `match` is the article that matched, where that isn't the pick."""

    coverage: Coverage
    match: Match | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """Some of the stories that were found, how many there are in all, and what was taken for mistyped."""

    total: int
    stories: tuple[Result, ...]
    corrections: tuple[Correction, ...] = ()


def read_results(
    reader: ReadConnection, found: Mapping[int, Match | None], now: datetime
) -> tuple[Result, ...]:
    """Return stories as a list shows them, in the order of `found`: story id to the article that matched.

    Of a story with more articles than LISTED_ARTICLES, `outlets` and `copies` are those of its best ones.
    """
    shown = {
        extract.story.id: _brief(extract) for extract in stories.extracts(reader, found, now, LISTED_ARTICLES)
    }
    whole = [story_id for story_id in found if shown.get(story_id) is None]
    shown |= {story.id: as_of(story, now) for story in stories.stories(reader, whole)}
    return tuple(
        Result(coverage, None if match and match.article_id == coverage.pick.id else match)
        for story_id, match in found.items()
        if (coverage := shown.get(story_id))
    )


def as_of(story: Story, now: datetime) -> Coverage | None:
    """Return a story as of the newest of its articles that exist by `now`."""
    times = [article.published_at for article in existing(story.articles, now)]
    return cover(story, max(times)) if times else None


def _brief(extract: Extract) -> Coverage | None:
    """Return what the best articles make of a story, None where they don't say enough."""
    best = extract.story.articles
    outlets = {article.provider.domain for article in best}
    coverage = arrange(extract.story.id, best, extract.heat, extract.articles, outlets)
    return coverage if len(best) == extract.articles or len(coverage.also) == MAX_ALSO else None
