"""Editions as they were built: what was delivered, and why."""

import aiosqlite


async def add(connection: aiosqlite.Connection, content: str) -> int:
    """Store an edition, as JSON, and return its id."""
    rows = await connection.execute_fetchall(
        "INSERT INTO edition (content) VALUES (?) RETURNING id", (content,)
    )
    return int(next(iter(rows))[0])


async def get(connection: aiosqlite.Connection, edition_id: int) -> str | None:
    """Return an edition, as JSON."""
    rows = await connection.execute_fetchall("SELECT content FROM edition WHERE id = ?", (edition_id,))
    return next((row[0] for row in rows), None)


async def count_stories(connection: aiosqlite.Connection, edition_id: int) -> int:
    """Return how many stories an edition holds."""
    rows = await connection.execute_fetchall(
        "SELECT json_array_length(content, '$.choices') FROM edition WHERE id = ? AND json_valid(content)",
        (edition_id,),
    )
    return next((row[0] for row in rows), 0)
