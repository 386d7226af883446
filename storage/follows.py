"""Stories that people follow."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from storage.engine import Connection, ReadConnection, Row, scalar
from storage.models import from_epoch, to_epoch
from storage.stories import heir

_HEIR = (
    "coalesce((SELECT story_alias.story_id FROM story_alias WHERE id = followed.story_id), followed.story_id)"
)
# A story that was merged into another is followed as that one; who followed both follows it once.
_FOLLOWS = (
    f"SELECT user_id, {_HEIR} AS heir, followed_at, known_to, quality, newest_at"
    f" FROM followed JOIN story ON story.id = {_HEIR} AND pick_id IS NOT NULL"
)
_CURRENT = "(followed_at >= :since OR newest_at >= :since)"


@dataclass(frozen=True, slots=True)
class Follow:
    """A story that a person follows.

    What they know of it is a chapter whose newest article was published at `known_to`, and whose best one
    had that quality; `newest_at` is when the story's newest article was published.
    """

    user_id: int
    story_id: int
    followed_at: datetime
    known_to: datetime
    quality: int
    newest_at: datetime


def of_people(
    reader: ReadConnection, user_ids: Iterable[int], since: datetime
) -> dict[int, dict[int, Follow]]:
    """Return what people follow, by their ids and the stories', the last followed first.

    Stories without an article since a moment, unless they were followed since, are left out.
    """
    rows = reader.execute(
        f"{_FOLLOWS} WHERE user_id IN (SELECT value FROM json_each(:users)) AND {_CURRENT}"
        " ORDER BY followed_at DESC, heir",
        {"users": json.dumps(list(user_ids)), "since": to_epoch(since)},
    )
    found: dict[int, dict[int, Follow]] = {}
    for row in rows:
        follow = _follow(row)
        found.setdefault(follow.user_id, {}).setdefault(follow.story_id, follow)
    return found


def has(reader: ReadConnection, user_id: int, story_id: int) -> bool:
    """Say whether a person follows a story."""
    following = f"SELECT 1 FROM ({_FOLLOWS}) AS following WHERE user_id = ? AND heir = ?"
    return scalar(reader, following, (user_id, heir(reader, story_id))) is not None


async def add(connection: Connection, follow: Follow) -> None:
    """Let a person follow a story, or follow it anew."""
    await connection.execute(
        "INSERT INTO followed (user_id, story_id, followed_at, known_to, quality) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (user_id, story_id) DO UPDATE SET followed_at = excluded.followed_at,"
        " known_to = excluded.known_to, quality = excluded.quality",
        (
            follow.user_id,
            follow.story_id,
            to_epoch(follow.followed_at),
            to_epoch(follow.known_to),
            follow.quality,
        ),
    )


async def remove(connection: Connection, user_id: int, story_id: int) -> None:
    """Let a person follow a story no longer, whichever of those that became it they followed."""
    await connection.execute(
        "DELETE FROM followed WHERE user_id = :user AND (story_id = :story OR story_id IN"
        " (SELECT id FROM story_alias WHERE story_alias.story_id = :story))",
        {"user": user_id, "story": await connection.run(heir, story_id)},
    )


async def forget_ended(connection: Connection, before: datetime, most: int) -> int:
    """Forget up to `most` follows of before a moment, of stories whose last article was before it, too."""
    cursor = await connection.execute(
        "DELETE FROM followed WHERE (user_id, story_id) IN (SELECT user_id, story_id FROM followed"
        " WHERE followed_at < :before AND NOT EXISTS (SELECT 1 FROM story"
        f" WHERE story.id = {_HEIR} AND pick_id IS NOT NULL AND newest_at >= :before) LIMIT :most)",
        {"before": to_epoch(before), "most": most},
    )
    return cursor.rowcount


def _follow(row: Row) -> Follow:
    return Follow(
        row["user_id"],
        row["heir"],
        from_epoch(row["followed_at"]),
        from_epoch(row["known_to"]),
        row["quality"],
        from_epoch(row["newest_at"]),
    )
