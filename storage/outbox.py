"""The outbox: a row for each edition owed, written before anything is sent."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from storage.dialect import dialect_of
from storage.engine import Connection, ReadConnection, Row, scalar
from storage.models import Delivery, DeliveryState, Owed, PlaceKind, Trouble, from_epoch, to_epoch
from storage.shards import Owner, owned
from storage.subscriptions import OPTIONS, options_from

_DELIVERIES = (
    f"SELECT delivery.*, guild_id, channel_id, kind, {', '.join(OPTIONS)},"
    " subscription.state = 'paused' AS paused,"
    " (SELECT error FROM publication WHERE delivery_id = delivery.id AND state <> 'done'"
    " AND error IS NOT NULL ORDER BY part LIMIT 1) AS unpublished FROM delivery"
    " JOIN subscription ON subscription.id = subscription_id"
)
# Open, and of a subscription that runs.
_WAITING = "delivery.state IN ('pending', 'sending') AND subscription.state = 'active' AND left_at IS NULL"
# A sender that was away for longer than its lease has lost the row, and changes nothing of it.
_MINE = "id = :id AND state = 'sending' AND attempts = :attempts"


async def add(connection: Connection, owed: Iterable[Owed], now: datetime) -> dict[int, int]:
    """Write down what subscriptions are owed and return the new rows' ids, by the subscriptions'.

    Where a row for the subscription and date is there already, nothing is written.
    """
    added: dict[int, int] = {}
    for each in owed:
        rows = await connection.execute_fetchall(
            "INSERT INTO delivery (subscription_id, issue_date, issue_at, state, edition_id, try_at,"
            " settled_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (subscription_id, issue_date) DO NOTHING RETURNING id",
            (
                each.subscription_id,
                each.issue_date,
                to_epoch(each.issue_at),
                each.state,
                each.edition_id,
                to_epoch(max(now, each.send_at)),
                None if each.state is DeliveryState.PENDING else to_epoch(now),
            ),
        )
        for row in rows:
            added[each.subscription_id] = row[0]
    return added


async def claim(
    connection: Connection,
    now: datetime,
    lease_ends: datetime,
    busy: Iterable[int] = (),
    owner: Owner | None = None,
) -> Delivery | None:
    """Take the delivery that has waited longest, for as long as the lease; None where none is due.

    Those to the channels `busy`, of subscriptions that don't run, and of servers that aren't the owner's, are
    left. A delivery that comes
    back in state SENDING was claimed before and its sender is gone: whether its next part was sent is
    not known.
    """
    is_owned, shards = owned(owner)
    rows = await connection.execute_fetchall(
        f"{_DELIVERIES} WHERE {_WAITING} AND try_at <= :now"
        f" AND channel_id NOT IN (SELECT value FROM json_each(:busy)){is_owned}"
        " ORDER BY try_at, delivery.id LIMIT 1" + dialect_of(connection).claiming.format("delivery"),
        {"now": to_epoch(now), "busy": json.dumps(list(busy)), **shards},
    )
    for row in rows:
        await connection.execute(
            "UPDATE delivery SET state = 'sending', attempts = attempts + 1, try_at = ? WHERE id = ?",
            (to_epoch(lease_ends), row["id"]),
        )
        return replace(_delivery(row), attempts=row["attempts"] + 1)
    return None


def waiting_since(reader: ReadConnection, owner: Owner | None = None) -> datetime | None:
    """Return when the delivery that `claim` takes first can be or could have been taken; None without one."""
    is_owned, shards = owned(owner)
    earliest = scalar(
        reader,
        "SELECT min(try_at) FROM delivery JOIN subscription ON subscription.id = subscription_id"
        f" WHERE {_WAITING}{is_owned}",
        shards,
    )
    return None if earliest is None else from_epoch(earliest)


async def renew(connection: Connection, delivery: Delivery, lease_ends: datetime) -> bool:
    """Keep a claimed delivery for longer; False where it was lost to another sender."""
    cursor = await connection.execute(
        f"UPDATE delivery SET try_at = :lease_ends WHERE {_MINE}",
        {**_identity(delivery), "lease_ends": to_epoch(lease_ends)},
    )
    return cursor.rowcount == 1


async def note_part(
    connection: Connection,
    delivery: Delivery,
    parts_sent: int,
    message_id: int,
    lease_ends: datetime,
) -> bool:
    """Note that a part arrived, and renew the lease; False where the delivery was lost to another sender.

    The first part's message is the delivery's.
    """
    cursor = await connection.execute(
        "UPDATE delivery SET parts_sent = :parts, message_id = coalesce(message_id, :message_id),"
        f" try_at = :lease_ends WHERE {_MINE}",
        {
            **_identity(delivery),
            "parts": parts_sent,
            "message_id": message_id,
            "lease_ends": to_epoch(lease_ends),
        },
    )
    return cursor.rowcount == 1


async def exchange_edition(connection: Connection, delivery: Delivery, edition_id: int) -> bool:
    """Give a claimed delivery another edition to bring; False where it was lost to another sender."""
    cursor = await connection.execute(
        f"UPDATE delivery SET edition_id = :edition WHERE {_MINE}",
        {**_identity(delivery), "edition": edition_id},
    )
    return cursor.rowcount == 1


async def settle(
    connection: Connection,
    delivery: Delivery,
    state: DeliveryState,
    now: datetime,
    error: str | None = None,
) -> bool:
    """Close a claimed delivery; False where it was lost to another sender."""
    cursor = await connection.execute(
        f"UPDATE delivery SET state = :state, settled_at = :now, error = :error WHERE {_MINE}",
        {**_identity(delivery), "state": state, "now": to_epoch(now), "error": error},
    )
    return cursor.rowcount == 1


async def postpone(
    connection: Connection,
    delivery: Delivery,
    try_at: datetime,
    error: str | None,
    state: DeliveryState = DeliveryState.PENDING,
) -> None:
    """Put a claimed delivery back, to be tried again at `try_at`.

    `state` is PENDING where its next part is known not to have been sent, else SENDING.
    """
    await connection.execute(
        f"UPDATE delivery SET state = :state, try_at = :try_at, error = :error WHERE {_MINE}",
        {**_identity(delivery), "state": state, "try_at": to_epoch(try_at), "error": error},
    )


async def take_over(connection: Connection, now: datetime, owner: Owner) -> int:
    """Make deliveries of the owner's servers due that another process has begun; return how many there were.

    That is for a process that took the place of one which is gone: it needn't wait until those leases end.
    Those to forums wait all the same: a post that is still on its way has no nonce, so a second would stay.
    """
    is_owned, shards = owned(owner)
    cursor = await connection.execute(
        "UPDATE delivery SET try_at = :now WHERE state = 'sending' AND try_at > :now"
        f" AND subscription_id IN (SELECT id FROM subscription WHERE kind <> 'forum'{is_owned})",
        {"now": to_epoch(now), **shards},
    )
    return cursor.rowcount


async def hasten(connection: Connection, now: datetime, latest: datetime) -> int:
    """Make deliveries due now that would wait until after `latest`; return how many there were."""
    cursor = await connection.execute(
        "UPDATE delivery SET try_at = ? WHERE state IN ('pending', 'sending') AND try_at > ?",
        (to_epoch(now), to_epoch(latest)),
    )
    return cursor.rowcount


async def expire(
    connection: Connection, issued_before: datetime, now: datetime, most: int, owner: Owner | None = None
) -> list[Delivery]:
    """Give up up to `most` editions that wait unsent since before `issued_before`, or whose successor is due.

    Returns them; what is said of them is noted. One that was begun in time may be completed until its
    successor is due; one whose next part may have been sent is left to be looked after, and so are those of
    servers that aren't the owner's.
    """
    is_owned, shards = owned(owner)
    rows = await connection.execute_fetchall(
        f"{_DELIVERIES} WHERE delivery.state IN ('pending', 'sending') AND try_at > 0"  # as in its index
        " AND delivery.state = 'pending' AND (next_at <= :now OR parts_sent = 0 AND issue_at < :before)"
        f"{is_owned} LIMIT :most",
        {"now": to_epoch(now), "before": to_epoch(issued_before), "most": most, **shards},
    )
    await connection.executemany(
        "UPDATE delivery SET state = ?, error = coalesce(error, ?), settled_at = ?"
        " WHERE id = ? AND state = 'pending'",
        [
            (
                DeliveryState.FAILED if row["error"] else DeliveryState.SKIPPED,
                Trouble.PAUSED if row["paused"] else Trouble.EXPIRED,
                to_epoch(now),
                row["id"],
            )
            for row in rows
        ],
    )
    return [_delivery(row) for row in rows]


def get(reader: ReadConnection, delivery_id: int) -> Delivery | None:
    """Return a delivery."""
    rows = reader.execute(f"{_DELIVERIES} WHERE delivery.id = ?", (delivery_id,))
    return next((_delivery(row) for row in rows), None)


def find(reader: ReadConnection, subscription_id: int, issue_date: str | None) -> Delivery | None:
    """Return the last delivery that a subscription was owed for a date, or without one at all.

    One that was asked for by hand has a time behind its date.
    """
    rows = reader.execute(
        f"{_DELIVERIES} WHERE subscription_id = :subscription AND edition_id IS NOT NULL"
        " AND (CAST(:date AS TEXT) IS NULL OR substr(issue_date, 1, 10) = :date)"
        " ORDER BY delivery.id DESC LIMIT 1",
        {"subscription": subscription_id, "date": issue_date},
    )
    return next((_delivery(row) for row in rows), None)


def failed_before(reader: ReadConnection, delivery: Delivery, error: str) -> bool:
    """Say whether this delivery, or the one of its subscription before it, failed with that error already."""
    if delivery.error == error:
        return True
    before = reader.execute(
        "SELECT error FROM delivery WHERE subscription_id = ? AND id < ? AND state IN ('sent', 'failed')"
        " ORDER BY id DESC LIMIT 1",
        (delivery.subscription_id, delivery.id),
    ).fetchone()
    return before is not None and before["error"] == error


def last_of(reader: ReadConnection, subscription_id: int) -> Delivery | None:
    """Return a subscription's latest delivery."""
    rows = reader.execute(
        f"{_DELIVERIES} WHERE subscription_id = ? ORDER BY delivery.id DESC LIMIT 1",
        (subscription_id,),
    )
    return next((_delivery(row) for row in rows), None)


