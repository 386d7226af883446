"""Publications: the messages that are owed to the followers of their channels."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from storage.dialect import dialect_of
from storage.engine import Connection, Row
from storage.models import Delivery, Publication, PublicationState, from_epoch, to_epoch
from storage.shards import Owner, owned

_OPEN = (
    "SELECT publication.*, coalesce(place_id, channel_id) AS channel_id FROM publication"
    " JOIN delivery ON delivery.id = delivery_id"
    " JOIN subscription ON subscription.id = subscription_id"
    " WHERE publication.state = 'pending' AND publish AND left_at IS NULL"
)
# Whoever was away for longer than the lease has lost the row, and changes nothing of it.
_MINE = "delivery_id = :delivery AND part = :part AND state = 'pending' AND attempts = :attempts"


async def add(connection: Connection, delivery: Delivery, part: int, message_id: int, now: datetime) -> None:
    """Write down that a part's message is to be published, unless that is written down already."""
    await connection.execute(
        "INSERT INTO publication (delivery_id, part, message_id, owed_at, try_at)"
        " VALUES (:delivery, :part, :message, :now, :now) ON CONFLICT (delivery_id, part) DO NOTHING",
        {"delivery": delivery.id, "part": part, "message": message_id, "now": to_epoch(now)},
    )


async def claim(
    connection: Connection,
    now: datetime,
    lease_ends: datetime,
    busy: Iterable[int] = (),
    owner: Owner | None = None,
) -> Publication | None:
    """Take the publication that has waited longest, until the lease ends; None if none is due.

    Those in the channels `busy`, and of servers that aren't the owner's, are left.
    """
    is_owned, shards = owned(owner)
    rows = await connection.execute_fetchall(
        f"{_OPEN} AND publication.try_at <= :now"
        f" AND channel_id NOT IN (SELECT value FROM json_each(:busy)){is_owned}"
        " ORDER BY publication.try_at, delivery_id, part LIMIT 1"
        + dialect_of(connection).claiming.format("publication"),
        {"now": to_epoch(now), "busy": json.dumps(list(busy)), **shards},
    )
    for row in rows:
        found = _publication(row)
        await connection.execute(
            "UPDATE publication SET attempts = attempts + 1, try_at = :lease_ends"
            " WHERE delivery_id = :delivery AND part = :part",
            {"delivery": found.delivery_id, "part": found.part, "lease_ends": to_epoch(lease_ends)},
        )
        return replace(found, attempts=found.attempts + 1)
    return None


async def settle(
    connection: Connection, publication: Publication, state: PublicationState, error: str | None = None
) -> None:
    """Close a claimed publication, unless it was lost to another process."""
    await connection.execute(
        f"UPDATE publication SET state = :state, error = :error WHERE {_MINE}",
        {**_identity(publication), "state": state, "error": error},
    )


async def postpone(connection: Connection, publication: Publication, try_at: datetime, error: str) -> None:
    """Put a claimed publication back, to be tried again at `try_at`."""
    await connection.execute(
        f"UPDATE publication SET try_at = :try_at, error = :error WHERE {_MINE}",
        {**_identity(publication), "try_at": to_epoch(try_at), "error": error},
    )


async def hold(connection: Connection, channel_id: int, until: datetime) -> None:
    """Hold back a channel's publications until a moment."""
    await connection.execute(
        "UPDATE publication SET try_at = :until WHERE try_at < :until AND state = 'pending'"
        " AND delivery_id IN (SELECT delivery.id FROM delivery"
        " JOIN subscription ON subscription.id = subscription_id"
        " WHERE channel_id = :channel)",
        {"channel": channel_id, "until": to_epoch(until)},
    )


def _identity(publication: Publication) -> dict[str, int]:
    return {
        "delivery": publication.delivery_id,
        "part": publication.part,
        "attempts": publication.attempts,
    }


def _publication(row: Row) -> Publication:
    return Publication(
        delivery_id=row["delivery_id"],
        part=row["part"],
        channel_id=row["channel_id"],
        message_id=row["message_id"],
        owed_at=from_epoch(row["owed_at"]),
        attempts=row["attempts"],
    )
