"""Seed files: those seen, faults, reload reports, and how much is stored."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from storage.engine import Connection, ReadConnection
from storage.models import Fault, from_epoch, to_epoch
from storage.sqlite.packing import key_of

_REFUSAL = """report LIKE '{"refused":%'"""


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
    rows = reader.execute("SELECT path FROM seed_file CROSS JOIN record USING (id)")
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


async def forget_files(connection: Connection, paths: Iterable[str]) -> None:
    """Forget files that went away, together with their faults and what they said of topics."""
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


def totals(reader: ReadConnection) -> Totals:
    """Return how much is stored."""
    return Totals(*reader.execute("SELECT records, stories, articles FROM total").fetchone())


async def note_reload(connection: Connection, finished_at: datetime, report: dict[str, Any]) -> None:
    """Remember a reload's report; only the last one is kept, and no refusal before it."""
    await connection.execute("DELETE FROM reload")
    await connection.execute(
        "INSERT INTO reload (finished_at, report) VALUES (?, ?)", (to_epoch(finished_at), json.dumps(report))
    )


def last_reload(reader: ReadConnection) -> tuple[datetime, dict[str, Any]] | None:
    """Return when the last reload ended and what it reported."""
    rows = list(reader.execute(f"SELECT finished_at, report FROM reload WHERE NOT {_REFUSAL}"))
    return (from_epoch(rows[0]["finished_at"]), json.loads(rows[0]["report"])) if rows else None


async def note_refusal(connection: Connection, at: datetime, reason: dict[str, Any]) -> None:
    """Remember why a reload changed nothing, until the next one that does; only the last one is kept."""
    await connection.execute(f"DELETE FROM reload WHERE {_REFUSAL}")
    await connection.execute(
        "INSERT INTO reload (finished_at, report) VALUES (?, ?)",
        (to_epoch(at), json.dumps({"refused": reason})),
    )


def last_refusal(reader: ReadConnection) -> tuple[datetime, Any] | None:
    """Return when a reload was last refused, and why; None where one went through since.

    Earlier versions stored the reason as a text.
    """
    rows = list(reader.execute(f"SELECT finished_at, report FROM reload WHERE {_REFUSAL}"))
    return (from_epoch(rows[0]["finished_at"]), json.loads(rows[0]["report"])["refused"]) if rows else None
