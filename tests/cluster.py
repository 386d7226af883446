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
USER = "postgres"  # it refuses to run as root
OPTIONS = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "listen_addresses=",
    "dynamic_shared_memory_type=mmap",  # in its folder, so that it goes with that
    "max_connections=200",
)
STARTED_WITHIN = 30  # seconds
KEPT = 8  # databases that no test has open: one test may open its own again
# Whoever started the server may be killed: it ends when nobody holds the other end of its input.
_WATCHED = '"$@" & server=$!; read -r _; kill -QUIT $server; wait $server'


class Cluster:
    """A server that runs; `make` makes a database in it once, and returns what opens copies of that one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = (f"made_{number}" for number in count())
        self._admin: psycopg.Connection[Any] = _connected(self.url("postgres"))
        self._closed: dict[str, None] = {}  # copies that no test has open, those closed last at the end
        self._copies: set[str] = set()

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://{USER}@/{name}?host={self._folder}"

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
def running_cluster() -> Iterator[Cluster]:
    """Run a server for the length of the block; the disk is never waited for, so a crash would lose all."""
    folder = Path(tempfile.mkdtemp(prefix="broadsheet-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
    account = USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    try:
        shutil.chown(folder, account)
        (programs,) = PROGRAMS
        data = folder / "data"
        made: list[str | Path] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        subprocess.run(made, user=account, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        settings = [
            part for option in (*OPTIONS, f"unix_socket_directories={folder}") for part in ("-c", option)
        ]
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(
                ["/bin/sh", "-c", _WATCHED, "sh", programs / "postgres", "-D", data, *settings],
                user=account,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            ) as server,
        ):
            cluster = Cluster(folder)
            try:
                yield cluster
            finally:
                cluster.close()
                server.communicate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _connected(url: str) -> "psycopg.Connection[Any]":
    """Connect to a server that is just starting."""
    until = monotonic() + STARTED_WITHIN
    while True:
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError:
            if monotonic() > until:
                raise
            sleep(0.02)
