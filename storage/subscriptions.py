"""Subscriptions: which place gets a digest of what, when the next is due, whether it may come."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from storage import subjects
from storage.engine import Connection, ReadConnection, Row, Values, scalar
from storage.models import (
    DigestOptions,
    PlaceKind,
    Subject,
    Subscription,
    SubscriptionState,
    from_epoch,
    to_epoch,
)
from storage.shards import Owner, owned

OPTIONS = tuple(field.name for field in fields(DigestOptions))  # their columns have the same names
TELL_AGAIN = timedelta(days=1)
_RUNNING = "state <> 'paused' AND left_at IS NULL"  # as in the index subscription_due


@dataclass(frozen=True, slots=True)
class Move:
    """A subscription's step to its next issue time; `covered_to` ends its last edition's window."""

    subscription: Subscription
    next_at: datetime
    covered_to: datetime


async def add(connection: Connection, new: Subscription) -> Subscription:
    """Store a subscription, whose own id doesn't matter, and return it with the id given."""
    values = {
        "guild_id": new.guild_id,
        "channel_id": new.channel_id,
        "kind": new.kind,
        "created_by": new.created_by,
        "created_at": to_epoch(new.created_at),
        **_changeable(new),
    }
    rows = await connection.execute_fetchall(
        f"INSERT INTO subscription ({', '.join(values)})"
        f" VALUES ({', '.join(f':{column}' for column in values)}) RETURNING id",
        values,
    )
    stored = replace(new, id=next(iter(rows))[0])
    await subjects.store(connection, stored)
    return stored


async def change(connection: Connection, changed: Subscription) -> None:
    """Store what people may change of a subscription, its times and its state, but its subject.

    If its next window begins later now, as after a pause, none will begin earlier: see reopen().
    """
    values = _changeable(changed)
    await connection.execute(
        "UPDATE subscription SET"
        " skipped_to = CASE WHEN :covered_to > covered_to THEN :covered_to ELSE skipped_to END,"
        f" {', '.join(f'{column} = :{column}' for column in values)} WHERE id = :id",
        {"id": changed.id, **values},
    )


def get(reader: ReadConnection, subscription_id: int) -> Subscription | None:
    """Return a subscription."""
    return next(iter(_select(reader, "id = ?", (subscription_id,))), None)


def of_guild(reader: ReadConnection, guild_id: int) -> list[Subscription]:
    """Return a server's subscriptions, by channel and name."""
    return sorted(_select(reader, "guild_id = ?", (guild_id,)), key=_by_channel)


def of_person(reader: ReadConnection, user_id: int) -> list[Subscription]:
    """Return the subscriptions that go to a person's DM, by name."""
    return sorted(_select(reader, "created_by = ? AND kind = 'dm'", (user_id,)), key=_by_channel)


def made_by(reader: ReadConnection, user_id: int) -> list[Subscription]:
    """Return the subscriptions that a person set up, the newest first."""
    return _select(reader, "created_by = ? ORDER BY created_at DESC, id", (user_id,))


def present(reader: ReadConnection) -> list[Subscription]:
    """Return the subscriptions of people and of servers that the bot is in, the oldest first."""
    return _select(reader, "left_at IS NULL ORDER BY id", ())


def all_in_channel(reader: ReadConnection, channel_id: int) -> list[Subscription]:
    """Return a channel's subscriptions, by name."""
    return sorted(_select(reader, "channel_id = ?", (channel_id,)), key=_by_channel)


def due(
    reader: ReadConnection, now: datetime, places: int, after: int = 0, owner: Owner | None = None
) -> list[Subscription]:
    """Return the owner's subscriptions of some places, at most so many, whose next issue time has come.

    They go by channel, those of one the oldest first; `after` is the last channel of those returned before.
    Blocked ones are among them, paused ones and those of servers that the bot left are not.
    """
    is_owned, shards = owned(owner)
    is_due = f"next_at <= :now AND {_RUNNING}{is_owned}"
    return _select(
        reader,
        f"{is_due} AND channel_id IN (SELECT DISTINCT +channel_id FROM subscription WHERE {is_due}"
        # The plus keeps SQLite from going through every channel: few are due at a time.
        " AND +channel_id > :after ORDER BY +channel_id LIMIT :places) ORDER BY channel_id, id",
        {"now": to_epoch(now), "after": after, "places": places, **shards},
    )


def timetables(reader: ReadConnection) -> list[DigestOptions]:
    """Return options with every issue time, zone and days that subscriptions have, once each."""
    rows = reader.execute(
        "SELECT * FROM subscription"
        " WHERE id IN (SELECT min(id) FROM subscription GROUP BY issue_time, zone, days) ORDER BY id"
    )
    return [options_from(row) for row in rows]


