"""Whether a session stays: a pooler before the server may lend one to each transaction only."""

from typing import TYPE_CHECKING

from storage.errors import PooledError
from storage.postgres.address import Address
from storage.postgres.session import Connection

if TYPE_CHECKING:
    import psycopg

ROUNDS = 3  # where others use the pooler as well, a second connection may get another session by chance


async def require_sessions(address: Address, one: Connection, other: Connection) -> None:
    """Raise PooledError unless each of two connections has a session of its own, which stays the same.

    Locks, temporary tables and prepared statements belong to a session, and would be lost or others'.
    """
    seen = {await connection.alone(_process) for _ in range(ROUNDS) for connection in (one, other)}
    if len(seen) != 2:
        raise PooledError(address.shown)


def _process(session: "psycopg.Connection[tuple[int]]") -> int:
    """Return the process of the server's that does what is asked."""
    ((process,),) = session.execute("SELECT pg_backend_pid()").fetchall()
    return int(process)
