"""The outbox: a row for each edition owed, written before anything is sent."""

from datetime import datetime

import aiosqlite

from storage.models import Delivery, DeliveryState, from_epoch, to_epoch

_DELIVERIES = (
    "SELECT delivery.*, subscription.channel_id FROM delivery"
    " JOIN subscription ON subscription.id = subscription_id"
)


async def add(
    connection: aiosqlite.Connection,
    *,
    subscription_id: int,
    issue_date: str,
    issue_at: datetime,
    state: DeliveryState,
    edition_id: int | None,
    now: datetime,
) -> int | None:
    """Write down what a subscription is owed for a date; None where that was done before."""
    open_ = state is DeliveryState.PENDING
    rows = await connection.execute_fetchall(
        "INSERT INTO delivery (subscription_id, issue_date, issue_at, state, edition_id, try_at, settled_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (subscription_id, issue_date) DO NOTHING RETURNING id",
        (
            subscription_id,
            issue_date,
            to_epoch(issue_at),
            state,
            edition_id,
            to_epoch(now),
            None if open_ else to_epoch(now),
        ),
    )
    return next((row[0] for row in rows), None)


async def claim(connection: aiosqlite.Connection, now: datetime, lease_ends: datetime) -> Delivery | None:
    """Take the delivery that has waited longest, for as long as the lease; None where none is due.

    A delivery that comes back in state SENDING was claimed before and its sender is gone: whether
    its next part was sent is not known.
    """
    rows = list(
        await connection.execute_fetchall(
            f"{_DELIVERIES} WHERE state IN ('pending', 'sending') AND try_at <= ?"
            " ORDER BY try_at, delivery.id LIMIT 1",
            (to_epoch(now),),
        )
    )
    if not rows:
        return None
    await connection.execute(
        "UPDATE delivery SET state = 'sending', attempts = attempts + 1, try_at = ? WHERE id = ?",
        (to_epoch(lease_ends), rows[0]["id"]),
    )
    return _delivery(rows[0])


async def note_part(
    connection: aiosqlite.Connection, delivery_id: int, parts_sent: int, message_id: int
) -> None:
    """Note that a part arrived; the first one's message is the delivery's."""
    await connection.execute(
        "UPDATE delivery SET parts_sent = ?, message_id = coalesce(message_id, ?) WHERE id = ?",
        (parts_sent, message_id, delivery_id),
    )


async def settle(
    connection: aiosqlite.Connection,
    delivery_id: int,
    state: DeliveryState,
    now: datetime,
    error: str | None = None,
) -> None:
    """Close a delivery."""
    await connection.execute(
        "UPDATE delivery SET state = ?, settled_at = ?, error = ? WHERE id = ?",
        (state, to_epoch(now), error, delivery_id),
    )


async def postpone(
    connection: aiosqlite.Connection,
    delivery_id: int,
    try_at: datetime,
    error: str,
    state: DeliveryState = DeliveryState.PENDING,
) -> None:
    """Put a delivery back, to be tried again at `try_at`.

    `state` is PENDING where its next part is known not to have been sent, else SENDING.
    """
    await connection.execute(
        "UPDATE delivery SET state = ?, try_at = ?, error = ? WHERE id = ?",
        (state, to_epoch(try_at), error, delivery_id),
    )


async def get(connection: aiosqlite.Connection, delivery_id: int) -> Delivery | None:
    """Return a delivery."""
    rows = await connection.execute_fetchall(f"{_DELIVERIES} WHERE delivery.id = ?", (delivery_id,))
    return next((_delivery(row) for row in rows), None)


async def find(
    connection: aiosqlite.Connection, channel_id: int, topic_id: int, issue_date: str | None
) -> Delivery | None:
    """Return the delivery of a topic that a channel was owed for a date; without one, the latest."""
    rows = await connection.execute_fetchall(
        f"{_DELIVERIES} WHERE channel_id = :channel AND topic_id = :topic AND edition_id IS NOT NULL"
        " AND issue_date = coalesce(:date, issue_date) ORDER BY issue_at DESC LIMIT 1",
        {"channel": channel_id, "topic": topic_id, "date": issue_date},
    )
    return next((_delivery(row) for row in rows), None)


async def last_of(connection: aiosqlite.Connection, subscription_id: int) -> Delivery | None:
    """Return a subscription's latest delivery."""
    rows = await connection.execute_fetchall(
        f"{_DELIVERIES} WHERE subscription_id = ? ORDER BY issue_at DESC LIMIT 1", (subscription_id,)
    )
    return next((_delivery(row) for row in rows), None)


async def count_by_state(connection: aiosqlite.Connection) -> dict[str, int]:
    """Return how many deliveries are in each state."""
    rows = await connection.execute_fetchall("SELECT state, count(*) FROM delivery GROUP BY state")
    return {row[0]: row[1] for row in rows}


def _delivery(row: aiosqlite.Row) -> Delivery:
    return Delivery(
        id=row["id"],
        subscription_id=row["subscription_id"],
        channel_id=row["channel_id"],
        issue_date=row["issue_date"],
        issue_at=from_epoch(row["issue_at"]),
        state=DeliveryState(row["state"]),
        edition_id=row["edition_id"],
        attempts=row["attempts"],
        parts_sent=row["parts_sent"],
        message_id=row["message_id"],
        error=row["error"],
    )
