"""Lists with pages: what was asked and by whom, so that their buttons work after a restart."""

import asyncio
import json
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.engine import Database, ReadConnection, Row
from storage.errors import StorageError
from storage.models import from_epoch, to_epoch

log = logging.getLogger(__name__)
PATIENCE = 0.2  # seconds
MAX_UNWRITTEN = 1_000  # lists kept in memory while the database can't be written to


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that somebody asked for; `query` is what the bot needs to make any page of it."""

    id: int
    user_id: int
    created_at: datetime
    query: dict[str, Any]


class Listings:
    """The lists that were asked for; nobody waits for one to be written while a reload holds the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._unwritten: dict[int, Listing] = {}
        self._writing: asyncio.Task[None] | None = None

    async def add(self, user_id: int, query: dict[str, Any], now: datetime) -> Listing:
        """Keep a list's query, from now on in memory and soon in the database."""
        listing = Listing(secrets.randbits(62), user_id, now, query)
        self._unwritten[listing.id] = listing
        while len(self._unwritten) > MAX_UNWRITTEN:  # the oldest first
            del self._unwritten[next(iter(self._unwritten))]
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await asyncio.wait({self._writing}, timeout=PATIENCE)
        return listing

    def forget(self, user_id: int) -> None:
        """Drop a person's lists that aren't written yet, before those in the database are deleted."""
        for listing in [each for each in self._unwritten.values() if each.user_id == user_id]:
            del self._unwritten[listing.id]

    def get(self, reader: ReadConnection, listing_id: int) -> Listing | None:
        """Return a list, None where it is too old."""
        if listing := self._unwritten.get(listing_id):
            return listing
        row = reader.execute("SELECT * FROM listing WHERE id = ?", (listing_id,)).fetchone()
        return _listing(row) if row else None

    async def close(self) -> None:
        """Finish writing."""
        if self._writing:
            await asyncio.wait({self._writing})

    async def _write(self) -> None:
        while self._unwritten:
            try:
                async with self._database.transaction() as connection:
                    written = list(self._unwritten.values())
                    await connection.executemany(
                        "INSERT INTO listing (id, user_id, created_at, query) VALUES (?, ?, ?, ?)",
                        [
                            (each.id, each.user_id, to_epoch(each.created_at), json.dumps(each.query))
                            for each in written
                        ],
                    )
            except StorageError as error:
                log.warning("the pages of a list won't outlive a restart: %r", error)
                return
            for each in written:
                self._unwritten.pop(each.id, None)


def _listing(row: Row) -> Listing:
    return Listing(row["id"], row["user_id"], from_epoch(row["created_at"]), json.loads(row["query"]))
