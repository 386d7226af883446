"""Time zones that people and servers chose, by their IANA names."""

from storage.engine import Connection, ReadConnection, scalar


def of_person(reader: ReadConnection, user_id: int) -> str | None:
    """Return the zone that a person chose."""
    zone: str | None = scalar(reader, "SELECT zone FROM person WHERE user_id = ?", (user_id,))
    return zone


def of_server(reader: ReadConnection, guild_id: int) -> str | None:
    """Return the zone that was chosen last for a server's digests."""
    zone: str | None = scalar(reader, "SELECT zone FROM server WHERE guild_id = ?", (guild_id,))
    return zone


async def set_of_person(connection: Connection, user_id: int, zone: str) -> None:
    """Remember a person's zone."""
    await connection.execute(
        "INSERT INTO person (user_id, zone) VALUES (:user, :zone)"
        " ON CONFLICT (user_id) DO UPDATE SET zone = :zone",
        {"user": user_id, "zone": zone},
    )


async def set_of_server(connection: Connection, guild_id: int, zone: str) -> None:
    """Remember a server's zone."""
    await connection.execute(
        "INSERT INTO server (guild_id, zone) VALUES (:guild, :zone)"
        " ON CONFLICT (guild_id) DO UPDATE SET zone = :zone",
        {"guild": guild_id, "zone": zone},
    )
