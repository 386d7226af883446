"""Articles of feeds are forgotten when they are old, or with their feed."""

from collections.abc import Callable
from datetime import datetime

from digests.stories.ingest import store, tidy
from storage import entries
from storage.engine import Connection, Database, ReadConnection

AT_ONCE = 100  # entries in one transaction


async def forget_feed(database: Database, feed_id: int, now: datetime) -> int:
    """Forget the articles that only this feed holds, and return how many entries that were."""
    return await _forget(database, now, lambda reader, most: entries.keys_of_feed(reader, feed_id, most))


async def forget_old_entries(database: Database, before: datetime, now: datetime) -> int:
    """Forget articles that their feeds don't hold any more, and haven't since a moment; return how many."""
    return await _forget(database, now, lambda reader, most: entries.old_keys(reader, before, most))


async def _forget(
    database: Database, now: datetime, chosen: Callable[[ReadConnection, int], list[str]]
) -> int:
    total = 0
    while True:
        async with database.transaction() as connection:
            keys = await connection.run(chosen, AT_ONCE)
            if keys:
                await _forget_records(connection, keys, now)
        total += len(keys)
        if len(keys) < AT_ONCE:
            break
    if total:
        await tidy(database)
    return total


async def _forget_records(connection: Connection, keys: list[str], now: datetime) -> None:
    articles = await connection.run(entries.articles_of, keys)
    await store(connection, (), {}, keys, now)
    await entries.forget(connection, keys)
    await entries.forget_silent_articles(connection, articles)
