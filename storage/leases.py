"""Leases: what one process at a time does. Who stops without a word loses it after a while."""

from datetime import datetime, timedelta

from storage.engine import Connection, ReadConnection
from storage.models import to_epoch


async def take(connection: Connection, name: str, owner: str, now: datetime, until: datetime) -> bool:
    """Take a lease that is free, or renew one's own; return whether `owner` has it now."""
    rows = await connection.execute_fetchall(
        "INSERT INTO lease (name, owner, until) VALUES (:name, :owner, :until) ON CONFLICT (name)"
        " DO UPDATE SET owner = excluded.owner, until = excluded.until"
        " WHERE lease.owner = excluded.owner OR lease.until <= :now OR lease.until > :far"
        " RETURNING owner",
        {
            "name": name,
            "owner": owner,
            "now": to_epoch(now),
            "until": to_epoch(until),
            "far": 2 * to_epoch(until) - to_epoch(now),  # by a clock that was ahead
        },
    )
    return bool(list(rows))


async def give_back(connection: Connection, name: str, owner: str) -> None:
    """End one's own lease."""
    await connection.execute("DELETE FROM lease WHERE name = ? AND owner = ?", (name, owner))


def held(reader: ReadConnection, now: datetime, longest: timedelta) -> set[str]:
    """Return the names of the leases that somebody has now; none is given for longer than `longest`."""
    rows = reader.execute(
        "SELECT name FROM lease WHERE until > :now AND until <= :far",
        {"now": to_epoch(now), "far": to_epoch(now + 2 * longest)},
    )
    return {row[0] for row in rows}
