"""What can be undone for a while: people's own digests that were ended."""

import json
from datetime import datetime

from storage import subscriptions
from storage.engine import Connection, ReadConnection
from storage.models import Subscription, to_epoch

# A DM leaves nobody, as a server can: a person's digest that was left was ended.
_ENDED = "kind = 'dm' AND left_at IS NOT NULL"


async def end(connection: Connection, subscription_id: int, now: datetime) -> None:
    """End a person's own digest; until it is removed it can be revived, with its deliveries."""
    await connection.execute(
        "UPDATE subscription SET left_at = :now WHERE id = :id AND kind = 'dm'",
        {"id": subscription_id, "now": to_epoch(now)},
    )


def ended(reader: ReadConnection, subscription_id: int, since: datetime) -> Subscription | None:
    """Return a subscription that was ended, at `since` at the earliest."""
    values = (subscription_id, to_epoch(since))
    return next(iter(subscriptions.where(reader, f"id = ? AND {_ENDED} AND left_at >= ?", values)), None)


async def revive(connection: Connection, subscription_id: int) -> None:
    """Let a subscription that was ended go on."""
    await connection.execute("UPDATE subscription SET left_at = NULL WHERE id = ?", (subscription_id,))


async def remove_ended(connection: Connection, before: datetime, most: int) -> int:
    """Remove up to `most` subscriptions that were ended before a moment, and return how many."""
    rows = await connection.execute_fetchall(
        f"SELECT id FROM subscription WHERE {_ENDED} AND left_at < ? LIMIT ?", (to_epoch(before), most)
    )
    return await _remove(connection, [row[0] for row in rows])


async def clear_ended(connection: Connection, wanted: Subscription) -> None:
    """Remove ended subscriptions that stand in the way: of the same place, with the same topic or search."""
    rows = await connection.execute_fetchall(
        f"SELECT id FROM subscription WHERE id <> :id AND channel_id = :channel AND {_ENDED}"
        " AND (words = :words OR id IN (SELECT subscription_id FROM subscription_topic"
        " WHERE channel_id = :channel AND topic_id IN (SELECT value FROM json_each(:topics))))",
        {
            "id": wanted.id,
            "channel": wanted.channel_id,
            "words": wanted.subject.words,
            "topics": json.dumps(wanted.subject.topic_ids),
        },
    )
    await _remove(connection, [row[0] for row in rows])


async def _remove(connection: Connection, ids: list[int]) -> int:
    for subscription_id in ids:
        await subscriptions.remove(connection, subscription_id)
    return len(ids)