def last_date(reader: ReadConnection, subscription_id: int, until: datetime) -> str | None:
    """Return the latest local date that a subscription has a row for, of those issued at `until` or before.

    Those asked for by hand don't count.
    """
    newest: str | None = scalar(
        reader,
        "SELECT max(issue_date) FROM delivery"
        " WHERE subscription_id = ? AND length(issue_date) = 10 AND issue_at <= ?",
        (subscription_id, to_epoch(until)),
    )
    return newest


def last_issued(reader: ReadConnection, subscription_id: int, until: datetime) -> datetime | None:
    """Return the latest issue time up to `until` whose edition came, will come, or was empty."""
    latest = scalar(
        reader,
        "SELECT max(issue_at) FROM delivery WHERE subscription_id = ? AND issue_at <= ?"
        " AND state IN ('pending', 'sending', 'sent', 'empty')",
        (subscription_id, to_epoch(until)),
    )
    return None if latest is None else from_epoch(latest)


async def give_back_dates(
    connection: Connection, subscription_id: int, now: datetime, next_issue: datetime
) -> None:
    """Free the issue dates that a clock which ran ahead has used up.

    Those are the dates after `now` for which nothing was posted, and all after `next_issue`. Their rows
    stay, with their ids behind their dates. What is still to be sent keeps its date.
    """
    await connection.execute(
        "UPDATE delivery SET issue_date = issue_date || ' ' || id"
        " WHERE subscription_id = :subscription AND length(issue_date) = 10 AND settled_at IS NOT NULL"
        " AND issue_at > :now AND (issue_at > :next_issue OR parts_sent = 0)",
        {"subscription": subscription_id, "now": to_epoch(now), "next_issue": to_epoch(next_issue)},
    )


def count_by_state(reader: ReadConnection) -> dict[str, int]:
    """Return how many deliveries are in each state."""
    rows = reader.execute("SELECT state, count(*) FROM delivery GROUP BY state")
    return {row[0]: row[1] for row in rows}


def _identity(delivery: Delivery) -> dict[str, int]:
    return {"id": delivery.id, "attempts": delivery.attempts}


def _delivery(row: Row) -> Delivery:
    return Delivery(
        id=row["id"],
        subscription_id=row["subscription_id"],
        guild_id=row["guild_id"],
        channel_id=row["place_id"] or row["channel_id"],
        kind=PlaceKind(row["place_kind"] or row["kind"]),
        options=options_from(row),
        issue_date=row["issue_date"],
        issue_at=from_epoch(row["issue_at"]),
        state=DeliveryState(row["state"]),
        edition_id=row["edition_id"],
        attempts=row["attempts"],
        parts_sent=row["parts_sent"],
        message_id=row["message_id"],
        settled_at=from_epoch(row["settled_at"]) if row["settled_at"] else None,
        error=row["error"],
        unpublished=row["unpublished"],
    )
