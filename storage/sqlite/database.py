"""The SQLite database: opening it, one writer, readers that never see half a change."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Concatenate, ParamSpec, TypeAlias, TypeVar

import aiosqlite

from storage.errors import UnusableError, UnwritableError
from storage.search import rebuild
from storage.search.words import indexed
from storage.sqlite.copying import is_full
from storage.sqlite.lock import in_use, is_reloaded, only_reload
from storage.sqlite.migrate import require_ours, upgrade
from storage.sqlite.narrowing import narrow

READERS = 3
MAPPED = 2**30  # bytes of the file that readers see without copying: a search touches many pages
BUSY_MS = 10_000
LOG_KEPT = 4 * 2**20  # bytes of the log that stay on the disk after a big load
OPENING_TRIES = 20
OPENING_PAUSE = 0.1  # seconds
ROWS_AT_A_TIME = 64  # rows that aiosqlite hands over at a time, if a cursor is read row by row
PAGES_FREED = 1_000  # pages given back in one go

Reader: TypeAlias = sqlite3.Connection  # what a function that reads is given by Connection.run()
Given = ParamSpec("Given")
Read = TypeVar("Read")


class Connection(aiosqlite.Connection):
    """A connection that runs whole functions in its thread, as aiosqlite runs single statements."""

    async def run(
        self, read: Callable[Concatenate[Reader, Given], Read], *args: Given.args, **kwargs: Given.kwargs
    ) -> Read:
        """Return what `read` does.

        A lookup takes several statements, and some arithmetic between them: to go to the thread and back
        for each takes longer than the statements, and the arithmetic would hold the event loop.
        """
        # What aiosqlite makes all of its own calls with; it has neither a public name nor types.
        result: Read = await self._execute(read, self._conn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return result


class Database:
    """One writing connection behind a lock, and a few reading ones."""

    def __init__(
        self,
        path: Path,
        writer: Connection,
        readers: list[Connection],
        on_held: Callable[[float], None] = lambda _: None,
    ) -> None:
        """`on_held` hears for how many seconds each transaction held the write lock."""
        self.path = path
        self._on_held = on_held
        self._writer = writer
        self._lock = asyncio.Lock()
        self.commits = 0  # transactions so far: tells whether anything was written in between
        self._readers: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        for reader in readers:
            self._readers.put_nowait(reader)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Write: all of it is stored, or nothing if the block raises.

        Raises UnwritableError if SQLite can't write: the disk is full, another program holds the database.
        """
        async with self._lock:
            started = perf_counter()
            try:
                await self._begin()
                yield self._writer
                await self._writer.execute("COMMIT")
                self.commits += 1
            except BaseException as error:
                await _roll_back(self._writer)
                # A faulty statement is a fault of the program, and stays what it is.
                if (
                    isinstance(error, sqlite3.OperationalError)
                    and error.sqlite_errorcode != sqlite3.SQLITE_ERROR
                ):
                    raise self._unwritable(error) from error
                raise
            finally:
                self._on_held(perf_counter() - started)

    async def _begin(self) -> None:
        """Begin to write, after another process's reload if one is running: a first load takes long."""
        while True:
            try:
                await self._writer.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not is_reloaded(self.path):
                    raise
            else:
                return

    @asynccontextmanager
    async def only_reload(self) -> AsyncIterator[Callable[[int, int], None]]:
        """Hold the one reload of the database, and yield what notes (files done, files) for others.

        Raises ReloadRunningError, with what the other one noted, if another reload holds it.
        """
        with only_reload(self.path) as note:
            yield note

    async def probe(self) -> None:
        """Write to the database without changing it; raises UnwritableError if that fails."""
        async with self.transaction() as connection:
            rows = await connection.execute_fetchall("PRAGMA user_version")
            await connection.execute(f"PRAGMA user_version = {int(next(iter(rows))[0]):d}")

    async def size(self) -> int:
        """Return how many bytes the database has, the log of its last writes included."""
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    async def shrink(self) -> None:
        """Give the space of what was deleted back to the file system, in steps between which others write.

        Raises UnwritableError as transaction() does.
        """
        before, left = -1, 0
        while left != before:
            async with self._lock:
                try:
                    # A script: one step of this statement, all that execute() takes, frees one page.
                    await self._writer.executescript(f"PRAGMA incremental_vacuum({PAGES_FREED:d})")
                    rows = await self._writer.execute_fetchall("PRAGMA freelist_count")
                except sqlite3.OperationalError as error:
                    raise self._unwritable(error) from error
            before, left = left, next(iter(rows))[0]

    @property
    def is_read(self) -> bool:
        """Say whether anybody reads just now; may be asked in any thread."""
        return self._readers.qsize() < READERS

    @asynccontextmanager
    async def reading(self, viewer: int | None = None) -> AsyncIterator[Connection]:
        """Read one state of the database, the same throughout the block.

        With a `viewer`, a server's id or visibility.DIRECT, only what may be seen there; else everything.
        """
        reader = await self._readers.get()
        try:
            await reader.execute("BEGIN")
            if viewer is not None:
                await reader.run(narrow, viewer)
            yield reader
        finally:
            try:
                await _roll_back(reader)
            finally:
                self._readers.put_nowait(reader)

    def _unwritable(self, error: sqlite3.Error) -> UnwritableError:
        return UnwritableError(self.path, str(error))


