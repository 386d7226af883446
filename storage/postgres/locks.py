"""Locks of the server's, which it takes back from a session that ends: who migrates, who reloads."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from storage.engine import ReadConnection, scalar
from storage.errors import ReloadRunningError
from storage.postgres.session import Connection

OURS = 0x6273  # the first key of every lock: other programs may have locks in the same database
MIGRATING = (OURS, 1)
RELOADING = (OURS, 2)
PROGRESS = "broadsheet-reload {} {}"  # the name of a session that reloads, by which others see how far it is


@asynccontextmanager
async def only_reload(connection: Connection) -> AsyncIterator[Callable[[int, int], None]]:
    """Hold the one reload of a database, in a session of its own; yield what notes (files done, files).

    Raises ReloadRunningError, with what the other one noted, if another reload holds it.
    """
    if not await connection.run(_take):
        raise ReloadRunningError(*await connection.run(_noted))

    def note(done: int, files: int) -> None:
        connection.post("SELECT set_config('application_name', ?, false)", (PROGRESS.format(done, files),))

    note(0, 0)
    try:
        yield note
    finally:
        connection.post(
            "SELECT pg_advisory_unlock_all()", ()
        )  # before the server notices that the session ended


def _take(reader: ReadConnection) -> bool:
    return bool(scalar(reader, "SELECT pg_try_advisory_lock(CAST(? AS int), CAST(? AS int))", RELOADING))


def _noted(reader: ReadConnection) -> tuple[int, int]:
    """Return what the session that holds the lock noted last, zeros if it has just ended."""
    name = scalar(
        reader,
        "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory'"
        " AND classid = ? AND objid = ? AND datname = current_database()",
        RELOADING,
    )
    numbers = [int(word) for word in (name or "").split() if word.isdecimal()]
    done, files = [*numbers, 0, 0][:2]
    return done, files
