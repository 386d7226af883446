"""Seed files and what they say: files seen, faults, records, their mentions, reload reports."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from storage.engine import Connection, ReadConnection, scalar
from storage.models import BATCH, Fault, Mention, Record, from_epoch, to_epoch
from storage.sqlite.packing import compress, decompress, key_of, pack_ids, pack_keys, unpack_ids

_REFUSAL = "json_extract(report, '$.refused')"


class SeenFile(NamedTuple):
    """A seed file as a reload found it; `kind` is record, topic, provider, skipped or failed."""

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


def seen_files(reader: ReadConnection) -> dict[str, SeenFile]:
    """Return every file that the last reload saw, by path."""
    rows = reader.execute("SELECT path, size, mtime_ns, digest, kind FROM seed_file")
    return {row[0]: SeenFile._make(row) for row in rows}


def record_paths(reader: ReadConnection) -> set[str]:
    """Return the paths of all stored records, among them those whose file is broken now."""
    rows = reader.execute("SELECT path FROM record JOIN seed_file USING (id)")
    return {row[0] for row in rows}


async def note_files(connection: Connection, files: Iterable[SeenFile]) -> None:
    """Remember files as seen; what was wrong with them is forgotten, and what they described.

    A file that broke goes on describing what it did.
    """
    rows = sorted(
        (key_of(file.path), file.path, file.size, file.mtime_ns, file.digest, file.kind) for file in files
    )
    await connection.executemany(
        "INSERT INTO seed_file (id, path, size, mtime_ns, digest, kind) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns,"
        " digest = excluded.digest, kind = excluded.kind",
        rows,
    )
    seen = "SELECT value FROM json_each(?)"
    await connection.execute(
        f"DELETE FROM fault WHERE file_id IN ({seen})", (json.dumps([row[0] for row in rows]),)
    )
    described = json.dumps([file_id for file_id, *_, kind in rows if kind != "failed"])
    for table in ("topic_file", "outlet_file"):
        await connection.execute(f"DELETE FROM {table} WHERE file_id IN ({seen})", (described,))


async def touch_files(connection: Connection, files: Iterable[SeenFile]) -> None:
    """Remember the new times of files whose content is as before."""
    await connection.executemany(
        "UPDATE seed_file SET size = ?, mtime_ns = ? WHERE id = ?",
        [(file.size, file.mtime_ns, key_of(file.path)) for file in files],
    )


def count_skipped(reader: ReadConnection) -> int:
    """Return how many of the files seen are no records and have nothing to say."""
    return int(scalar(reader, "SELECT count(*) FROM seed_file WHERE kind = 'skipped'"))


async def forget_records(connection: Connection, paths: Iterable[str]) -> None:
    """Delete the records at these paths."""
    await connection.executemany("DELETE FROM record WHERE id = ?", [(key_of(path),) for path in paths])


async def forget_files(connection: Connection, paths: Iterable[str]) -> None:
    """Forget files that went away, together with their faults and records."""
    await connection.executemany("DELETE FROM seed_file WHERE id = ?", [(key_of(path),) for path in paths])


async def note_faults(connection: Connection, faults: Iterable[Fault]) -> None:
    """Remember what is wrong with files that have just been noted."""
    await connection.executemany(
        "INSERT INTO fault (file_id, line, field, error) VALUES (?, ?, ?, ?)",
        [(key_of(fault.path), fault.line, fault.field, fault.error) for fault in faults],
    )


def faults(reader: ReadConnection) -> list[Fault]:
    """Return everything that is wrong with the files as last seen, by path."""
    rows = reader.execute(
        "SELECT path, line, field, error FROM fault JOIN seed_file ON seed_file.id = file_id ORDER BY path"
    )
    return [Fault(*row) for row in rows]


async def store_records(connection: Connection, records: Collection[Record]) -> list[Mention]:
    """Store the records of files that were noted, each in place of an older version.

    Returns the mentions that weren't there before.
    """
    mention_ids, new = await _store_mentions(connection, {m.digest: m for r in records for m in r.mentions})
    await forget_records(connection, (record.path for record in records))
    keys = [key_of(record.path) for record in records]
    await connection.executemany(
        "INSERT INTO record"
        " (id, category, heat, published, removed, mention_id, related, related_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                key,
                record.category,
                record.heat,
                record.published,
                record.removed,
                mention_ids[record.mentions[0].digest],
                pack_ids(mention_ids[mention.digest] for mention in record.mentions[1:]),
                record.related_at,
            )
            for key, record in sorted(zip(keys, records, strict=True), key=itemgetter(0))
        ),
    )
    return new


async def _store_mentions(
    connection: Connection, mentions: Mapping[bytes, Mention]
) -> tuple[dict[bytes, int], list[Mention]]:
    """Store the mentions that aren't there yet; returns the ids of all, by digest, and the new ones."""
    ids = await connection.run(_mention_ids, list(mentions))
    first = await connection.run(_last_mention_id) + 1
    new = dict(enumerate((each for each in mentions.values() if each.digest not in ids), first))
    named = {(mention.provider.name, mention.provider.domain) for mention in new.values()}
    providers = await _store_providers(connection, named)
    await connection.executemany(
        "INSERT INTO mention (id, digest, own, published_at, quality, provider_id, type, url, title, excerpt,"
        " image_url, addresses, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (  # a generator: the work of packing is done in the connection's thread, not in the event loop
            (
                key,
                mention.digest,
                mention.own,
                to_epoch(mention.published_at),
                mention.quality,
                providers[mention.provider.name, mention.provider.domain],
                mention.type,
                mention.url,
                mention.title,
                mention.excerpt,
                mention.image_url,
                pack_keys(map(key_of, mention.addresses)),
                compress(mention.raw, _known(mention)),
            )
            for key, mention in new.items()
        ),
    )
    return ids | {mention.digest: key for key, mention in new.items()}, list(new.values())


