"""The PostgreSQL database: opening it, one writer a process, readers that never see half a change."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from time import perf_counter

import psycopg

from storage import visibility
from storage.engine import scalar
from storage.errors import StorageError, UnreachableError, UnwritableError
from storage.postgres import locks, narrowing
from storage.postgres.address import Address, address_of
from storage.postgres.migrate import upgrade
from storage.postgres.pooling import require_sessions
from storage.postgres.session import Connection

READERS = 4
PATIENCE = 2.0  # seconds until a connection can be used: a person waits for the answer
# Statements that read are short and come again and again, what they look up is mostly in memory, and to count
# the stories that have a common word should be done there, too.
QUICK = (
    "SET jit = off",
    "SET random_page_cost = 1.1",
    "SET plan_cache_mode = force_generic_plan",
    "SET work_mem = '32MB'",
)
LOCK_MS = 10_000  # as long as SQLite waits
WRITE = "BEGIN"
READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
FAULTS = (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction, psycopg.InterfaceError)
# Classes of SQLSTATE by which a server, or who looked for one, says that there is none to speak with. By
# others a server that can't write at the moment says so: a standby, for example, or one whose disk is full.
AWAY = frozenset(("", "08", "28", "3D", "57"))


class Database:
    """One writing connection behind a lock, and a few reading ones."""

    def __init__(
        self, address: Address, writer: Connection, readers: list["_Reader"], on_held: Callable[[float], None]
    ) -> None:
        """`on_held` hears for how many seconds each transaction held the lock."""
        self._address = address
        self._on_held = on_held
        self._writer = writer
        self._lock = asyncio.Lock()
        self._losses = 0  # how often somebody found the server gone
        self.commits = 0  # transactions so far: tells whether this process has written anything in between
        self._readers: asyncio.LifoQueue[_Reader] = asyncio.LifoQueue()
        for reader in readers:
            self._readers.put_nowait(reader)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Write: all of it is stored, or nothing if the block raises.

        Raises UnreachableError if the server is gone, UnwritableError if it can't write.
        """
        losses = self._losses
        async with self._lock:
            self._require_no_loss_since(losses)
            started = perf_counter()
            try:
                with self._noticed():
                    await self._in_time(self._writer, self._writer.begin(WRITE))
                    yield self._writer
                    await self._writer.commit()
                    self.commits += 1
            finally:
                await self._writer.roll_back()
                self._on_held(perf_counter() - started)

    @asynccontextmanager
    async def reading(self, viewer: int | None = None) -> AsyncIterator[Connection]:
        """Read one state of the database, the same throughout the block.

        With a `viewer`, a server's id or visibility.DIRECT, only what may be seen there; else everything.
        Raises UnreachableError if the server is gone, or all connections are in use for too long.
        """
        losses = self._losses
        try:
            reader = await asyncio.wait_for(self._readers.get(), LOCK_MS / 1_000)
        except TimeoutError:
            raise UnreachableError(self._address.shown, "all connections are in use") from None
        try:
            self._require_no_loss_since(losses)
            with self._noticed():
                await self._in_time(reader.connection, reader.begin_reading(viewer))
                yield reader.connection
        finally:
            try:
                await reader.connection.roll_back()
            finally:
                self._readers.put_nowait(reader)

    @contextmanager
    def _noticed(self) -> Iterator[None]:
        """Raise what the server is at fault for as a StorageError, and note if it is gone."""
        try:
            yield
        except FAULTS as error:
            found = _error_of(self._address, error)
            self._losses += isinstance(found, UnreachableError)
            raise found from error

    def _require_no_loss_since(self, losses: int) -> None:
        """Raise UnreachableError to whoever waited while the server was lost: no queue is to try in turn."""
        if self._losses != losses:
            raise UnreachableError(self._address.shown, "it was gone a moment ago")

    async def _in_time(self, connection: Connection, beginning: Awaitable[None]) -> None:
        """Begin to use a connection; raises UnreachableError if that takes too long."""
        try:
            await asyncio.wait_for(beginning, PATIENCE)
        except TimeoutError:
            self._losses += 1
            connection.cut()
            raise UnreachableError(self._address.shown, "no answer in time") from None

    @property
    def is_read(self) -> bool:
        """Say whether anybody in this process reads just now; may be asked in any thread."""
        return self._readers.qsize() < READERS

    @asynccontextmanager
    async def only_reload(self) -> AsyncIterator[Callable[[int, int], None]]:
        """Hold the one reload of the database, and yield what notes (files done, files) for others.

        Raises ReloadRunningError, with what the other one noted, if another reload holds it.
        """
        async with _connected(self._address) as connection:
            with worded(self._address):
                async with locks.only_reload(connection) as note:
                    yield note

    async def probe(self) -> None:
        """Write to the database without changing it; raises StorageError if that fails."""
        async with self.transaction() as connection:
            await connection.execute("UPDATE schema_version SET version = version")

    async def shrink(self) -> None:
        """Do nothing: the server itself takes care of the space of what was deleted."""

    async def size(self) -> int:
        """Return how many bytes the database has."""
        async with self.reading() as connection:
            return int(await connection.run(scalar, "SELECT pg_database_size(current_database())"))


class _Reader:
    """A connection that reads, and whether its present session is prepared for narrowing."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._prepared = 0  # the session that was prepared last

    async def begin_reading(self, viewer: int | None) -> None:
        """Begin to read what a viewer may see, everything for None."""
        await self.connection.begin(READ)
        if viewer is None or not await self.connection.run(visibility.is_limited):
            return
        if self._prepared != self.connection.sessions:
            await self.connection.roll_back()
            await self.connection.run(narrowing.prepare)
            self._prepared = self.connection.sessions
            await self.connection.begin(READ)
        await self.connection.run(narrowing.narrow, viewer)


@asynccontextmanager
async def open_database(
    url: str, on_held: Callable[[float], None] = lambda _: None
) -> AsyncIterator[Database]:
    """Open the database at `url`, migrating it if needed; raises StorageError if it can't be used."""
    address = address_of(url)
    async with AsyncExitStack() as stack:
        writer = await stack.enter_async_context(_connected(address, f"SET lock_timeout = {LOCK_MS:d}"))
        readers = [
            await stack.enter_async_context(_connected(address, narrowing.BEHIND, *QUICK))
            for _ in range(READERS)
        ]
        with worded(address):
            await require_sessions(address, writer, readers[0])
            await writer.alone(lambda session: upgrade(session, address.shown))
        yield Database(address, writer, list(map(_Reader, readers)), on_held)


@asynccontextmanager
async def _connected(address: Address, *set_up: str) -> AsyncIterator[Connection]:
    connection = Connection(address, *set_up)
    try:
        yield connection
    finally:
        await connection.close()


@contextmanager
def worded(address: Address) -> Iterator[None]:
    """Raise what the server, or the way to it, is at fault for as a StorageError, without the password.

    A faulty statement is a fault of the program, and stays what it is.
    """
    try:
        yield
    except FAULTS as error:
        raise _error_of(address, error) from error


def _error_of(address: Address, error: psycopg.Error) -> StorageError:
    kind = UnreachableError if (error.sqlstate or "")[:2] in AWAY else UnwritableError
    reason = " ".join(str(error).split())
    return kind(address.shown, address.without_secret(reason))
