"""What became of deliveries since somebody last looked."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.engine import ReadConnection, Row, scalar
from storage.outbox import waiting_since
from storage.shards import Owner, owned


@dataclass(frozen=True, slots=True)
class Settled:
    """A delivery that came to its end: how, and how long after its issue time.

    One that never came as its digest was paused has the state `paused`.
    """

    state: str
    lag: timedelta


@dataclass(frozen=True, slots=True)
class OutboxProgress:
    """What is open now, how far new ones were read, what was settled meanwhile.

    `due_at` is when the delivery that waits longest, and that nobody stopped, could have been sent.
    """

    open: frozenset[int] = frozenset()
    last: int = 0
    settled: tuple[Settled, ...] = ()
    due_at: datetime | None = None


def begin(reader: ReadConnection) -> OutboxProgress:
    """Return where to look on from: all that is settled by now stays out of it."""
    still = reader.execute("SELECT id FROM delivery WHERE state IN ('pending', 'sending')")
    return OutboxProgress(
        frozenset(row[0] for row in still), scalar(reader, "SELECT coalesce(max(id), 0) FROM delivery")
    )


def look_on(reader: ReadConnection, before: OutboxProgress, owner: Owner | None = None) -> OutboxProgress:
    """Return what changed of the owner's deliveries since `before`."""
    rows = list(_changed(reader, before, owner))
    return OutboxProgress(
        open=frozenset(row["id"] for row in rows if row["settled_at"] is None),
        last=max([before.last, *(row["id"] for row in rows)]),
        settled=tuple(
            Settled(row["outcome"], timedelta(seconds=row["settled_at"] - row["issue_at"]))
            for row in rows
            if row["settled_at"] is not None
        ),
        due_at=waiting_since(reader, owner),
    )


def _changed(reader: ReadConnection, before: OutboxProgress, owner: Owner | None) -> Iterable[Row]:
    is_owned, shards = owned(owner)
    return reader.execute(
        "SELECT delivery.id, issue_at, settled_at, CASE WHEN delivery.state IN ('skipped', 'failed')"
        " AND subscription.state = 'paused' THEN 'paused' ELSE delivery.state END AS outcome FROM delivery"
        " JOIN subscription ON subscription.id = subscription_id"
        f" WHERE (delivery.id > :last OR delivery.id IN (SELECT value FROM json_each(:open))){is_owned}",
        {"last": before.last, "open": json.dumps(sorted(before.open)), **shards},
    )