def ahead(
    reader: ReadConnection,
    now: datetime,
    latest: Iterable[tuple[DigestOptions, datetime]],
    owner: Owner | None = None,
) -> list[int]:
    """Return the ids of the owner's subscriptions whose last window ends after `now`, or that wait too long.

    `latest` says until when those with an issue time, a zone and days may wait.
    """
    is_owned, shards = owned(owner)
    rows = reader.execute(
        # The casts are what lets SQLite look the times up by an index.
        "WITH latest AS MATERIALIZED (SELECT CAST(value ->> 0 AS TEXT) AS issue_time,"
        " CAST(value ->> 1 AS TEXT) AS zone, CAST(value ->> 2 AS TEXT) AS days,"
        " CAST(value ->> 3 AS bigint) AS next_at FROM json_each(:latest, '$'))"
        " SELECT id FROM subscription CROSS JOIN latest USING (issue_time, zone, days)"
        f" WHERE (subscription.next_at > latest.next_at OR covered_to > :now){is_owned}",
        {
            **shards,
            "now": to_epoch(now),
            "latest": json.dumps(
                [
                    (each.issue_time, each.zone, _written_days(each), to_epoch(next_at))
                    for each, next_at in latest
                ]
            ),
        },
    )
    return [row[0] for row in rows]


def blocked(reader: ReadConnection, guild_ids: Iterable[int]) -> list[Subscription]:
    """Return some servers' blocked subscriptions."""
    return _select(
        reader,
        "guild_id IN (SELECT value FROM json_each(?)) AND state = 'blocked' AND left_at IS NULL",
        (json.dumps(list(guild_ids)),),
    )


def next_due(reader: ReadConnection) -> datetime | None:
    """Return the earliest issue time that any subscription waits for."""
    earliest = scalar(reader, f"SELECT min(next_at) FROM subscription WHERE {_RUNNING}")
    return None if earliest is None else from_epoch(earliest)


def count(reader: ReadConnection) -> int:
    """Return how many subscriptions there are."""
    return int(scalar(reader, "SELECT count(*) FROM subscription WHERE ended_at IS NULL"))


def count_of_guild(reader: ReadConnection, guild_id: int) -> int:
    """Return how many subscriptions a server has."""
    sql = "SELECT count(*) FROM subscription WHERE guild_id = ? AND ended_at IS NULL"
    return int(scalar(reader, sql, (guild_id,)))


def count_of_person(reader: ReadConnection, user_id: int) -> int:
    """Return how many subscriptions go to a person's DM."""
    sql = "SELECT count(*) FROM subscription WHERE created_by = ? AND kind = 'dm' AND ended_at IS NULL"
    return int(scalar(reader, sql, (user_id,)))


async def advance(connection: Connection, moves: Sequence[Move]) -> set[int]:
    """Move subscriptions on to their next issue times and return the ids of those that were moved.

    One that somebody else moved on or changed since it was read stays as it is.
    """
    rows = await connection.execute_fetchall(
        "UPDATE subscription SET next_at = move.next_at, covered_to = move.covered_to FROM"
        " (SELECT CAST(value ->> 0 AS bigint) AS id, CAST(value ->> 1 AS bigint) AS was_next,"
        " CAST(value ->> 2 AS bigint) AS was_covered, CAST(value ->> 3 AS bigint) AS next_at,"
        " CAST(value ->> 4 AS bigint) AS covered_to FROM json_each(?, '$')) AS move"
        " WHERE subscription.id = move.id AND subscription.next_at = was_next"
        f" AND subscription.covered_to = was_covered AND {_RUNNING} RETURNING subscription.id",
        (
            json.dumps(
                [
                    (
                        move.subscription.id,
                        to_epoch(move.subscription.next_at),
                        to_epoch(move.subscription.covered_to),
                        to_epoch(move.next_at),
                        to_epoch(move.covered_to),
                    )
                    for move in moves
                ]
            ),
        ),
    )
    return {row[0] for row in rows}


async def reopen(connection: Connection, subscription_id: int, since: datetime) -> None:
    """Give back the window that began at `since`: its edition never came, the next one makes up for it.

    What a pause has skipped since is not given back.
    """
    await connection.execute(
        "UPDATE subscription SET covered_to = CASE WHEN skipped_to > :since THEN skipped_to ELSE :since END"
        " WHERE id = :id AND covered_to > :since AND covered_to > skipped_to",
        {"id": subscription_id, "since": to_epoch(since)},
    )


