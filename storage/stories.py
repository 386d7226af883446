"""Stories and their articles, as lookups and editions read them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import aiosqlite

from storage.models import Article, Provider, Story, from_epoch, to_epoch

_ARTICLES = (
    "SELECT article.id, story_id, url, title, excerpt, article.published_at, known_at, article.quality,"
    " type, name, domain, image_url, removed FROM article JOIN mention ON mention.id = article.mention_id"
    " JOIN provider ON provider.id = mention.provider_id WHERE TRUE"
)
BATCH = 500  # ids bound to one statement


async def story(connection: aiosqlite.Connection, story_id: int) -> Story | None:
    """Return a story by its id, or by the id of a story that was merged into it."""
    found = await stories(connection, [await heir(connection, story_id)])
    return found[0] if found else None


async def heir(connection: aiosqlite.Connection, story_id: int) -> int:
    """Return the id of the story that `story_id` was merged into, or itself."""
    rows = list(
        await connection.execute_fetchall("SELECT story_id FROM story_alias WHERE id = ?", (story_id,))
    )
    return rows[0]["story_id"] if rows else story_id


async def stories(connection: aiosqlite.Connection, ids: Sequence[int]) -> list[Story]:
    """Return stories in the order of `ids`; those of which no seed speaks any more are left out."""
    articles: defaultdict[int, list[Article]] = defaultdict(list)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        marks = ", ".join("?" * len(batch))
        async with connection.execute(
            f"{_ARTICLES} AND story_id IN ({marks}) ORDER BY article.id", batch
        ) as cursor:
            async for row in cursor:
                articles[row["story_id"]].append(_article(row))
    return [Story(story_id, tuple(articles[story_id])) for story_id in ids if story_id in articles]


async def candidates(
    connection: aiosqlite.Connection, topic_id: int, since: datetime, until: datetime
) -> list[Story]:
    """Return the stories of a topic with an article published from `since` up to `until`."""
    rows = await connection.execute_fetchall(
        "SELECT DISTINCT article.story_id FROM article CROSS JOIN story_topic"
        " ON story_topic.story_id = article.story_id AND topic_id = ?"
        " WHERE mention_id IS NOT NULL AND published_at >= ? AND published_at <= ? ORDER BY 1",
        (topic_id, to_epoch(since), to_epoch(until)),
    )
    return await stories(connection, [row[0] for row in rows])


async def newest_pick(connection: aiosqlite.Connection, topic_id: int, now: datetime) -> datetime | None:
    """Return when the newest of a topic's picks was published, of those published by `now`."""
    rows = await connection.execute_fetchall(
        "SELECT max(published_at) FROM story_topic JOIN story ON story.id = story_topic.story_id"
        " JOIN article ON article.id = pick_id WHERE topic_id = ? AND published_at <= ?",
        (topic_id, to_epoch(now)),
    )
    newest = next(iter(rows))[0]
    return None if newest is None else from_epoch(newest)


async def image_urls(connection: aiosqlite.Connection) -> list[str]:
    """Return the addresses of all pictures."""
    rows = await connection.execute_fetchall(
        "SELECT DISTINCT image_url FROM mention WHERE image_url IS NOT NULL"
    )
    return [row[0] for row in rows]


async def latest(
    connection: aiosqlite.Connection, topic_id: int | None, now: datetime, limit: int, offset: int
) -> tuple[int, list[Story]]:
    """Return how many stories there are by `now`, and a page, those with the newest article first."""
    source, arguments = "story", [to_epoch(now)]
    if topic_id is not None:
        source = "story JOIN story_topic ON story_id = story.id AND topic_id = ?"
        arguments.insert(0, topic_id)
    source += " WHERE pick_id IS NOT NULL AND first_at <= ?"
    total = await connection.execute_fetchall(f"SELECT count(*) FROM {source}", arguments)
    rows = await connection.execute_fetchall(
        f"SELECT story.id FROM {source} ORDER BY newest_at DESC, story.id LIMIT ? OFFSET ?",
        (*arguments, limit, offset),
    )
    return next(iter(total))[0], await stories(connection, [row[0] for row in rows])


def _article(row: aiosqlite.Row) -> Article:
    return Article(
        id=row["id"],
        story_id=row["story_id"],
        url=row["url"],
        title=row["title"],
        excerpt=row["excerpt"],
        published_at=from_epoch(row["published_at"]),
        known_at=from_epoch(row["known_at"]),
        quality=row["quality"],
        type=row["type"],
        provider=Provider(row["name"], row["domain"]),
        image_url=row["image_url"],
        removed=bool(row["removed"]),
    )
