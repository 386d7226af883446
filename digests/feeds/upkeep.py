"""Articles of feeds are judged anew when what they are judged by changes, and forgotten when they are old."""

from collections.abc import Callable
from datetime import datetime

from digests.feeds.entries import Entry
from digests.feeds.records import Judgement, judged, record_of
from digests.feeds.store import judgement
from digests.stories.ingest import store, tidy
from digests.text import slugify
from storage import entries, feeds
from storage.engine import Connection, Database, ReadConnection
from storage.entries import StoredEntry
from storage.models import Provider, Record

AT_ONCE = 100  # entries in one transaction
FIRST = -(2**63)


async def judge_anew(
    database: Database,
    now: datetime,
    feed_id: int | None = None,
    *,
    on_progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Give the articles of a feed, or of all, the topics and quality that they have by now.

    Returns how many changed. `on_progress` hears how many were looked at.
    """
    after, looked_at, changed = FIRST, 0, 0
    async with database.reading() as connection:
        by = await connection.run(judgement)
    while True:
        async with database.reading() as connection:
            found = await connection.run(entries.stored, after, AT_ONCE, feed_id)
            records = await connection.run(_judged, [entry for _, entry in found], by)
        if records:
            async with database.transaction() as connection:
                await store(connection, records, {}, (), now)
        changed += len(records)
        looked_at += len(found)
        on_progress(looked_at)
        if len(found) < AT_ONCE:
            break
        after = found[-1][0]
    if changed:
        await tidy(database)
    return changed


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


def _judged(reader: ReadConnection, found: list[StoredEntry], by: Judgement) -> list[Record]:
    """Return the records of entries that are judged otherwise now; their feeds' topics go with a feed."""
    ids = {each.feed_id for each in found}
    by_id = {feed_id: feeds.get(reader, feed_id) for feed_id in ids}
    records = []
    tags = entries.topics_of(reader, [entry.key for entry in found])
    for each in found:
        feed = by_id[each.feed_id]
        if feed is None:
            continue
        image, width = each.image_url or "", each.image_width
        entry = Entry("", each.url, each.title, each.excerpt, image_url=image, image_width=width)
        outlet = Provider(each.outlet, each.domain)
        topics, quality = judged(entry, outlet, feed.options.topics, feed.options.quality, by)
        if quality != each.quality or set(map(slugify, topics)) != tags.get(each.key, set()):
            records.append(record_of(each.key, entry, outlet, each.published_at, topics, quality))
    return records
