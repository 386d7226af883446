"""Outlets: found by name or domain."""

import aiosqlite

from storage.models import Provider


async def matching(connection: aiosqlite.Connection, text: str, limit: int) -> list[Provider]:
    """Return outlets whose name or domain holds `text`, those with it as a whole first."""
    rows = await connection.execute_fetchall(
        "SELECT min(name) AS name, domain FROM provider"
        " WHERE instr(lower(name), :text) OR instr(lower(domain), :text) GROUP BY domain"
        " ORDER BY lower(domain) = :text OR max(lower(name) = :text) DESC,"
        " min(instr(lower(name), :text) <> 1), length(domain), domain"
        " LIMIT :limit",
        {"text": text.strip().lower(), "limit": limit},
    )
    return [Provider(row["name"], row["domain"]) for row in rows]