async def move(connection: Connection, moved: Subscription) -> None:
    """Let a subscription's editions go to another place of its server; subjects.store() does the rest.

    What was delivered keeps the place that it was delivered to.
    """
    await connection.execute(
        "UPDATE delivery SET place_id = this.channel_id, place_kind = this.kind FROM subscription AS this"
        " WHERE this.id = :id AND subscription_id = this.id AND place_id IS NULL"
        " AND (delivery.state NOT IN ('pending', 'sending') OR parts_sent > 0)",
        {"id": moved.id},
    )
    await connection.execute(
        "UPDATE subscription SET channel_id = :channel, kind = :kind WHERE id = :id",
        {"id": moved.id, "channel": moved.channel_id, "kind": moved.kind},
    )


async def set_present(connection: Connection, guild_ids: Iterable[int], now: datetime, owner: Owner) -> None:
    """Suspend the subscriptions of all the owner's servers but those that the bot is in; restore those."""
    here = json.dumps(list(guild_ids))
    is_owned, shards = owned(owner)
    await connection.execute(
        "UPDATE subscription SET left_at = :now WHERE guild_id IS NOT NULL AND left_at IS NULL"
        f" AND guild_id NOT IN (SELECT value FROM json_each(:here)){is_owned}",
        {"now": to_epoch(now), "here": here, **shards},
    )
    await connection.execute(
        "UPDATE subscription SET left_at = NULL WHERE left_at IS NOT NULL AND ended_at IS NULL"
        " AND guild_id IN (SELECT value FROM json_each(?))",
        (here,),
    )


async def leave(connection: Connection, guild_id: int, now: datetime) -> None:
    """Suspend a server's subscriptions: the bot was removed from it."""
    await connection.execute(
        "UPDATE subscription SET left_at = ? WHERE guild_id = ? AND left_at IS NULL",
        (to_epoch(now), guild_id),
    )


async def restore(connection: Connection, guild_id: int) -> None:
    """Restore the subscriptions of a server that the bot came back to."""
    await connection.execute(
        "UPDATE subscription SET left_at = NULL WHERE guild_id = ? AND ended_at IS NULL", (guild_id,)
    )


async def remove(connection: Connection, subscription_id: int) -> None:
    """Remove a subscription and its deliveries; its place remembers what has arrived."""
    await connection.execute(
        "DELETE FROM shown WHERE delivery_id IN (SELECT id FROM delivery WHERE subscription_id = ?"
        " AND state <> 'sent' AND parts_sent = 0)",
        (subscription_id,),
    )
    await connection.execute("DELETE FROM subscription WHERE id = ?", (subscription_id,))


def _select(reader: ReadConnection, condition: str, values: Values) -> list[Subscription]:
    return where(reader, f"ended_at IS NULL AND {condition}", values)


def where(reader: ReadConnection, condition: str, values: Values) -> list[Subscription]:
    """Return the subscriptions that a condition selects, also those that were ended lately."""
    rows = reader.execute(f"SELECT * FROM subscription WHERE {condition}", values).fetchall()
    about = subjects.of_subscriptions(reader, {row["id"]: row["words"] for row in rows})
    return [_subscription(row, about[row["id"]]) for row in rows if row["id"] in about]


def _by_channel(subscription: Subscription) -> tuple[int, str]:
    return subscription.channel_id, subscription.subject.name


def _changeable(subscription: Subscription) -> dict[str, str | int | None]:
    """Return the values of the columns that may change."""
    return {
        **option_columns(subscription.options),
        "covered_to": to_epoch(subscription.covered_to),
        "next_at": to_epoch(subscription.next_at),
        "state": subscription.state,
        "reason": subscription.reason,
    }


def option_columns(options: DigestOptions) -> dict[str, str | int | None]:
    """Return options as their columns hold them, which have the same names."""
    written = {
        "days": _written_days(options),
        "muted": json.dumps(sorted(options.muted)),
        "without": json.dumps(sorted(options.without)),
    }
    return {**asdict(options), **written}


def _written_days(options: DigestOptions) -> str:
    return "".join(map(str, sorted(options.days)))


def options_from(row: Row | Mapping[str, Any]) -> DigestOptions:
    """Return the options in a row that selects OPTIONS, or in option_columns()."""
    read: dict[str, Any] = {
        "days": frozenset(map(int, row["days"])),
        "publish": bool(row["publish"]),
        "muted": frozenset(json.loads(row["muted"])),
        "without": frozenset(json.loads(row["without"])),
    }
    return DigestOptions(**{name: read.get(name, row[name]) for name in OPTIONS})


def _subscription(row: Row, subject: Subject) -> Subscription:
    return Subscription(
        id=row["id"],
        subject=subject,
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        kind=PlaceKind(row["kind"]),
        created_by=row["created_by"],
        created_at=from_epoch(row["created_at"]),
        options=options_from(row),
        state=SubscriptionState(row["state"]),
        reason=row["reason"],
        covered_to=from_epoch(row["covered_to"]),
        next_at=from_epoch(row["next_at"]),
    )
