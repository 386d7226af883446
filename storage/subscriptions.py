"""Subscriptions: which channel gets which topic's digest, when the next is due, what it has seen."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import aiosqlite

from storage.models import Shown, Subscription, from_epoch, to_epoch
from storage.topics import COLUMNS, DESCRIBED, topic_from

_SUBSCRIPTIONS = (
    f"SELECT subscription.*, {COLUMNS} FROM subscription"
    f" JOIN topic ON topic.id = subscription.topic_id {DESCRIBED}"
)


async def add(connection: aiosqlite.Connection, new: Subscription) -> Subscription:
    """Store a subscription, whose own id doesn't matter, and return it with the id given."""
    rows = await connection.execute_fetchall(
        "INSERT INTO subscription (topic_id, guild_id, channel_id, created_by, created_at, issue_time, zone,"
        " days, stories, min_quality, covered_to, next_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            new.topic.id,
            new.guild_id,
            new.channel_id,
            new.created_by,
            to_epoch(new.created_at),
            new.issue_time,
            new.zone,
            "".join(map(str, sorted(new.days))),
            new.stories,
            new.min_quality,
            to_epoch(new.covered_to),
            to_epoch(new.next_at),
        ),
    )
    return replace(new, id=next(iter(rows))[0])


async def of_guild(connection: aiosqlite.Connection, guild_id: int) -> list[Subscription]:
    """Return a server's subscriptions, by channel and topic."""
    rows = await connection.execute_fetchall(
        f"{_SUBSCRIPTIONS} WHERE guild_id = ? ORDER BY channel_id, topic_name", (guild_id,)
    )
    return [_subscription(row) for row in rows]


async def every(connection: aiosqlite.Connection) -> list[Subscription]:
    """Return all subscriptions, the oldest first."""
    rows = await connection.execute_fetchall(f"{_SUBSCRIPTIONS} ORDER BY subscription.id")
    return [_subscription(row) for row in rows]


async def in_channel(connection: aiosqlite.Connection, channel_id: int, topic_id: int) -> Subscription | None:
    """Return a channel's subscription to a topic."""
    rows = await connection.execute_fetchall(
        f"{_SUBSCRIPTIONS} WHERE channel_id = ? AND subscription.topic_id = ?", (channel_id, topic_id)
    )
    return next((_subscription(row) for row in rows), None)


async def due(connection: aiosqlite.Connection, now: datetime) -> list[Subscription]:
    """Return the subscriptions whose next issue time has come, the longest waiting first."""
    rows = await connection.execute_fetchall(
        f"{_SUBSCRIPTIONS} WHERE next_at <= ? ORDER BY next_at, subscription.id", (to_epoch(now),)
    )
    return [_subscription(row) for row in rows]


async def next_due(connection: aiosqlite.Connection) -> datetime | None:
    """Return the earliest issue time that any subscription waits for."""
    rows = await connection.execute_fetchall("SELECT min(next_at) FROM subscription")
    earliest = next(iter(rows))[0]
    return None if earliest is None else from_epoch(earliest)


async def count(connection: aiosqlite.Connection) -> int:
    """Return how many subscriptions there are."""
    rows = await connection.execute_fetchall("SELECT count(*) FROM subscription")
    return int(next(iter(rows))[0])


async def advance(
    connection: aiosqlite.Connection, subscription: Subscription, next_at: datetime, covered_to: datetime
) -> bool:
    """Move a subscription on to its next issue time; `covered_to` ends its last edition's window.

    Returns False, and changes nothing, where it was moved on since `subscription` was read.
    """
    cursor = await connection.execute(
        "UPDATE subscription SET next_at = ?, covered_to = ? WHERE id = ? AND next_at = ?",
        (to_epoch(next_at), to_epoch(covered_to), subscription.id, to_epoch(subscription.next_at)),
    )
    return cursor.rowcount == 1


async def change(connection: aiosqlite.Connection, changed: Subscription) -> None:
    """Store a subscription's time, zone, days, options and next issue time; it is known by its id."""
    await connection.execute(
        "UPDATE subscription SET issue_time = ?, zone = ?, days = ?, stories = ?, min_quality = ?,"
        " next_at = ? WHERE id = ?",
        (
            changed.issue_time,
            changed.zone,
            "".join(map(str, sorted(changed.days))),
            changed.stories,
            changed.min_quality,
            to_epoch(changed.next_at),
            changed.id,
        ),
    )


async def reopen(
    connection: aiosqlite.Connection, subscription_id: int, covered_to: datetime, since: datetime
) -> None:
    """Give back the window that ended at `covered_to`: its edition failed, the next one makes up for it."""
    await connection.execute(
        "UPDATE subscription SET covered_to = ? WHERE id = ? AND covered_to = ?",
        (to_epoch(since), subscription_id, to_epoch(covered_to)),
    )


async def remove(connection: aiosqlite.Connection, subscription_id: int) -> None:
    """Remove a subscription, its deliveries and its memory."""
    await connection.execute("DELETE FROM subscription WHERE id = ?", (subscription_id,))


async def memories(
    connection: aiosqlite.Connection,
    subscription_ids: Sequence[int],
    story_ids: Sequence[int],
    article_ids: Sequence[int],
) -> dict[int, frozenset[Shown]]:
    """Return what subscriptions were or are about to be shown of these stories and articles.

    A merged story stands under its heir's id.
    """
    remembered = (
        "SELECT shown.subscription_id, coalesce(story_alias.story_id, shown.story_id), article_id, quality"
        " FROM json_each(:subscriptions) AS wanted CROSS JOIN shown ON shown.subscription_id = wanted.value"
        " LEFT JOIN delivery ON delivery.id = delivery_id"  # old ones are forgotten, what they showed isn't
        " LEFT JOIN story_alias ON story_alias.id = shown.story_id WHERE delivery.state IS NOT 'failed' AND"
    )
    rows = await connection.execute_fetchall(
        f"{remembered} shown.story_id IN (SELECT value FROM json_each(:stories) UNION ALL"
        " SELECT story_alias.id FROM json_each(:stories) AS heir"
        " JOIN story_alias ON story_alias.story_id = heir.value)"
        f" UNION {remembered} article_id IN (SELECT value FROM json_each(:articles))",
        {
            "subscriptions": json.dumps(list(subscription_ids)),
            "stories": json.dumps(list(story_ids)),
            "articles": json.dumps(list(article_ids)),
        },
    )
    found: defaultdict[int, set[Shown]] = defaultdict(set)
    for row in rows:
        found[row[0]].add(Shown(*row[1:]))
    return {subscription_id: frozenset(shown) for subscription_id, shown in found.items()}


async def remember(
    connection: aiosqlite.Connection, subscription_id: int, delivery_id: int, shown: list[Shown]
) -> None:
    """Add an edition's stories to a subscription's memory."""
    await connection.executemany(
        "INSERT INTO shown (subscription_id, story_id, article_id, quality, delivery_id)"
        " VALUES (?, ?, ?, ?, ?)",
        [(subscription_id, s.story_id, s.article_id, s.quality, delivery_id) for s in shown],
    )


def _subscription(row: aiosqlite.Row) -> Subscription:
    return Subscription(
        id=row["id"],
        topic=topic_from(row),
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        created_by=row["created_by"],
        created_at=from_epoch(row["created_at"]),
        issue_time=row["issue_time"],
        zone=row["zone"],
        days=frozenset(map(int, row["days"])),
        stories=row["stories"],
        min_quality=row["min_quality"],
        covered_to=from_epoch(row["covered_to"]),
        next_at=from_epoch(row["next_at"]),
    )
