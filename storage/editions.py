"""Editions as they were built: what was delivered, and why."""

import json

from storage.engine import Connection, ReadConnection, scalar


async def add(connection: Connection, content: str) -> int:
    """Store an edition, as JSON, and return its id."""
    rows = await connection.execute_fetchall(
        "INSERT INTO edition (content) VALUES (?) RETURNING id", (content,)
    )
    return int(next(iter(rows))[0])


def get(reader: ReadConnection, edition_id: int) -> str | None:
    """Return an edition, as JSON."""
    content: str | None = scalar(reader, "SELECT content FROM edition WHERE id = ?", (edition_id,))
    return content


def count_stories(reader: ReadConnection, edition_id: int) -> int:
    """Return how many stories an edition holds."""
    try:
        return len(json.loads(get(reader, edition_id) or "{}").get("choices", []))
    except ValueError:  # stored by a version that wrote it otherwise
        return 0
