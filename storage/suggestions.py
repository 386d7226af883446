"""When servers suggested feeds."""

from datetime import datetime

from storage.engine import Connection, ReadConnection, scalar
from storage.models import to_epoch


def count_since(reader: ReadConnection, guild_id: int, since: datetime) -> int:
    """Return how many suggestions a server has made after a moment."""
    return int(
        scalar(
            reader,
            "SELECT count(*) FROM suggestion WHERE guild_id = ? AND made_at > ?",
            (guild_id, to_epoch(since)),
        )
    )


async def add(connection: Connection, guild_id: int, now: datetime) -> None:
    """Note that a server makes a suggestion."""
    await connection.execute(
        "INSERT INTO suggestion (guild_id, made_at) VALUES (?, ?)", (guild_id, to_epoch(now))
    )


async def forget(connection: Connection, until: datetime) -> None:
    """Forget the suggestions that were made up to a moment."""
    await connection.execute("DELETE FROM suggestion WHERE made_at <= ?", (to_epoch(until),))
