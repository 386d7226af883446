"""What the running bot does for its news: it loads and watches the seeds, and fills a new search index."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.errors import worded
from bot.services import Services
from bot.settings import BUNDLED_SEEDS
from digests.errors import ReloadError
from digests.seeds.samples import remove_samples
from digests.seeds.watch import watch
from digests.stories.reindex import reindex
from digests.tenure import Tenure
from digests.text import count
from storage import feeds, seeds
from storage.engine import Database
from storage.errors import StorageError

RETRY = 5.0  # seconds until what failed is tried again

log = logging.getLogger(__name__)


async def load_news(services: Services) -> None:
    """Remove old samples, load the seeds, and say so if there is no news."""
    await clear_samples(services)
    await load_seeds(services)
    await mention_emptiness(services)


async def load_seeds(services: Services) -> None:
    """Update the database from the folder of seeds, if there is one.

    If that fails, log why and keep what is stored.
    """
    root = services.settings.seeds_path
    if root is None:
        return
    try:
        report = await services.reloader.reload(root)
    except (ReloadError, StorageError) as error:
        log.error("%s", worded(error, terminal=True))
        return
    except Exception:
        log.exception("the seeds can't be loaded")
        return
    records, stories = count(report.records, "record"), count(report.stories, "story")
    log.info("%s, %s, %s failed", records, stories, count(len(report.failed), "file"))


async def clear_samples(services: Services) -> None:
    """Remove the bundled samples that earlier versions loaded, and say what to do if no news is left."""
    root = services.settings.seeds_path
    if root is None or root.resolve() != BUNDLED_SEEDS.resolve():
        removed = await remove_samples(services.database, BUNDLED_SEEDS, services.clock)
        if removed:
            log.warning("the bundled samples aren't news: removed %s", count(removed, "record"))


async def mention_emptiness(services: Services) -> None:
    """Log what to do if there is no news, and nothing that it could come from."""
    async with services.database.reading() as connection:
        held = await connection.run(seeds.totals)
        known = await connection.run(feeds.feeds)
    if not held.articles and not known:
        log.warning("there's no news yet: add a feed with `broadsheet source add ADDRESS`, or set SEEDS_PATH")


async def watch_seeds(services: Services, stop: asyncio.Event) -> None:
    """Reload the seeds whenever they change, if that is wanted, until stopped."""
    root = services.settings.seeds_path
    while root is not None and services.settings.seeds_watch and not stop.is_set():
        try:
            await watch(services.reloader, root, stop)
        except Exception:
            log.exception("can't watch the seeds; trying again")
            await asyncio.sleep(RETRY)


@asynccontextmanager
async def reindexing(database: Database, tenure: Tenure) -> AsyncIterator[None]:
    """Fill a new search index while the block runs, if there is one and no other process does."""
    filling = asyncio.create_task(_reindex(database, tenure))
    try:
        yield
    finally:
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)


async def _reindex(database: Database, tenure: Tenure) -> None:
    await tenure.wait_to_collect()
    while True:
        try:
            await reindex(database)
        except Exception:
            log.exception("the new search index can't be filled; trying again")
            await asyncio.sleep(RETRY)
        else:
            return
