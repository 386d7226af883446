"""Sources as an operator manages them: adding, finding, changing feeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digests.errors import SourceKnownError, SourceNotFoundError
from digests.feeds.addresses import as_address, host_of
from digests.feeds.check import Check, Checker, digest_of
from digests.feeds.find import FeedFound, find_feed
from digests.feeds.judging import Judge
from digests.feeds.records import Judged
from digests.feeds.store import preview_records, store_checks
from digests.stories.events import Events
from digests.stories.urls import canonical
from storage import feeds, judging
from storage.engine import Connection, Database, ReadConnection
from storage.feeds import Feed, FeedOptions
from storage.models import Record
from storage.search.letters import fold


@dataclass(frozen=True, slots=True)
class Added:
    """A feed that was added, and as it was found; None where nobody looked."""

    feed: Feed
    found: FeedFound | None


@dataclass(frozen=True, slots=True)
class Tried:
    """A feed as it would be added, and the records that it would make, as they would be judged."""

    feed: Feed
    found: FeedFound
    records: Sequence[tuple[Record, Judged]]


async def add_feed(
    database: Database,
    checker: Checker,
    clock: Callable[[], datetime],
    text: str,
    options: FeedOptions,
    *,
    unchecked: bool = False,
) -> Added:
    """Add the feed at an address, with what it holds just now.

    Only what could be fetched and read is stored, unless it is to stay `unchecked` for now. Raises FeedError,
    or SourceKnownError.
    """
    if unchecked:
        url = as_address(text)
        async with database.transaction() as connection:
            await connection.run(_require_new, url)
            now = clock()
            feed_id = await feeds.add(connection, url, host_of(url), options, now, now)
            return Added(await connection.run(get_feed, feed_id), None)
    async with database.reading() as connection:
        await connection.run(_require_new, as_address(text))
    found = await find_feed(checker, text)
    events = Events()
    async with database.reading() as connection:
        await connection.run(events.load)
    async with Judge(database).judging() as (connection, by):
        await connection.run(_require_new, found.url)
        now = clock()
        feed_id = await feeds.add(connection, found.url, host_of(found.url), options, now, now)
        feed = await connection.run(get_feed, feed_id)
        check = Check(feed, found.document, digest_of(found.document), found.read)
        await store_checks(connection, [check], by, now, events)
        return Added(await connection.run(get_feed, feed_id), found)


async def try_feed(database: Database, checker: Checker, clock: Callable[[], datetime], text: str) -> Tried:
    """Return the feed at an address as it would be added, and what it holds; nothing is stored."""
    found = await find_feed(checker, text)
    now = clock()
    feed = replace(_unstored(found, now), entries=len(found.read.entries))
    async with database.reading() as connection:
        by = await connection.run(Judge(database).judgement)
        return Tried(feed, found, await connection.run(preview_records, feed, found.read, by, now))


def get_feed(reader: ReadConnection, feed_id: int) -> Feed:
    """Return a feed by its id; raises SourceNotFoundError."""
    feed = feeds.get(reader, feed_id)
    if feed is None:
        raise SourceNotFoundError(str(feed_id))
    return feed


def find_source(reader: ReadConnection, text: str) -> Feed:
    """Return the feed with this id, address or name; raises SourceNotFoundError."""
    known = feeds.feeds(reader)
    wanted = fold(text.strip())
    address = canonical(text.strip())
    for feed in known:
        if wanted in {str(feed.id), fold(feed.url)} or (address and canonical(feed.url) == address):
            return feed
    named = [feed for feed in known if fold(feed.name) == wanted]
    if len(named) != 1:
        raise SourceNotFoundError(text)
    return named[0]


def complete_sources(reader: ReadConnection, text: str, limit: int) -> list[Feed]:
    """Return the feeds whose name or address holds a text, those first whose name begins with it."""
    typed = fold(text.strip())
    found = [feed for feed in feeds.feeds(reader) if typed in fold(f"{feed.name} {feed.url}")]
    return sorted(found, key=lambda feed: (not fold(feed.name).startswith(typed), feed.name))[:limit]


async def change_feed(
    connection: Connection,
    feed_id: int,
    options: FeedOptions,
    url: str | None,
    now: datetime,
    *,
    resume: bool = False,
) -> Feed:
    """Change what the operator says of a feed, and its address; one that is to `resume` is checked soon."""
    before = await connection.run(get_feed, feed_id)
    await feeds.set_options(connection, feed_id, options)
    if (options.topics, options.quality) != (before.options.topics, before.options.quality):
        await judging.judge_feed(connection, feed_id)
    moved = as_address(url) if url is not None else before.url
    if moved != before.url:
        await connection.run(_require_new, moved)
        await feeds.set_url(connection, feed_id, moved, host_of(moved))
    if resume or moved != before.url:
        await feeds.set_next_check(connection, feed_id, now)
    return await connection.run(get_feed, feed_id)


def _require_new(reader: ReadConnection, url: str) -> None:
    """Raise SourceKnownError if a feed is there already."""
    wanted = canonical(url) or url
    for feed in feeds.feeds(reader):
        if (canonical(feed.url) or feed.url) == wanted:
            raise SourceKnownError(feed.id, feed.name)


def _unstored(found: FeedFound, now: datetime) -> Feed:
    read = found.read
    return Feed(
        id=0,
        url=found.url,
        host=host_of(found.url),
        options=FeedOptions(topics=(read.title or host_of(found.url),)),
        added_at=now,
        title=read.title,
        site=read.site,
        description=read.description,
        spoken=read.language,
        ttl=read.ttl,
        next_at=now,
        checked_at=now,
        succeeded_at=now,
        read_at=None,
        etag=None,
        modified=None,
        digest=None,
        failures=0,
        failing_since=None,
        problem=None,
        notified=False,
        moved_to=None,
        moved_since=None,
        ended_at=None,
        entries=0,
    )
