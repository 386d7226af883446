"""Databases made once a session, of which tests open copies, and those of earlier versions."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from importlib import resources
from pathlib import Path
from typing import Protocol

from storage.engine import Database
from storage.sqlite.database import open_database
from storage.sqlite.packing import key_of

AT = 1_767_000_000  # when the articles of an earlier database were published, in seconds

Fill = Callable[[Database], Awaitable[object]]
OpenNew = Callable[[Path], AbstractAsyncContextManager[Database]]


class MakeNew(Protocol):
    """Makes a database once, fills it, and returns what opens copies of it, each path one of its own."""

    def __call__(self, fill: Fill | None = None, /) -> OpenNew: ...


def make_database(path: Path, fill: Fill | None = None) -> Path:
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


def make_earlier(path: Path, version: int, titles: Sequence[str]) -> Path:
    """Make a database of an earlier schema, version 8 to 11, with a story of one article for each title."""
    folder = resources.files("storage.sqlite.migrations")
    numbered = list(enumerate(titles, 1))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        for name in sorted(file.name for file in folder.iterdir() if file.name[:4].isdecimal()):
            if int(name[:4]) <= version:
                connection.executescript(folder.joinpath(name).read_text("utf-8"))
        connection.execute("INSERT INTO provider (id, name, domain) VALUES (1, 'One', 'one.example')")
        connection.executemany(
            "INSERT INTO story (id, articles, pick_id, first_at, newest_at, heat) VALUES (?, 1, ?, ?, ?, 50)",
            [(number, number, AT, AT) for number, _ in numbered],
        )
        connection.executemany(
            "INSERT INTO mention (id, digest, article_id, own, published_at, quality, provider_id, type, url,"
            " title, excerpt, addresses, raw) VALUES (?, ?, ?, 1, ?, 50, 1, 'article', ?, ?, '', x'', x'')",
            [
                (number, bytes([number]), number, AT, f"https://one.example/{number}", title)
                for number, title in numbered
            ],
        )
        connection.executemany(
            "INSERT INTO article (id, story_id, mention_id, address, published_at, quality, provider_id,"
            " removed, known_at, origin_id) VALUES (?, ?, ?, ?, ?, 50, 1, 0, ?, ?)",
            [
                (number, number, number, key_of(f"one.example/{number}"), AT, AT, number)
                for number, _ in numbered
            ],
        )
        connection.execute(
            "INSERT INTO article_search (rowid, title, excerpt, provider) SELECT * FROM article_text"
        )
        connection.execute(f"PRAGMA user_version = {version:d}")
        connection.commit()
    return path
