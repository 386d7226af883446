"""What can be undone for a while: digests that were ended, and what digests were before they were changed."""

import json
from dataclasses import dataclass
from datetime import datetime

from storage import subscriptions
from storage.engine import Connection, ReadConnection
from storage.models import DigestOptions, PlaceKind, Subject, Subscription, to_epoch
from storage.topics import by_ids


@dataclass(frozen=True, slots=True)
class Former:
    """What a subscription was: about what, where, and with which options."""

    subject: Subject
    channel_id: int
    kind: PlaceKind
    options: DigestOptions


async def end(connection: Connection, subscription_id: int, now: datetime) -> None:
    """End a subscription; until it is removed it can be revived, with its deliveries and what they showed."""
    await connection.execute(
        "UPDATE subscription SET ended_at = :now, left_at = coalesce(left_at, :now) WHERE id = :id",
        {"id": subscription_id, "now": to_epoch(now)},
    )


def ended(reader: ReadConnection, subscription_id: int, since: datetime) -> Subscription | None:
    """Return a subscription that was ended, at `since` at the earliest."""
    values = (subscription_id, to_epoch(since))
    return next(iter(subscriptions.where(reader, "id = ? AND ended_at >= ?", values)), None)


async def revive(connection: Connection, subscription_id: int) -> None:
    """Let a subscription that was ended go on."""
    await connection.execute(
        "UPDATE subscription SET ended_at = NULL, left_at = NULL WHERE id = ?", (subscription_id,)
    )


async def remove_ended(connection: Connection, before: datetime, most: int) -> int:
    """Remove up to `most` subscriptions that were ended before a moment, and return how many."""
    rows = await connection.execute_fetchall(
        "SELECT id FROM subscription WHERE ended_at < ? LIMIT ?", (to_epoch(before), most)
    )
    return await _remove(connection, [row[0] for row in rows])


async def clear_ended(connection: Connection, wanted: Subscription) -> None:
    """Remove ended subscriptions that stand in the way: of the same place, with the same topic or search."""
    rows = await connection.execute_fetchall(
        "SELECT id FROM subscription WHERE id <> :id AND channel_id = :channel AND ended_at IS NOT NULL"
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


async def keep(connection: Connection, before: Subscription, now: datetime) -> None:
    """Store what a subscription is before a change; what it was before another change is forgotten."""
    was = {
        "topics": before.subject.topic_ids,
        "words": before.subject.words,
        "channel": before.channel_id,
        "kind": before.kind,
        "options": subscriptions.option_columns(before.options),
    }
    await connection.execute(
        "INSERT INTO former (subscription_id, changed_at, was) VALUES (:id, :now, :was)"
        " ON CONFLICT (subscription_id) DO UPDATE SET changed_at = :now, was = :was",
        {"id": before.id, "now": to_epoch(now), "was": json.dumps(was)},
    )


def former(reader: ReadConnection, subscription_id: int, changed_at: datetime) -> Former | None:
    """Return what a subscription was before the change made at a moment, if that was the last one."""
    row = reader.execute(
        "SELECT was FROM former WHERE subscription_id = ? AND changed_at = ?",
        (subscription_id, to_epoch(changed_at)),
    ).fetchone()
    if row is None:
        return None
    was = json.loads(row[0])
    known = by_ids(reader, was["topics"])
    return Former(
        Subject(tuple(known[topic_id] for topic_id in was["topics"] if topic_id in known), was["words"]),
        was["channel"],
        PlaceKind(was["kind"]),
        subscriptions.options_from({"language": None, **was["options"]}),  # an earlier version knew none
    )
