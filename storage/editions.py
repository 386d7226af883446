"""Editions as they were built: what was delivered, and why."""

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
    counting = (
        "SELECT json_array_length(content, '$.choices') FROM edition WHERE id = ? AND json_valid(content)"
    )
    return scalar(reader, counting, (edition_id,)) or 0