async def _roll_back(connection: aiosqlite.Connection) -> None:
    """End the transaction, if there is one: a cancelled BEGIN may still be on its way to SQLite.

    The call queues behind it, and a second cancellation must not stop it.
    """
    await asyncio.shield(connection.rollback())


@asynccontextmanager
async def open_database(
    path: Path, on_held: Callable[[float], None] = lambda _: None
) -> AsyncIterator[Database]:
    """Open the database at `path`, making or migrating it if needed.

    Raises StorageError if the file can't be used.
    """
    async with AsyncExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # A file that can't be opened is found here: there, a thread would be left behind.
            await asyncio.to_thread(lambda: sqlite3.connect(path).close())
            stack.enter_context(in_use(path))
            writer = await stack.enter_async_context(_connect(path))
            await writer.run(require_ours, path)
            if await _is_new(writer):
                await writer.execute("PRAGMA auto_vacuum = INCREMENTAL")
            await _use_wal(writer)
            await writer.run(upgrade, path)
            await _switch_if_empty(writer)
            readers = [await stack.enter_async_context(_connect(path)) for _ in range(READERS)]
            for reader in readers:
                await reader.execute("PRAGMA query_only = ON")
                await reader.execute(f"PRAGMA mmap_size = {MAPPED:d}")
        except (sqlite3.Error, OSError) as error:
            kind = UnwritableError if _is_for_later(error) else UnusableError
            raise kind(path, str(error)) from error
        yield Database(path, writer, readers, on_held)


def _is_for_later(error: Exception) -> bool:
    """Say whether a database may be used later with nothing changed: it is locked, its disk full."""
    return is_full(error) or getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


async def _is_new(connection: aiosqlite.Connection) -> bool:
    rows = await connection.execute_fetchall("PRAGMA page_count")
    return int(next(iter(rows))[0]) == 0


async def _switch_if_empty(writer: Connection) -> None:
    if not await writer.run(rebuild.is_needless):
        return
    await writer.execute("BEGIN IMMEDIATE")
    try:
        await rebuild.switch_if_needless(writer)
        await writer.execute("COMMIT")
    finally:
        await _roll_back(writer)


async def _use_wal(connection: aiosqlite.Connection) -> None:
    """Switch to WAL mode; another process that opens a new file just now makes SQLite refuse at once."""
    for attempt in range(OPENING_TRIES):
        try:
            await connection.execute_fetchall("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if attempt + 1 == OPENING_TRIES:
                raise
            await asyncio.sleep(OPENING_PAUSE)
        else:
            return


@asynccontextmanager
async def _connect(path: Path) -> AsyncIterator[Connection]:
    connect = partial(sqlite3.connect, path, isolation_level=None, cached_statements=256)
    connection = Connection(connect, ROWS_AT_A_TIME)
    async with connection:
        connection.row_factory = sqlite3.Row
        await connection.execute(f"PRAGMA busy_timeout = {BUSY_MS:d}")
        await connection.execute("PRAGMA foreign_keys = ON")
        await connection.execute("PRAGMA synchronous = NORMAL")
        await connection.execute(f"PRAGMA journal_size_limit = {LOG_KEPT:d}")
        await connection.create_function("indexed", 1, indexed, deterministic=True)
        yield connection
