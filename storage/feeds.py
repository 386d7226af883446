"""Feeds: what the operator says of each, what it says itself, how its checks went."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.engine import Connection, ReadConnection, Row, scalar
from storage.models import from_epoch, to_epoch


class FeedState(StrEnum):
    """How a feed is; what never was checked is new."""

    NEW = "new"
    OK = "ok"
    FAILING = "failing"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """What the operator says of a feed.

    `name` is empty where it goes by its own title; its articles get `topics`, by name; `quality` is the level
    that they are judged from, None where that of their outlet; `servers` are the only ones that it shows in.
    A `general` one without topics gives its articles none; others give the one that they are called.
    """

    name: str = ""
    topics: tuple[str, ...] = ()
    quality: int | None = None
    language: str = ""
    servers: tuple[int, ...] = ()
    paused: bool = False
    general: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed.

    `title`, `site`, `description` and `spoken` (its language) are its own words, and `ttl` is for how many
    seconds it says that it may be kept. `succeeded_at` is the last check without a problem, `read_at` the
    last that found something else than before. `failures` are those in a row, since `failing_since`.
    `moved_to` is where a permanent redirect leads, since `moved_since`. `entries` are those that are held.
    """

    id: int
    url: str
    host: str
    options: FeedOptions
    added_at: datetime
    title: str
    site: str
    description: str
    spoken: str
    ttl: int
    next_at: datetime
    checked_at: datetime | None
    succeeded_at: datetime | None
    read_at: datetime | None
    etag: str | None
    modified: str | None
    digest: bytes | None
    failures: int
    failing_since: datetime | None
    problem: str | None
    notified: bool
    moved_to: str | None
    moved_since: datetime | None
    ended_at: datetime | None
    entries: int

    @property
    def name(self) -> str:
        """What people know it by."""
        return self.options.name or self.title or self.host

    @property
    def state(self) -> FeedState:
        """How it is."""
        if self.ended_at:
            return FeedState.ENDED
        if self.options.paused:
            return FeedState.PAUSED
        if self.failures:
            return FeedState.FAILING
        return FeedState.NEW if self.checked_at is None else FeedState.OK


_FEEDS = "SELECT feed.*, (SELECT count(*) FROM feed_entry WHERE feed_id = feed.id) AS entries FROM feed"
_THERE = "WHERE removed_at IS NULL"
_RUNS = f"{_THERE} AND NOT paused AND ended_at IS NULL"


def feeds(reader: ReadConnection) -> list[Feed]:
    """Return every feed, the oldest first."""
    return [_feed(row) for row in reader.execute(f"{_FEEDS} {_THERE} ORDER BY id")]


def get(reader: ReadConnection, feed_id: int) -> Feed | None:
    """Return a feed by its id."""
    return next((_feed(row) for row in reader.execute(f"{_FEEDS} {_THERE} AND id = ?", (feed_id,))), None)


