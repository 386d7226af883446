"""Databases made once a session, of which tests open copies."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from storage.engine import Database
from storage.sqlite.database import open_database

OpenNew = Callable[[Path], AbstractAsyncContextManager[Database]]


def make_database(path: Path, fill: Callable[[Database], Awaitable[object]] | None = None) -> Path:
    """Make a database, fill it, close it, and return its path."""

    async def make() -> None:
        async with open_database(path) as database:
            if fill:
                await fill(database)

    asyncio.run(make())
    return path


def copy_database(made: Path, path: Path) -> bool:
    """Put a copy of a closed database where there is none yet, and return whether there was none."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made, path)
    return True


def opener_of(made: Path) -> OpenNew:
    """Return what opens a copy of a closed database as open_database() opens a new one."""

    @asynccontextmanager
    async def opened(path: Path) -> AsyncIterator[Database]:
        copy_database(made, path)
        async with open_database(path) as database:
            yield database

    return opened
