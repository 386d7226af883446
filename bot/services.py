"""What works without Discord: the open database, and what reads and reloads it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from bot.settings import Settings
from digests.seeds.reload import Reloader, Report
from storage.engine import Database
from storage.listings import Listings
from storage.opening import open_database
from storage.refusals import Refusals

Clock: TypeAlias = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Services:
    """What commands and buttons work with, in Discord and on the command line."""

    settings: Settings
    clock: Clock
    database: Database
    reloader: Reloader
    listings: Listings
    refusals: Refusals


def utc_now() -> datetime:
    """Return the present moment, in UTC; this is the clock that is passed on outside tests."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_services(
    settings: Settings,
    clock: Clock = utc_now,
    *,
    on_reload: Callable[[Report | None], None] = lambda _: None,
    on_held: Callable[[float], None] = lambda _: None,
) -> AsyncIterator[Services]:
    """Open the database and build on it; raises StorageError if it can't be used.

    `on_reload` hears of each reload: its report, or None if it failed; `on_held` for how many seconds each
    transaction held the write lock.
    """
    async with open_database(settings.database, on_held) as database:
        reloader = Reloader(database, clock, settings.max_seed_bytes, on_finish=on_reload)
        listings, refusals = Listings(database), Refusals(database, clock)
        await refusals.load()
        try:
            yield Services(settings, clock, database, reloader, listings, refusals)
        finally:
            await listings.close()
            await refusals.close()