def _last_mention_id(reader: ReadConnection) -> int:
    return int(scalar(reader, "SELECT coalesce(max(id), 0) FROM mention"))


def _mention_ids(reader: ReadConnection, digests: Sequence[bytes]) -> dict[bytes, int]:
    """Return the ids of the mentions that are there, by digest."""
    found: dict[bytes, int] = {}
    for start in range(0, len(digests), BATCH):
        batch = digests[start : start + BATCH]
        marks = ", ".join("?" * len(batch))
        rows = reader.execute(f"SELECT digest, id FROM mention WHERE digest IN ({marks})", batch)
        found |= {row[0]: row[1] for row in rows}
    return found


def _known(mention: Mention) -> tuple[str | None, ...]:
    """Return what the columns beside a mention's raw text say of it already."""
    provider = mention.provider
    return mention.image_url, mention.url, provider.name, provider.domain, mention.title, mention.excerpt


async def _store_providers(
    connection: Connection, named: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Store the providers that aren't there yet; returns the ids of all, by name and domain."""
    await connection.executemany(
        "INSERT INTO provider (name, domain) VALUES (?, ?) ON CONFLICT DO NOTHING",
        sorted(named),  # the same ids each time
    )
    rows = await connection.execute_fetchall("SELECT name, domain, id FROM provider")
    return {(row[0], row[1]): row[2] for row in rows}


def raw_mentions(reader: ReadConnection, path: str) -> tuple[int | None, list[str]] | None:
    """Return a record's `related_at` and its mentions' texts, its own first; None without a record."""
    records = list(
        reader.execute("SELECT related_at, mention_id, related FROM record WHERE id = ?", (key_of(path),))
    )
    if not records:
        return None
    related_at, own_id, related = records[0]
    return related_at, [_raw(reader, key) for key in (own_id, *unpack_ids(related))]


def _raw(reader: ReadConnection, mention_id: int) -> str:
    rows = reader.execute(
        "SELECT raw, image_url, url, name, domain, title, excerpt"
        " FROM mention JOIN provider ON provider.id = provider_id WHERE mention.id = ?",
        (mention_id,),
    )
    raw, *known = rows.fetchone()
    return decompress(raw, known).decode()


def totals(reader: ReadConnection) -> Totals:
    """Return how much is stored."""
    rows = reader.execute(
        "SELECT (SELECT count(*) FROM record), count(DISTINCT story_id), count(*)"
        " FROM article WHERE mention_id IS NOT NULL"
    )
    return Totals(*rows.fetchone())


async def note_reload(connection: Connection, finished_at: datetime, report: dict[str, Any]) -> None:
    """Remember a reload's report; only the last one is kept, and no refusal before it."""
    await connection.execute("DELETE FROM reload")
    await connection.execute(
        "INSERT INTO reload (finished_at, report) VALUES (?, ?)", (to_epoch(finished_at), json.dumps(report))
    )


def last_reload(reader: ReadConnection) -> tuple[datetime, dict[str, Any]] | None:
    """Return when the last reload ended and what it reported."""
    rows = list(reader.execute(f"SELECT finished_at, report FROM reload WHERE {_REFUSAL} IS NULL"))
    return (from_epoch(rows[0]["finished_at"]), json.loads(rows[0]["report"])) if rows else None


async def note_refusal(connection: Connection, at: datetime, reason: dict[str, Any]) -> None:
    """Remember why a reload changed nothing, until the next one that does; only the last one is kept."""
    await connection.execute(f"DELETE FROM reload WHERE {_REFUSAL} IS NOT NULL")
    await connection.execute(
        "INSERT INTO reload (finished_at, report) VALUES (?, ?)",
        (to_epoch(at), json.dumps({"refused": reason})),
    )


def last_refusal(reader: ReadConnection) -> tuple[datetime, Any] | None:
    """Return when a reload was last refused, and why; None where one went through since.

    Earlier versions stored the reason as a text.
    """
    rows = list(reader.execute(f"SELECT finished_at, report FROM reload WHERE {_REFUSAL} IS NOT NULL"))
    return (from_epoch(rows[0]["finished_at"]), json.loads(rows[0]["report"])["refused"]) if rows else None
