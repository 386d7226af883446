"""Seed files and what they say: files seen, faults, records, their mentions, reload reports."""

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiosqlite

from storage.models import Fault, Mention, Record, from_epoch, to_epoch


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A seed file as a reload found it; `kind` is record, topic, skipped or failed."""

    path: str
    size: int
    mtime_ns: int
    digest: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Totals:
    """How much is stored; withdrawn articles count, those that no seed mentions any more don't."""

    records: int
    stories: int
    articles: int


async def seen_files(connection: aiosqlite.Connection) -> dict[str, SeenFile]:
    """Return every file that the last reload saw, by path."""
    rows = await connection.execute_fetchall("SELECT path, size, mtime_ns, digest, kind FROM seed_file")
    return {row["path"]: SeenFile(*row) for row in rows}


async def record_paths(connection: aiosqlite.Connection) -> set[str]:
    """Return the paths of all stored records, among them those whose file is broken now."""
    return {row["path"] for row in await connection.execute_fetchall("SELECT path FROM record")}


async def note_files(connection: aiosqlite.Connection, files: Iterable[SeenFile]) -> None:
    """Remember files as seen; their faults are forgotten."""
    rows = [(file.path, file.size, file.mtime_ns, file.digest, file.kind) for file in files]
    await connection.executemany("DELETE FROM seed_file WHERE path = ?", [row[:1] for row in rows])
    await connection.executemany("INSERT INTO seed_file VALUES (?, ?, ?, ?, ?)", rows)


async def touch_files(connection: aiosqlite.Connection, files: Iterable[SeenFile]) -> None:
    """Remember the new times of files whose content is as before."""
    await connection.executemany(
        "UPDATE seed_file SET size = ?, mtime_ns = ? WHERE path = ?",
        [(file.size, file.mtime_ns, file.path) for file in files],
    )


async def count_skipped(connection: aiosqlite.Connection) -> int:
    """Return how many of the files seen are no records and have nothing to say."""
    rows = await connection.execute_fetchall("SELECT count(*) FROM seed_file WHERE kind = 'skipped'")
    return int(next(iter(rows))[0])


async def forget_files(connection: aiosqlite.Connection, paths: Iterable[str]) -> None:
    """Forget files that went away, together with their faults and records."""
    rows = [(path,) for path in paths]
    await connection.executemany("DELETE FROM seed_file WHERE path = ?", rows)
    await connection.executemany("DELETE FROM record WHERE path = ?", rows)


async def note_faults(connection: aiosqlite.Connection, faults: Iterable[Fault]) -> None:
    """Remember what is wrong with files that have just been noted."""
    rows = [(fault.path, fault.line, fault.field, fault.error) for fault in faults]
    await connection.executemany("INSERT INTO fault (path, line, field, error) VALUES (?, ?, ?, ?)", rows)


async def faults(connection: aiosqlite.Connection) -> list[Fault]:
    """Return everything that is wrong with the files as last seen, by path."""
    rows = await connection.execute_fetchall("SELECT path, line, field, error FROM fault ORDER BY path")
    return [Fault(*row) for row in rows]


async def store_records(connection: aiosqlite.Connection, records: list[Record]) -> None:
    """Store records, each in place of an older version of the same file."""
    mention_ids = await _store_mentions(connection, {m.digest: m for r in records for m in r.mentions})
    await connection.executemany("DELETE FROM record WHERE path = ?", [(record.path,) for record in records])
    await connection.executemany(
        "INSERT INTO record (path, category, heat, published, removed, related_at) VALUES (?, ?, ?, ?, ?, ?)",
        [(r.path, r.category, r.heat, r.published, r.removed, r.related_at) for r in records],
    )
    rows = await connection.execute_fetchall("SELECT path, id FROM record")
    record_ids = {row[0]: row[1] for row in rows}
    for record in records:  # in steps, so that other tasks have their turn
        record_id = record_ids[record.path]
        await connection.executemany(
            "INSERT INTO record_mention (record_id, position, mention_id) VALUES (?, ?, ?)",
            [(record_id, position, mention_ids[m.digest]) for position, m in enumerate(record.mentions)],
        )


async def _store_mentions(
    connection: aiosqlite.Connection, mentions: dict[bytes, Mention]
) -> dict[bytes, int]:
    """Store the mentions that aren't there yet, and return the ids of all, by digest."""
    ids = await _mention_ids(connection)
    await connection.executemany(
        "INSERT INTO mention (digest, raw, addresses, own, published_at, quality) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                mention.digest,
                zlib.compress(mention.raw),
                "\n".join(mention.addresses),
                mention.own,
                to_epoch(mention.published_at),
                mention.quality,
            )
            for mention in mentions.values()
            if mention.digest not in ids
        ],
    )
    return await _mention_ids(connection)


async def _mention_ids(connection: aiosqlite.Connection) -> dict[bytes, int]:
    return {row[0]: row[1] for row in await connection.execute_fetchall("SELECT digest, id FROM mention")}


async def drop_unused_mentions(connection: aiosqlite.Connection) -> None:
    """Drop the mentions that no record makes any more."""
    await connection.execute(
        "DELETE FROM mention WHERE NOT EXISTS (SELECT 1 FROM record_mention WHERE mention_id = mention.id)"
    )


async def raw_mentions(connection: aiosqlite.Connection, path: str) -> tuple[int | None, list[str]] | None:
    """Return a record's `related_at` and the texts of its mentions, its own first; None without record."""
    rows = list(
        await connection.execute_fetchall(
            "SELECT record.related_at, mention.raw FROM record"
            " JOIN record_mention ON record_id = record.id"
            " JOIN mention ON mention.id = record_mention.mention_id"
            " WHERE record.path = ? ORDER BY position",
            (path,),
        )
    )
    if not rows:
        return None
    return rows[0]["related_at"], [zlib.decompress(row["raw"]).decode() for row in rows]


async def totals(connection: aiosqlite.Connection) -> Totals:
    """Return how much is stored."""
    rows = list(
        await connection.execute_fetchall(
            "SELECT (SELECT count(*) FROM record), count(DISTINCT story_id), count(*)"
            " FROM article WHERE mention_id IS NOT NULL"
        )
    )
    return Totals(*rows[0])


async def note_reload(
    connection: aiosqlite.Connection, finished_at: datetime, report: dict[str, Any]
) -> None:
    """Remember a reload's report; only the last one is kept."""
    await connection.execute("DELETE FROM reload")
    await connection.execute(
        "INSERT INTO reload (finished_at, report) VALUES (?, ?)", (to_epoch(finished_at), json.dumps(report))
    )


async def last_reload(connection: aiosqlite.Connection) -> tuple[datetime, dict[str, Any]] | None:
    """Return when the last reload ended and what it reported."""
    rows = list(await connection.execute_fetchall("SELECT finished_at, report FROM reload"))
    return (from_epoch(rows[0]["finished_at"]), json.loads(rows[0]["report"])) if rows else None
