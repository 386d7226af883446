"""What is to be judged anew, and how far that got: it goes on where it was broken off."""

from dataclasses import dataclass

from storage.engine import Connection, ReadConnection, scalar

ALL = 0  # instead of a feed's id
BEFORE_ALL = -(2**63)  # below the id of every entry


@dataclass(frozen=True, slots=True)
class Pending:
    """Entries that are to be judged anew: those of a feed, or of ALL, with ids above `after`."""

    feed_id: int
    after: int


def version(reader: ReadConnection) -> int:
    """Return the version of what articles are judged by."""
    return int(scalar(reader, "SELECT version FROM judged_by"))


def pending(reader: ReadConnection) -> Pending | None:
    """Return what is to be judged anew next, None where nothing is."""
    row = reader.execute("SELECT feed_id, after FROM judging ORDER BY feed_id LIMIT 1").fetchone()
    return None if row is None else Pending(row[0], row[1])


async def judge_all(connection: Connection) -> None:
    """Let every entry be judged anew, as what they are judged by has changed."""
    await connection.execute("UPDATE judged_by SET version = version + 1")
    await connection.execute("DELETE FROM judging")
    await judge_feed(connection, ALL)


async def judge_feed(connection: Connection, feed_id: int) -> None:
    """Let a feed's entries be judged anew, if there are any."""
    await connection.execute(
        "INSERT INTO judging (feed_id, after) SELECT :feed, :first WHERE EXISTS (SELECT 1 FROM feed_entry)"
        " ON CONFLICT (feed_id) DO UPDATE SET after = excluded.after",
        {"feed": feed_id, "first": BEFORE_ALL},
    )


async def go_on(connection: Connection, feed_id: int, after: int | None) -> None:
    """Note that entries were judged up to the id `after`, or that all of them were."""
    if after is None:
        await connection.execute("DELETE FROM judging WHERE feed_id = ?", (feed_id,))
    else:
        await connection.execute("UPDATE judging SET after = ? WHERE feed_id = ?", (after, feed_id))
