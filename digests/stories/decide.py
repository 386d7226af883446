"""What a person decides of stories: to part one, or to join two; every later round keeps it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from digests.errors import (
    DecisionFollowedError,
    NothingToUndoError,
    NotInStoryError,
    SameStoryError,
    StoryChangedError,
    StoryNotFoundError,
    WholeStoryError,
)
from digests.stories.identity import variants
from digests.stories.ingest import regroup
from digests.stories.urls import canonical
from storage import decisions, stories
from storage.engine import Connection, ReadConnection
from storage.models import Story


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that can be undone, and the ids of the stories that came of it, the changed one first."""

    id: int
    stories: tuple[int, ...]


async def split(connection: Connection, story_id: int, urls: Collection[str], now: datetime) -> Decided:
    """Make the articles at these addresses a story of their own, in the open transaction.

    Raises StoryNotFoundError, NotInStoryError, or WholeStoryError if nothing would be left.
    """
    story = await connection.run(_story, story_id)
    apart = {await connection.run(_article_at, story, url) for url in urls}
    return await _part(connection, story, apart, now)


async def split_articles(
    connection: Connection, story_id: int, articles: Collection[int], now: datetime
) -> Decided:
    """Make the articles with these ids a story of their own, in the open transaction.

    Raises StoryNotFoundError, WholeStoryError, or StoryChangedError if one of them is in another story.
    """
    story = await connection.run(_story, story_id)
    if not {article.id for article in story.articles}.issuperset(articles):
        raise StoryChangedError
    return await _part(connection, story, set(articles), now)


async def join(connection: Connection, one_id: int, other_id: int, now: datetime) -> Decided:
    """Make two stories one, in the open transaction; raises StoryNotFoundError or SameStoryError."""
    one, other = await connection.run(_story, one_id), await connection.run(_story, other_id)
    if one.id == other.id:
        raise SameStoryError
    articles = [article.id for story in (one, other) for article in story.articles]
    decision = await decisions.decide(connection, articles, (), now)
    return await _carry_out(connection, decision, articles, now)


async def undo(connection: Connection, decision: int, now: datetime) -> tuple[int, ...]:
    """Take a decision back, in the open transaction, and return the stories that come of that.

    Raises DecisionFollowedError if a later one changed what it is about, or NothingToUndoError if it was
    taken back before, or nothing is left of it.
    """
    if await connection.run(decisions.is_followed, decision):
        raise DecisionFollowedError
    articles = await decisions.undo(connection, decision)
    if not articles:
        raise NothingToUndoError
    return (await _carry_out(connection, decision, articles, now)).stories


async def _part(connection: Connection, story: Story, apart: set[int], now: datetime) -> Decided:
    left = {article.id for article in story.articles} - apart
    if not left:
        raise WholeStoryError
    decision = await decisions.decide(connection, apart, left, now)
    return await _carry_out(connection, decision, [*apart, *left], now)


async def _carry_out(
    connection: Connection, decision: int, articles: Collection[int], now: datetime
) -> Decided:
    await regroup(connection, articles, now)
    placed = await connection.run(stories.stories_of, articles)
    return Decided(decision, tuple(dict.fromkeys(placed[each] for each in articles if each in placed)))


def _story(reader: ReadConnection, story_id: int) -> Story:
    story = stories.story(reader, story_id)
    if story is None:
        raise StoryNotFoundError(str(story_id))
    return story


def _article_at(reader: ReadConnection, story: Story, url: str) -> int:
    """Return the id of the story's article at an address, however that is written."""
    address = canonical(url.strip())
    found = stories.articles_at(reader, variants(address)) if address else []
    within = {article.id for article in story.articles}
    article = next((each for each in found if each in within), None)
    if article is None:
        raise NotInStoryError(url, story.id)
    return article
