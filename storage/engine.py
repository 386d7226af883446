"""What a database must offer: callers type against these protocols, whichever engine keeps it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Concatenate, ParamSpec, Protocol, TypeAlias, TypeVar, overload

Values: TypeAlias = Sequence[Any] | Mapping[str, Any]  # bound to a statement: by place, or by name
Given = ParamSpec("Given")
Read = TypeVar("Read")


class Row(Protocol):
    """A row, by column names or places."""

    @overload
    def __getitem__(self, key: int | str, /) -> Any: ...
    @overload
    def __getitem__(self, key: slice, /) -> tuple[Any, ...]: ...
    def __iter__(self) -> Iterator[Any]:
        """Yield the values in the order of the columns."""


class Rows(Protocol):
    """What a statement found."""

    def __iter__(self) -> Iterator[Any]:
        """Yield each Row."""

    def fetchone(self) -> Any:
        """Return the next Row, or None after the last one."""

    def fetchall(self) -> list[Any]:
        """Return every Row that is left."""


class Written(Protocol):
    """What a statement that writes did."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""


class ReadConnection(Protocol):
    """What a function that reads gets from `Connection.run`; it is used in the connection's thread only."""

    def execute(self, sql: str, values: Values = ..., /) -> Rows:
        """Run a statement that reads."""


class Connection(Protocol):
    """A connection as coroutines use it: it runs functions that read, and statements that write."""

    async def run(
        self, read: Callable[Concatenate[Any, Given], Read], *args: Given.args, **kwargs: Given.kwargs
    ) -> Read:
        """Return what `read` returns, called as a whole in the connection's thread with a ReadConnection."""

    def execute(self, sql: str, parameters: Values | None = None) -> Awaitable[Written]:
        """Run a statement that writes."""

    def execute_fetchall(self, sql: str, parameters: Values | None = None) -> Awaitable[Iterable[Any]]:
        """Run a statement that writes and returns rows."""

    def executemany(self, sql: str, parameters: Iterable[Values]) -> Awaitable[Written]:
        """Run a statement that writes once for each of `parameters`."""


class Database(Protocol):
    """One writer behind a lock, and readers that never see half a change."""

    @property
    def is_read(self) -> bool:
        """Say whether anybody is reading now; may be asked in any thread."""

    @property
    def commits(self) -> int:
        """How many transactions were committed: tells whether anything was written in between."""

    def transaction(self) -> AbstractAsyncContextManager[Connection]:
        """Write: all of the block is stored, or nothing if it raises. Raises StorageError."""

    def reading(self, viewer: int | None = None) -> AbstractAsyncContextManager[Connection]:
        """Read one state of the database, the same throughout the block.

        With a `viewer`, a server's id or visibility.DIRECT, only what may be seen there; else everything.
        """

    def only_reload(self) -> AbstractAsyncContextManager[Callable[[int, int], None]]:
        """Hold the one reload of the database, and yield what notes (files done, files) for others.

        Raises ReloadRunningError, with what the other one noted, if another reload holds it.
        """

    async def probe(self) -> None:
        """Write without changing anything; raises StorageError if that fails."""

    async def shrink(self) -> None:
        """Give the space of deleted rows back to the file system; raises StorageError."""

    async def size(self) -> int:
        """Return the database's size in bytes."""


def scalar(reader: ReadConnection, sql: str, values: Values = ()) -> Any:
    """Return the one value that a statement selects, None if it finds no row."""
    row = reader.execute(sql, values).fetchone()
    return row[0] if row else None
