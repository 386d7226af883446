"""Lists with pages: what was asked and by whom, so that their buttons work after a restart."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiosqlite

from storage.models import to_epoch


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that somebody asked for; `query` is what the bot needs to make any page of it."""

    id: int
    user_id: int
    query: dict[str, Any]


async def add(connection: aiosqlite.Connection, user_id: int, query: dict[str, Any], now: datetime) -> int:
    """Keep a list's query and return its id."""
    rows = await connection.execute_fetchall(
        "INSERT INTO listing (user_id, created_at, query) VALUES (?, ?, ?) RETURNING id",
        (user_id, to_epoch(now), json.dumps(query)),
    )
    return int(next(iter(rows))[0])


async def get(connection: aiosqlite.Connection, listing_id: int) -> Listing | None:
    """Return a list's query."""
    rows = await connection.execute_fetchall("SELECT * FROM listing WHERE id = ?", (listing_id,))
    return next((Listing(row["id"], row["user_id"], json.loads(row["query"])) for row in rows), None)
