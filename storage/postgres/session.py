"""A session with the server in a thread of its own, opened anew after the server was gone."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg

from storage.engine import Rows, Values, Written
from storage.postgres.address import Address
from storage.postgres.dialect import POSTGRES
from storage.postgres.statements import row_maker, set_up_adapters, translated

PREPARED = 256  # statements that a session keeps
Given = ParamSpec("Given")
Read = TypeVar("Read")


class Session:
    """What a function that reads is given by Connection.run(): it is used in the connection's thread only."""

    dialect = POSTGRES

    def __init__(self, session: "psycopg.Connection[Any]") -> None:
        self._session = session

    def execute(self, sql: str, values: Values = (), /) -> Rows:
        """Run a statement."""
        return self._session.execute(translated(sql), values)


class Connection:
    """One session, and its thread: what is asked of it is done in order, as aiosqlite does."""

    dialect = POSTGRES

    def __init__(self, address: Address, *set_up: str) -> None:
        """`set_up` are statements that begin a new session."""
        self._address = address
        self._set_up = set_up
        self._session: psycopg.Connection[Any] | None = None
        self._thread = ThreadPoolExecutor(1, "postgres")
        self.sessions = 0  # opened so far

    async def run(
        self, read: Callable[Concatenate[Any, Given], Read], *args: Given.args, **kwargs: Given.kwargs
    ) -> Read:
        """Return what `read` returns, called as a whole in the connection's thread with a Session."""
        return await self._call(lambda: read(Session(self._current()), *args, **kwargs))

    async def alone(self, work: "Callable[[psycopg.Connection[Any]], Read]") -> Read:
        """Return what `work` returns, called in the connection's thread with psycopg's own connection."""
        return await self._call(lambda: work(self._current()))

    async def execute(self, sql: str, parameters: Values | None = None) -> Written:
        """Run a statement that writes."""
        return await self._call(lambda: self._current().execute(translated(sql), parameters or ()))

    async def execute_fetchall(self, sql: str, parameters: Values | None = None) -> list[Any]:
        """Run a statement that writes and returns rows."""
        return await self._call(lambda: self._current().execute(translated(sql), parameters or ()).fetchall())

    async def executemany(self, sql: str, parameters: Iterable[Values]) -> Written:
        """Run a statement that writes once for each of `parameters`."""

        def run() -> Written:
            cursor = self._current().cursor()
            cursor.executemany(translated(sql), parameters)
            return cursor

        return await self._call(run)

    def post(self, sql: str, parameters: Values) -> None:
        """Let a statement be run whose outcome nobody waits for."""
        self._thread.submit(lambda: self._current().execute(translated(sql), parameters))

    async def begin(self, statement: str) -> None:
        """Begin a transaction, in a new session if the server has ended this one."""
        await self._call(self._begin, statement)

    async def commit(self) -> None:
        """Store what the transaction did; raises InternalError if a statement of it failed, unheard."""
        await self._call(self._commit)

    async def roll_back(self) -> None:
        """End the transaction, if there is one, after all that was asked before; no cancellation stops it."""
        await asyncio.shield(self._call(self._roll_back))

    async def close(self) -> None:
        """End the session and its thread."""
        await asyncio.shield(self._call(self._close))
        self._thread.shutdown()

    async def _call(self, work: Callable[Given, Read], *args: Given.args, **kwargs: Given.kwargs) -> Read:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: work(*args, **kwargs))

    def _current(self) -> "psycopg.Connection[Any]":
        # One that has ended refuses everything: what comes next belongs to a transaction that is lost.
        if self._session is None:
            self._session = self._open()
        return self._session

    def _open(self) -> "psycopg.Connection[Any]":
        session = psycopg.connect(self._address.conninfo, autocommit=True, row_factory=row_maker)
        session.prepared_max = PREPARED
        set_up_adapters(session)
        for statement in self._set_up:
            session.execute(statement)
        self.sessions += 1
        return session

    def _begin(self, statement: str) -> None:
        if self._session and not self._session.closed:
            try:
                self._session.execute(statement)
            except psycopg.OperationalError:
                if not self._session.closed:
                    raise
            else:
                return
        self._session = self._open()
        self._session.execute(statement)

    def _commit(self) -> None:
        if self._current().execute("COMMIT").statusmessage != "COMMIT":  # the server says what it did instead
            raise psycopg.errors.InFailedSqlTransaction

    def _roll_back(self) -> None:
        if self._session is None or self._session.closed:
            return
        if self._session.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            try:
                self._session.execute("ROLLBACK")
            except psycopg.OperationalError:  # the server is gone, and with it the transaction
                self._session.close()

    def _close(self) -> None:
        if self._session:
            self._session.close()
