"""What is stored about a person, and forgetting it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.engine import Connection, ReadConnection
from storage.models import from_epoch

NOBODY = 0  # stands in the place of somebody who was forgotten


@dataclass(frozen=True, slots=True)
class SetUp:
    """A digest that the person set up; `guild_id` is None for one in their DMs."""

    topic: str
    guild_id: int | None
    channel_id: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Footprint:
    """Everything stored about a person: digests they set up, what they asked lists of, what they saved.

    Each is newest first; of saved stories it is the headlines.
    """

    digests: tuple[SetUp, ...]
    lists: tuple[dict[str, Any], ...]
    saved: tuple[str, ...]


def footprint(reader: ReadConnection, user_id: int) -> Footprint:
    """Return what is stored about a person."""
    digests = reader.execute(
        "SELECT topic.name, guild_id, channel_id, created_at FROM subscription"
        " JOIN topic ON topic.id = topic_id WHERE created_by = ? ORDER BY created_at DESC, subscription.id",
        (user_id,),
    )
    lists = reader.execute("SELECT query FROM listing WHERE user_id = ? ORDER BY id DESC", (user_id,))
    saved = reader.execute("SELECT title FROM saved WHERE user_id = ? ORDER BY saved_at DESC", (user_id,))
    return Footprint(
        tuple(SetUp(row[0], row[1], row[2], from_epoch(row[3])) for row in digests),
        tuple(json.loads(row[0]) for row in lists),
        tuple(row[0] for row in saved),
    )


async def forget(connection: Connection, user_id: int) -> None:
    """Forget a person: DM digests, lists and saved stories go, a server's digests stay without their id."""
    user = {"user": user_id, "nobody": NOBODY}
    await connection.execute(
        "DELETE FROM shown WHERE channel_id IN"
        " (SELECT channel_id FROM subscription WHERE created_by = :user AND guild_id IS NULL)",
        user,
    )
    await connection.execute("DELETE FROM subscription WHERE created_by = :user AND guild_id IS NULL", user)
    await connection.execute("UPDATE subscription SET created_by = :nobody WHERE created_by = :user", user)
    await connection.execute("DELETE FROM listing WHERE user_id = :user", user)
    await connection.execute("DELETE FROM saved WHERE user_id = :user", user)
