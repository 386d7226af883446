"""Commands as they were last registered with Discord: a digest of them, by application and server."""

from storage.engine import Connection, ReadConnection

EVERYWHERE = 0  # instead of a server's id


def of_application(reader: ReadConnection, application_id: int) -> dict[int | None, str]:
    """Return the digests of an application's commands, by server's id; None is everywhere."""
    rows = reader.execute(
        "SELECT guild_id, digest FROM registration WHERE application_id = ?", (application_id,)
    )
    return {row["guild_id"] or None: row["digest"] for row in rows}


async def note(connection: Connection, application_id: int, guild_id: int | None, digest: str) -> None:
    """Note which commands were registered in a server, or everywhere."""
    await connection.execute(
        "INSERT INTO registration (application_id, guild_id, digest) VALUES (?, ?, ?)"
        " ON CONFLICT (application_id, guild_id) DO UPDATE SET digest = excluded.digest",
        (application_id, guild_id or EVERYWHERE, digest),
    )


async def forget(connection: Connection, application_id: int, guild_id: int) -> None:
    """Note that a server has no commands of its own any more."""
    await connection.execute(
        "DELETE FROM registration WHERE application_id = ? AND guild_id = ?", (application_id, guild_id)
    )
