"""Reading later: which article of a story is saved, and how many a person may have."""

from datetime import datetime

from digests.errors import SavedFullError, SavedGoneError, StoryNotFoundError
from digests.stories.coverage import chapters, existing, may_be_shown, newest_shown
from storage import saved, stories
from storage.engine import Connection, ReadConnection
from storage.models import Article
from storage.saved import Saved

MAX_SAVED = 200


def article_to_save(reader: ReadConnection, story_id: int, article_id: int | None, now: datetime) -> Article:
    """Return a story's article with that id, or else its newest chapter's best.

    Raises StoryNotFoundError if there is none to show.
    """
    story = stories.story(reader, story_id)
    if story is None:
        raise StoryNotFoundError(str(story_id))
    shown = filter(may_be_shown, existing(story.articles, now))
    named = next((each for each in shown if each.id == article_id), None)
    found = named or next((pick for _, pick in [newest_shown(chapters(story, now)) or (None, None)]), None)
    if found is None:
        raise StoryNotFoundError(str(story_id))
    return found


async def save(connection: Connection, user_id: int, article: Article, now: datetime) -> None:
    """Save an article for a person; raises SavedFullError if they have MAX_SAVED others."""
    if not await connection.run(saved.has, user_id, article.url):
        await _require_room(connection, user_id)
    await saved.add(connection, user_id, article, now)


async def remove(connection: Connection, user_id: int, saved_id: int, now: datetime) -> Saved:
    """Remove one of a person's saved stories and return it; raises SavedGoneError."""
    found = await connection.run(saved.get, user_id, saved_id)
    if found is None:
        raise SavedGoneError
    await saved.set_removed(connection, user_id, saved_id, now)
    return found


async def put_back(connection: Connection, user_id: int, saved_id: int) -> None:
    """Put back what a person removed; raises SavedGoneError if that was too long ago, or SavedFullError."""
    found = await connection.run(saved.get, user_id, saved_id)
    if found is None:
        raise SavedGoneError
    if not await connection.run(saved.has, user_id, found.url):
        await _require_room(connection, user_id)
    await saved.set_removed(connection, user_id, saved_id, None)


async def _require_room(connection: Connection, user_id: int) -> None:
    if await connection.run(saved.count, user_id) >= MAX_SAVED:
        raise SavedFullError(MAX_SAVED)
