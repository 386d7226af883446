"""Lookups: topics by any of their names, stories by words, id or age.

What is published after `now` doesn't exist yet: clocks and feeds do err.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from rapidfuzz import fuzz, process

from digests.coverage import Coverage, cover, existing, may_be_shown, rank
from digests.errors import NotFoundError
from digests.query import parse
from digests.wording import shorten, slugify
from storage import search, stories, topics
from storage.database import Connection
from storage.models import Article, Story, Topic, TopicSummary
from storage.search import Filters

SIMILAR = 60.0
MAX_ID_DIGITS = 18  # SQLite's integers end soon after


@dataclass(frozen=True, slots=True)
class Result:
    """A story that was found; `match` is the article that matched, where that isn't the pick."""

    coverage: Coverage
    match: Article | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """Some of the stories that were found, and how many there are in all."""

    total: int
    stories: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class StoryCard:
    """All there is to say of one story; `ranked` is its coverage, best first."""

    story: Story
    coverage: Coverage | None
    ranked: tuple[Article, ...]
    topics: tuple[Topic, ...]


async def find_topic(connection: Connection, text: str, now: datetime) -> Topic:
    """Return the topic with this name, slug, short name, keyword or hashtag, in any case.

    Raises NotFoundError, which names similar topics.
    """
    summaries = await topics.summaries(connection, now)
    wanted = slugify(text)
    for summary in summaries:
        if wanted in {summary.topic.slug, slugify(summary.topic.name)}:
            return summary.topic
    for summary in summaries:
        if wanted in {slugify(name) for name in summary.topic.names}:
            return summary.topic
    names = [summary.topic.name for summary in summaries]
    if not names:
        raise NotFoundError("There are no topics yet: an admin must load seeds first.")
    similar = [
        name for name, *_ in process.extract(text, names, scorer=fuzz.WRatio, score_cutoff=SIMILAR, limit=3)
    ]
    hint = "Did you mean {}?" if similar else "There are: {}."
    others = " or ".join(similar) if similar else ", ".join(names[:8])
    raise NotFoundError(f"There is no topic “{{}}”. {hint}", shorten(text, 60), shorten(others, 300))


async def complete_topics(connection: Connection, text: str, now: datetime, limit: int) -> list[TopicSummary]:
    """Return the topics whose names begin with or hold `text`, best first."""
    typed = text.casefold().strip()

    def rank_of(summary: TopicSummary) -> int | None:
        name = summary.topic.name.casefold()
        others = [other.casefold() for other in summary.topic.names]
        if name.startswith(typed):
            return 0
        if typed in name:
            return 1
        if any(other.startswith(typed) for other in others):
            return 2
        return None

    ranked = [(rank_of(summary), summary) for summary in await topics.summaries(connection, now)]
    found = sorted((pair for pair in ranked if pair[0] is not None), key=lambda pair: pair[0] or 0)
    return [summary for _, summary in found[:limit]]


async def search_stories(
    connection: Connection, text: str, filters: Filters, now: datetime, limit: int, offset: int = 0
) -> Results:
    """Return the stories with an article that holds the words of `text`, the best match first."""
    expression = parse(text).expression
    if expression is None:
        return Results(0, ())
    filters = replace(filters, until=min(filters.until or now, now))
    total, hits = await search.search(connection, expression, filters, limit, offset)
    found = {story.id: story for story in await stories.stories(connection, [hit.story_id for hit in hits])}
    results = []
    for hit in hits:
        story = found[hit.story_id]
        if coverage := _as_of(story, now):
            match = next(article for article in story.articles if article.id == hit.article_id)
            results.append(Result(coverage, None if match.id == coverage.pick.id else match))
    return Results(total, tuple(results))


async def complete_stories(
    connection: Connection, text: str, now: datetime, limit: int
) -> tuple[Result, ...]:
    """Return the stories that somebody may mean who has typed `text`, the newest ones for nothing."""
    if text.strip():
        return (await search_stories(connection, text, Filters(), now, limit)).stories
    return (await latest_stories(connection, None, now, limit)).stories


async def find_story(connection: Connection, text: str, now: datetime) -> int:
    """Return the id of the story that `text` names by its number, such as #12, or by its words.

    Raises NotFoundError.
    """
    number = text.strip().removeprefix("#")
    if number.isdecimal() and len(number) <= MAX_ID_DIGITS:
        story = await stories.story(connection, int(number))
        if story is not None:
            return story.id
    results = await search_stories(connection, text, Filters(), now, 1)
    if not results.stories:
        raise NotFoundError(
            "No story has the words “{}”. Try fewer, or `/stories latest`.", shorten(text, 60)
        )
    return results.stories[0].coverage.story_id


async def latest_stories(
    connection: Connection, topic: Topic | None, now: datetime, limit: int, offset: int = 0
) -> Results:
    """Return the stories with the newest articles, of one topic or of all."""
    total, found = await stories.latest(connection, topic.id if topic else None, now, limit, offset)
    coverages = (_as_of(story, now) for story in found)
    return Results(total, tuple(Result(coverage) for coverage in coverages if coverage))


async def story_card(connection: Connection, story_id: int, now: datetime) -> StoryCard:
    """Return all there is to say of a story; raises NotFoundError."""
    story = await stories.story(connection, story_id)
    if story is None:
        raise NotFoundError("That story isn't here any more. Search for its words to find others.")
    return StoryCard(
        story=story,
        coverage=_as_of(story, now),
        ranked=tuple(rank(article for article in existing(story.articles, now) if may_be_shown(article))),
        topics=tuple(await topics.topics_of_story(connection, story.id)),
    )


def _as_of(story: Story, now: datetime) -> Coverage | None:
    """A lookup shows a story as of the newest of its articles that exist by `now`."""
    times = [article.published_at for article in existing(story.articles, now)]
    return cover(story, max(times)) if times else None
