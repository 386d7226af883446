"""A PostgreSQL server of the tests' own, in memory, and databases in it that tests open."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from hashlib import blake2b
from itertools import count
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg

from storage.engine import Database
from storage.postgres.database import open_database
from tests.databases import Fill, OpenNew

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]  # as Debian lays the newest version
MISSING = "PostgreSQL isn't installed: apt-get install postgresql"
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
USER = "postgres"
OPTIONS = (
    "listen_addresses=",
    "dynamic_shared_memory_type=mmap",  # in its folder, so that it goes with that
    "max_connections=200",
)
NOT_DURABLE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
STARTED_WITHIN = 30  # seconds
KEPT = 8  # databases that no test has open: one test may open its own again
# Whoever started the server may be killed: it ends when nobody holds the other end of its input.
_WATCHED = '"$@" & server=$!; read -r _; kill -QUIT $server; wait $server'
_SHELL = ["/bin/sh", "-c", _WATCHED, "sh"]


class Cluster:
    """A server that runs; `make` makes a database in it once, and returns what opens copies of that one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names = (f"made_{number}" for number in count())
        self._admin: psycopg.Connection[Any] = connected(self.url("postgres"))
        self._closed: dict[str, None] = {}  # copies that no test has open, those closed last at the end
        self._copies: set[str] = set()

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://{USER}@/{name}?host={self.folder}"

    def add(self) -> str:
        """Make an empty database, and return its name."""
        name = next(self._names)
        self.run(f"CREATE DATABASE {name} STRATEGY file_copy")
        return name

    def run(self, statement: str) -> None:
        """Run a statement as the server's administrator."""
        self._admin.execute(statement)

    def make(self, fill: Fill | None = None, /) -> OpenNew:
        """Make a database, and return what opens a copy of it: each path stands for one of its own."""
        template = self.add()

        async def make() -> None:
            async with open_database(self.url(template)) as database:
                if fill:
                    await fill(database)

        asyncio.run(make())

        @asynccontextmanager
        async def opened(path: Path) -> AsyncIterator[Database]:
            name = f"copy_{blake2b(f'{template} {path}'.encode(), digest_size=12).hexdigest()}"
            if name not in self._copies:
                self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
                self._copies.add(name)
            self._closed.pop(name, None)
            try:
                async with open_database(self.url(name)) as database:
                    yield database
            finally:
                self._close(name)

        return opened

    def _close(self, name: str) -> None:
        self._closed[name] = None
        for oldest in list(self._closed)[:-KEPT]:
            self.run(f"DROP DATABASE {oldest} WITH (FORCE)")
            self._copies.discard(oldest)
            del self._closed[oldest]

    def close(self) -> None:
        """End the session that makes databases."""
        self._admin.close()


@contextmanager
def running_cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Run a server for the length of the block; unless `durable`, it is in memory and a crash loses all."""
    parent = IN_MEMORY if IN_MEMORY.is_dir() and not durable else None
    with made_server(parent, *OPTIONS, *(() if durable else NOT_DURABLE)) as server:
        server.start()
        cluster = Cluster(server.folder)
        try:
            yield cluster
        finally:
            cluster.close()


def account_of_servers() -> str:
    """Return the account that servers run under: they refuse to run as root."""
    return USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


class Server:
    """A server's data in a folder, where it can be started, and crash."""

    def __init__(self, folder: Path, *options: str, port: int = 5432) -> None:
        """`options` are settings of the server, as name=value."""
        self.folder = folder
        self.port = port
        self._account = account_of_servers()
        self._options = [part for option in (*options, f"port={port}") for part in ("-c", option)]
        self._running: subprocess.Popen[bytes] | None = None
        shutil.chown(folder, self._account)
        arguments = ["-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"]
        self._run("initdb", *arguments)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        (programs,) = PROGRAMS
        data, sockets = self.folder / "data", f"unix_socket_directories={self.folder}"
        with (self.folder / "log").open("ab") as log:
            self._running = subprocess.Popen(
                [*_SHELL, programs / "postgres", "-D", data, *self._options, "-c", sockets],
                user=self._account,
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        connected(f"postgresql://{USER}@:{self.port}/postgres?host={self.folder}").close()

    def crash(self) -> None:
        """Let it end as in a crash: nobody is told, nothing is tidied."""
        self._run("pg_ctl", "stop", "-m", "immediate")
        self.close()

    def close(self) -> None:
        """End it, if it runs."""
        if self._running:
            self._running.communicate()
            self._running = None

    def _run(self, program: str, *arguments: str) -> None:
        (programs,) = PROGRAMS
        subprocess.run(
            [programs / program, "-D", self.folder / "data", *arguments],
            user=self._account,
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def made_server(parent: Path | None, *options: str, port: int = 5432) -> Iterator[Server]:
    """Make a server in a new folder, and end it and remove its folder after the block."""
    folder = Path(tempfile.mkdtemp(prefix="broadsheet-", dir=parent))
    try:
        server = Server(folder, *options, port=port)
        try:
            yield server
        finally:
            server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def connected(url: str) -> "psycopg.Connection[Any]":
    """Connect to a server that is just starting."""
    until = monotonic() + STARTED_WITHIN
    while True:
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError:
            if monotonic() > until:
                raise
            sleep(0.02)
