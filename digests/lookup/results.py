"""Stories in a list: a chapter of each at the time of its newest article, read as briefly as may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digests.lookup.spelling import Correction
from digests.stories.coverage import (
    MAX_ALSO,
    Coverage,
    arrange,
    chapters,
    cover,
    existing,
    fold_stories,
    may_be_shown,
    newest_shown,
)
from storage import stories
from storage.engine import ReadConnection
from storage.models import Extract, Story, to_epoch
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

    Each is the chapter that holds the match, or else its newest one; stories that ran the same text are one.
    Of a chapter with more articles than LISTED_ARTICLES, `outlets` and `copies` are those of its best ones.
    """
    shown = {
        extract.story.id: _brief(extract, found[extract.story.id])
        for extract in stories.extracts(reader, found, now, LISTED_ARTICLES)
    }
    whole = [story_id for story_id in found if shown.get(story_id) is None]
    for story in stories.stories(reader, whole):
        match = found[story.id]
        shown[story.id] = as_of(story, now, match.article_id if match else None)
    listed = fold_stories([coverage for story_id in found if (coverage := shown.get(story_id))])
    return tuple(
        _result(first.with_copies(copies) if copies else first, found[first.story_id])
        for first, *copies in listed
    )


def as_of(story: Story, now: datetime, article_id: int | None = None) -> Coverage | None:
    """Return a story's newest chapter, or that of an article, as of the newest of its articles by `now`."""
    times = [article.published_at for article in existing(story.articles, now) if may_be_shown(article)]
    if not times:
        return None
    found = chapters(story, max(times))
    holding = [chapter for chapter in found if article_id in chapter.article_ids]
    newest = newest_shown(holding) or newest_shown(found)
    return cover(newest[0], max(times)) if newest else None


def _result(coverage: Coverage, match: Match | None) -> Result:
    return Result(coverage, None if match and match.article_id == coverage.pick.id else match)


def _brief(extract: Extract, match: Match | None) -> Coverage | None:
    """Return what the best articles make of a chapter; None where they don't say enough, or in another."""
    if match and match.published_at < to_epoch(extract.begun_at):
        return None
    best = extract.story.articles
    outlets = {article.provider.domain for article in best}
    coverage = arrange(extract.story.id, best, extract.heat, extract.articles, outlets, extract.follows)
    return coverage if len(best) == extract.articles or len(coverage.also) == MAX_ALSO else None
