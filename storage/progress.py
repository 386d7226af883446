"""What became of deliveries since somebody last looked."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiosqlite

from storage.outbox import waiting_since


@dataclass(frozen=True, slots=True)
class Settled:
    """A delivery that came to its end: how, and how long after its issue time."""

    state: str
    lag: timedelta


@dataclass(frozen=True, slots=True)
class Progress:
    """What is open now, how far new ones were read, what was settled meanwhile.

    `due_at` is when the delivery that waits longest, and that nobody stopped, could have been sent.
    """

    open: frozenset[int] = frozenset()
    last: int = 0
    settled: tuple[Settled, ...] = ()
    due_at: datetime | None = None


async def begin(connection: aiosqlite.Connection) -> Progress:
    """Return where to look on from: all that is settled by now stays out of it."""
    rows = await connection.execute_fetchall("SELECT coalesce(max(id), 0) FROM delivery")
    still = await connection.execute_fetchall("SELECT id FROM delivery WHERE state IN ('pending', 'sending')")
    return Progress(frozenset(row[0] for row in still), next(iter(rows))[0])


async def look_on(connection: aiosqlite.Connection, before: Progress) -> Progress:
    """Return what changed since `before`."""
    rows = list(await _changed(connection, before))
    return Progress(
        open=frozenset(row["id"] for row in rows if row["settled_at"] is None),
        last=max([before.last, *(row["id"] for row in rows)]),
        settled=tuple(
            Settled(row["state"], timedelta(seconds=row["settled_at"] - row["issue_at"]))
            for row in rows
            if row["settled_at"] is not None
        ),
        due_at=await waiting_since(connection),
    )


async def _changed(connection: aiosqlite.Connection, before: Progress) -> Iterable[aiosqlite.Row]:
    return await connection.execute_fetchall(
        "SELECT id, state, issue_at, settled_at FROM delivery"
        " WHERE id > ? OR id IN (SELECT value FROM json_each(?))",
        (before.last, json.dumps(sorted(before.open))),
    )
