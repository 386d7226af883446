"""Forgetting what is of no use any more, a bounded number of rows at a time."""

import json
from datetime import datetime, timedelta

from storage.engine import Connection
from storage.models import to_epoch


async def forget_deliveries(connection: Connection, before: datetime, most: int) -> int:
    """Forget up to `most` settled deliveries issued before a moment, and return how many.

    Each subscription's last one is kept. What they showed stays remembered, but for those of which
    nothing arrived.
    """
    rows = await connection.execute_fetchall(
        "SELECT id FROM delivery WHERE issue_at < ? AND state NOT IN ('pending', 'sending')"
        " AND EXISTS (SELECT 1 FROM delivery AS later WHERE later.subscription_id = delivery.subscription_id"
        " AND (later.issue_at, later.id) > (delivery.issue_at, delivery.id)) ORDER BY issue_at LIMIT ?",
        (to_epoch(before), most),
    )
    old = {"old": json.dumps([row[0] for row in rows])}
    await connection.execute(
        "DELETE FROM shown WHERE delivery_id IN"
        " (SELECT id FROM delivery WHERE id IN (SELECT value FROM json_each(:old))"
        " AND state IN ('failed', 'skipped') AND parts_sent = 0)",
        old,
    )
    cursor = await connection.execute(
        "DELETE FROM delivery WHERE id IN (SELECT value FROM json_each(:old))", old
    )
    return cursor.rowcount


_LEFT = "SELECT id FROM subscription WHERE left_at < :before"


async def forget_shown(connection: Connection, before: datetime, silence: timedelta, most: int) -> int:
    """Forget up to `most` times that places were shown chapters which ended by then, and return how many.

    A chapter has ended by a moment if it was shown before, and its story had no article in the `silence`
    up to it.
    """
    values = {"before": to_epoch(before), "since": to_epoch(before - silence), "most": most}
    cursor = await connection.execute(
        "DELETE FROM shown WHERE (channel_id, showing_id, delivery_id) IN"
        " (SELECT channel_id, showing_id, delivery_id FROM showing JOIN shown ON showing_id = showing.id"
        " WHERE shown_at < :before AND NOT EXISTS (SELECT 1 FROM article AS pick JOIN article"
        " ON article.story_id = pick.story_id WHERE pick.id = pick_id AND article.mention_id IS NOT NULL"
        " AND article.published_at BETWEEN :since AND :before) LIMIT :most)",
        values,
    )
    return cursor.rowcount


async def forget_showings(connection: Connection, most: int) -> int:
    """Forget up to `most` chapters that no place remembers any more, and return how many."""
    cursor = await connection.execute(
        "DELETE FROM showing WHERE id IN (SELECT id FROM showing WHERE NOT EXISTS"
        " (SELECT 1 FROM shown WHERE showing_id = showing.id) LIMIT ?)",
        (most,),
    )
    return cursor.rowcount


async def forget_past_qualities(connection: Connection, before: datetime, most: int) -> int:
    """Forget up to `most` qualities that articles had until before a moment, and return how many."""
    cursor = await connection.execute(
        "DELETE FROM past_quality WHERE (article_id, until) IN"
        " (SELECT article_id, until FROM past_quality WHERE until < ? LIMIT ?)",
        (to_epoch(before), most),
    )
    return cursor.rowcount


async def forget_left_deliveries(connection: Connection, before: datetime, most: int) -> int:
    """Forget up to `most` deliveries to servers left before a moment, and return how many."""
    cursor = await connection.execute(
        f"DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE subscription_id IN ({_LEFT})"
        " LIMIT :most)",
        {"before": to_epoch(before), "most": most},
    )
    return cursor.rowcount


async def forget_left(connection: Connection, before: datetime, most: int) -> int:
    """Forget up to `most` subscriptions of servers that the bot left before a moment, and return how many."""
    cursor = await connection.execute(
        "DELETE FROM subscription WHERE id IN (SELECT id FROM subscription WHERE left_at < ? LIMIT ?)",
        (to_epoch(before), most),
    )
    return cursor.rowcount


async def forget_editions(connection: Connection, most: int) -> int:
    """Forget up to `most` editions that belong to no delivery any more, and return how many."""
    cursor = await connection.execute(
        "DELETE FROM edition WHERE id IN (SELECT id FROM edition WHERE NOT EXISTS"
        " (SELECT 1 FROM delivery WHERE edition_id = edition.id) LIMIT ?)",
        (most,),
    )
    return cursor.rowcount


async def forget_removed(connection: Connection, before: datetime, most: int) -> int:
    """Forget up to `most` saved stories that were removed before a moment, and return how many."""
    cursor = await connection.execute(
        "DELETE FROM saved WHERE id IN (SELECT id FROM saved WHERE removed_at < ? LIMIT ?)",
        (to_epoch(before), most),
    )
    return cursor.rowcount


async def forget_listings(connection: Connection, before: datetime, after: datetime, most: int) -> int:
    """Forget up to `most` lists asked for before a moment or after another, and return how many."""
    cursor = await connection.execute(
        "DELETE FROM listing WHERE id IN"
        " (SELECT id FROM listing WHERE created_at < ? OR created_at > ? LIMIT ?)",
        (to_epoch(before), to_epoch(after), most),
    )
    return cursor.rowcount
