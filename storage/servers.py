"""Servers: whether each was greeted."""

from datetime import datetime

from storage.engine import Connection
from storage.models import to_epoch


async def claim_greeting(connection: Connection, guild_id: int, joined_at: datetime, now: datetime) -> bool:
    """Return True if a server wasn't greeted since the bot joined it, and record that it is now."""
    rows = await connection.execute_fetchall(
        "INSERT INTO server (guild_id, greeted_at) VALUES (:guild, :now) ON CONFLICT (guild_id)"
        " DO UPDATE SET greeted_at = :now WHERE greeted_at IS NULL OR greeted_at < :joined"
        " RETURNING guild_id",
        # Discord's clock, which tells when the bot joined, may be ahead.
        {"guild": guild_id, "now": to_epoch(max(now, joined_at)), "joined": to_epoch(joined_at)},
    )
    return any(rows)


async def forget(connection: Connection, guild_id: int) -> None:
    """Forget that a server was greeted, and its zone: the bot was removed from it."""
    await connection.execute("DELETE FROM server WHERE guild_id = ?", (guild_id,))
