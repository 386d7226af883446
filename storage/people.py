"""What is stored about a person, and forgetting it."""

import json
from dataclasses import dataclass
from typing import Any

from storage import subscriptions, zones
from storage.engine import Connection, ReadConnection, scalar
from storage.models import Subscription

NOBODY = 0  # stands in the place of somebody who was forgotten


@dataclass(frozen=True, slots=True)
class Footprint:
    """Everything stored about a person: digests they set up, what they asked lists of, what they saved.

    Each is newest first; of saved stories it is the headlines. `followed` is how many stories they follow,
    `zone` the time zone that they chose.
    """

    digests: tuple[Subscription, ...]
    lists: tuple[dict[str, Any], ...]
    saved: tuple[str, ...]
    followed: int
    zone: str | None = None


def footprint(reader: ReadConnection, user_id: int) -> Footprint:
    """Return what is stored about a person."""
    lists = reader.execute("SELECT query FROM listing WHERE user_id = ? ORDER BY id DESC", (user_id,))
    saved = reader.execute("SELECT title FROM saved WHERE user_id = ? ORDER BY saved_at DESC", (user_id,))
    return Footprint(
        tuple(subscriptions.made_by(reader, user_id)),
        tuple(json.loads(row[0]) for row in lists),
        tuple(row[0] for row in saved),
        int(scalar(reader, "SELECT count(*) FROM followed WHERE user_id = ?", (user_id,))),
        zones.of_person(reader, user_id),
    )


async def forget(connection: Connection, user_id: int) -> None:
    """Forget a person: their own digests, lists, stories and zone go, a server's digests lose their id."""
    user = {"user": user_id, "nobody": NOBODY}
    await connection.execute(
        "DELETE FROM shown WHERE channel_id IN"
        " (SELECT channel_id FROM subscription WHERE created_by = :user AND guild_id IS NULL)",
        user,
    )
    await connection.execute("DELETE FROM subscription WHERE created_by = :user AND guild_id IS NULL", user)
    await connection.execute("UPDATE subscription SET created_by = :nobody WHERE created_by = :user", user)
    await connection.execute("DELETE FROM listing WHERE user_id = :user", user)
    await connection.execute("DELETE FROM followed WHERE user_id = :user", user)
    await connection.execute("DELETE FROM person WHERE user_id = :user", user)
    await connection.execute("DELETE FROM saved WHERE user_id = :user", user)
