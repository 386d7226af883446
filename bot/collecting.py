"""What checks feeds, built from the settings, and what the running bot does with it."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.metadata import version

from bot.errors import worded
from bot.services import Services
from bot.settings import Settings, proxy_for
from digests.errors import CollectBusyError
from digests.feeds.check import Checker
from digests.feeds.collect import Collector, Round
from digests.feeds.fetch import Fetcher
from digests.feeds.pace import Pace
from digests.feeds.parse import Parser
from digests.feeds.suggestions import DAY
from digests.feeds.upkeep import forget_old_entries
from digests.text import count
from storage import feeds, own_topics, suggestions
from storage.errors import StorageError
from storage.feeds import Feed

TELL_AFTER = timedelta(days=3)  # of failing
UNDO_FOR = timedelta(days=30)  # after a feed was removed, or a topic changed

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_collector(
    services: Services, on_round: Callable[[Round], None] = lambda _: None
) -> AsyncIterator[Collector]:
    """Open what fetches and reads feeds, and end it after the block; `on_round` hears of each round."""
    settings, clock = services.settings, services.clock
    parser = Parser()
    fetcher = Fetcher(user_agent(settings), settings.private_sources, clock, proxy_for=proxy_for)
    try:
        async with fetcher:
            yield Collector(services.database, Checker(fetcher, parser, Pace()), clock, on_round=on_round)
    finally:
        await parser.close()


def user_agent(settings: Settings) -> str:
    """Return what feeds' servers are told who asks them."""
    contact = f" (+{settings.sources_contact})" if settings.sources_contact else ""
    return f"Broadsheet/{version('broadsheet')}{contact}"


class Collecting:
    """Collects while the bot runs, forgets old articles, and tells its owners of feeds that keep failing."""

    def __init__(
        self, services: Services, collector: Collector, tell: Callable[[Sequence[Feed]], Awaitable[None]]
    ) -> None:
        """`tell` tells the owners of feeds."""
        self._services = services
        self._collector = collector
        self._tell = tell

    async def collect(self) -> None:
        """Check the feeds that are due, unless another process does."""
        database = self._services.database
        async with database.reading() as connection:
            if not await connection.run(feeds.is_any_due, self._services.clock()):
                return
        try:
            done = await self._collector.collect()
        except CollectBusyError:
            return
        except StorageError as error:
            log.warning("%s", worded(error, terminal=True))
            return
        if done.added or done.failed:
            added, failed = count(done.added, "article"), count(len(done.failed), "feed")
            log.info("%s checked: %s added, %s failed", count(done.checked, "feed"), added, failed)
        await self._notify()

    async def forget(self) -> None:
        """Forget the articles that have been in no feed for as long as they are kept."""
        now = self._services.clock()
        keep = timedelta(days=self._services.settings.keep_articles_days)
        async with self._services.database.transaction() as connection:
            await feeds.forget_removed(connection, now - UNDO_FOR)
            await own_topics.forget_changes(connection, now - UNDO_FOR)
            await suggestions.forget(connection, now - DAY)
        forgotten = await forget_old_entries(self._services.database, now - keep, now)
        if forgotten:
            log.info("forgotten: %s of feeds", count(forgotten, "article"))

    async def _notify(self) -> None:
        """Tell the owners once of each feed that has failed for days, or has ended."""
        now = self._services.clock()
        async with self._services.database.reading() as connection:
            found = await connection.run(feeds.to_notify, now - TELL_AFTER)
        if found:
            async with self._services.database.transaction() as connection:
                await feeds.note_notified(connection, [feed.id for feed in found])
            await self._tell(found)