def options_of(reader: ReadConnection, ids: Iterable[int]) -> dict[int, FeedOptions]:
    """Return what the operator says of feeds, by id, also of those that were removed."""
    rows = reader.execute(
        "SELECT * FROM feed WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    )
    return {row["id"]: _options(row) for row in rows}


def by_url(reader: ReadConnection, url: str) -> Feed | None:
    """Return a feed by its address."""
    return next((_feed(row) for row in reader.execute(f"{_FEEDS} {_THERE} AND url = ?", (url,))), None)


def due(reader: ReadConnection, now: datetime | None) -> list[Feed]:
    """Return the feeds that are to be checked by `now`, or all that run, the most overdue first."""
    rows = reader.execute(
        f"{_FEEDS} {_RUNS} AND (CAST(:now AS bigint) IS NULL OR next_at <= :now) ORDER BY next_at, id",
        {"now": None if now is None else to_epoch(now)},
    )
    return [_feed(row) for row in rows]


def is_any_due(reader: ReadConnection, now: datetime) -> bool:
    """Say whether a feed is to be checked."""
    return bool(scalar(reader, f"SELECT 1 FROM feed {_RUNS} AND next_at <= ? LIMIT 1", (to_epoch(now),)))


def checks_by_minute(reader: ReadConnection) -> dict[int, int]:
    """Return how many checks are due in each minute, by the minute's number since the epoch."""
    rows = reader.execute(f"SELECT next_at / 60, count(*) FROM feed {_RUNS} GROUP BY 1")
    return {row[0]: row[1] for row in rows}


def count_by_state(reader: ReadConnection) -> dict[FeedState, int]:
    """Return how many feeds are in each state."""
    rows = reader.execute(
        "SELECT CASE WHEN ended_at IS NOT NULL THEN 'ended' WHEN paused THEN 'paused'"
        " WHEN failures > 0 THEN 'failing' WHEN checked_at IS NULL THEN 'new' ELSE 'ok' END, count(*)"
        f" FROM feed {_THERE} GROUP BY 1"
    )
    return {FeedState(row[0]): row[1] for row in rows}


def last_success(reader: ReadConnection) -> datetime | None:
    """Return when a check last succeeded; None if none ever did."""
    return _moment(scalar(reader, f"SELECT max(succeeded_at) FROM feed {_THERE}"))


def most_overdue(reader: ReadConnection) -> datetime | None:
    """Return the earliest time at which a check is due; None without feeds that run."""
    return _moment(scalar(reader, f"SELECT min(next_at) FROM feed {_RUNS}"))


async def add(
    connection: Connection, url: str, host: str, options: FeedOptions, now: datetime, next_at: datetime
) -> int:
    """Add a feed that isn't there yet, to be checked at `next_at`, and return its id."""
    await connection.execute("DELETE FROM feed WHERE url = ? AND removed_at IS NOT NULL", (url,))
    rows = await connection.execute_fetchall(
        "INSERT INTO feed"
        " (url, host, name, topics, quality, language, servers, paused, general, added_at, next_at) VALUES"
        " (:url, :host, :name, :topics, :quality, :language, :servers, :paused, :general, :now, :next)"
        " RETURNING id",
        {"url": url, "host": host, "now": to_epoch(now), "next": to_epoch(next_at), **_columns(options)},
    )
    return int(next(iter(rows))[0])


async def set_options(connection: Connection, feed_id: int, options: FeedOptions) -> None:
    """Change what the operator says of a feed."""
    columns = _columns(options)
    await connection.execute(
        f"UPDATE feed SET {', '.join(f'{name} = :{name}' for name in columns)} WHERE id = :id",
        {"id": feed_id, **columns},
    )


def topics_given(reader: ReadConnection) -> dict[int, tuple[str, ...]]:
    """Return the topics that feeds give, by feed, also of those that were removed."""
    rows = reader.execute("SELECT id, topics FROM feed WHERE topics <> '[]'")
    return {row["id"]: tuple(json.loads(row["topics"])) for row in rows}


async def give_topics(connection: Connection, feed_id: int, topics: Sequence[str]) -> None:
    """Let a feed give its articles these topics."""
    await connection.execute(
        "UPDATE feed SET topics = ? WHERE id = ?", (json.dumps(topics, ensure_ascii=False), feed_id)
    )


async def set_url(connection: Connection, feed_id: int, url: str, host: str) -> None:
    """Give a feed another address, of which nothing is known yet."""
    await connection.execute(
        "UPDATE feed SET url = ?, host = ?, etag = NULL, modified = NULL, digest = NULL, moved_to = NULL,"
        " moved_since = NULL, ended_at = NULL WHERE id = ?",
        (url, host, feed_id),
    )


async def set_next_check(connection: Connection, feed_id: int, at: datetime) -> None:
    """Set when a feed is checked next, and run it again if it has ended."""
    await connection.execute(
        "UPDATE feed SET next_at = ?, ended_at = NULL WHERE id = ?", (to_epoch(at), feed_id)
    )


async def hold_host(connection: Connection, host: str, until: datetime) -> None:
    """Postpone the checks of a host's feeds to a moment."""
    await connection.execute(
        "UPDATE feed SET next_at = :until WHERE host = :host AND next_at < :until",
        {"until": to_epoch(until), "host": host},
    )


async def remove(connection: Connection, feed_id: int, now: datetime) -> None:
    """Remove a feed; its entries stay."""
    await connection.execute("UPDATE feed SET removed_at = ? WHERE id = ?", (to_epoch(now), feed_id))


async def bring_back(connection: Connection, feed_id: int) -> None:
    """Undo that a feed was removed, if it isn't forgotten yet."""
    await connection.execute("UPDATE feed SET removed_at = NULL WHERE id = ?", (feed_id,))


async def forget_removed(connection: Connection, before: datetime) -> None:
    """Forget the feeds that were removed before a moment, and whose articles are forgotten."""
    await connection.execute(
        "DELETE FROM feed WHERE removed_at < ?"
        " AND NOT EXISTS (SELECT 1 FROM feed_entry WHERE feed_id = feed.id)",
        (to_epoch(before),),
    )


async def note_checks(connection: Connection, checks: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    """Note how checks went: a feed's id, and its columns that change, moments as datetimes."""
    alike: defaultdict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for feed_id, changed in checks:
        values = (to_epoch(each) if isinstance(each, datetime) else each for each in changed.values())
        alike[tuple(changed)].append((*values, feed_id))
    for names, rows in alike.items():
        await connection.executemany(
            f"UPDATE feed SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?", rows
        )


def to_notify(reader: ReadConnection, failing_before: datetime) -> list[Feed]:
    """Return the feeds that have failed since before a moment, or have ended, of which nobody was told."""
    rows = reader.execute(
        f"{_FEEDS} {_THERE} AND NOT notified AND NOT paused"
        " AND (failing_since < ? OR ended_at IS NOT NULL) ORDER BY id",
        (to_epoch(failing_before),),
    )
    return [_feed(row) for row in rows]


async def note_notified(connection: Connection, ids: Sequence[int]) -> None:
    """Note that the owners were told of feeds' problems."""
    await connection.executemany(
        "UPDATE feed SET notified = TRUE WHERE id = ?", [(feed_id,) for feed_id in ids]
    )


def _columns(options: FeedOptions) -> dict[str, Any]:
    return {
        "name": options.name,
        "topics": json.dumps(options.topics, ensure_ascii=False),
        "quality": options.quality,
        "language": options.language,
        "servers": json.dumps(options.servers),
        "paused": options.paused,
        "general": options.general,
    }


def _options(row: Row) -> FeedOptions:
    return FeedOptions(
        name=row["name"],
        topics=tuple(json.loads(row["topics"])),
        quality=row["quality"],
        language=row["language"],
        servers=tuple(json.loads(row["servers"])),
        paused=bool(row["paused"]),
        general=bool(row["general"]),
    )


def _feed(row: Row) -> Feed:
    return Feed(
        id=row["id"],
        url=row["url"],
        host=row["host"],
        options=_options(row),
        added_at=from_epoch(row["added_at"]),
        title=row["title"],
        site=row["site"],
        description=row["description"],
        spoken=row["spoken"],
        ttl=row["ttl"],
        next_at=from_epoch(row["next_at"]),
        checked_at=_moment(row["checked_at"]),
        succeeded_at=_moment(row["succeeded_at"]),
        read_at=_moment(row["read_at"]),
        etag=row["etag"],
        modified=row["modified"],
        digest=row["digest"],
        failures=row["failures"],
        failing_since=_moment(row["failing_since"]),
        problem=row["problem"],
        notified=bool(row["notified"]),
        moved_to=row["moved_to"],
        moved_since=_moment(row["moved_since"]),
        ended_at=_moment(row["ended_at"]),
        entries=row["entries"],
    )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_epoch(seconds)
