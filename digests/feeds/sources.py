"""Sources as an operator manages them: adding, changing and removing feeds, and lists of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from digests.errors import ListTooLongError, ListUnreadableError, SourceKnownError, SourceNotFoundError
from digests.feeds.check import Check, Checker, digest_of, host_of
from digests.feeds.discover import FoundFeed, linked_feeds, usual_places
from digests.feeds.entries import ReadFeed
from digests.feeds.fetch import Document, as_address
from digests.feeds.judging import Judge
from digests.feeds.opml import MAX_BYTES, MAX_FEEDS, ListedFeed, read_opml
from digests.feeds.outline import OutlineError
from digests.feeds.poll import first_checks
from digests.feeds.problems import FeedError, FeedProblem
from digests.feeds.records import Judged
from digests.feeds.store import preview_records, store_checks
from digests.stories.urls import canonical
from storage import feeds, judging
from storage.engine import Connection, Database, ReadConnection
from storage.feeds import Feed, FeedOptions
from storage.models import Record
from storage.search.letters import fold


@dataclass(frozen=True, slots=True)
class FeedFound:
    """A feed that was found at an address, and the others of the page that was there."""

    url: str
    document: Document
    read: ReadFeed
    others: tuple[FoundFeed, ...] = ()


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


@dataclass(frozen=True, slots=True)
class ListAdded:
    """What came of a list: the feeds that were added, how many were there already, and what is no address."""

    added: Sequence[Feed]
    known: int
    failed: Sequence[tuple[str, FeedError]]


async def find_feed(checker: Checker, text: str) -> FeedFound:
    """Return the feed at an address, or the first that the page there has about itself; raises FeedError."""
    url = as_address(text)
    document = await checker.fetch(url)
    try:
        return FeedFound(url, document, await checker.read(document))
    except FeedError as error:
        is_html = error.problem is FeedProblem.NO_FEED and "html" in document.content_type.lower()
        if error.problem is not FeedProblem.PAGE and not is_html:
            raise
    linked = linked_feeds(document.body or b"", document.url)
    last: FeedError | None = None
    for place, each in enumerate(linked):
        try:
            found = await _read_at(checker, each.url)
        except FeedError as error:
            last = error
            continue
        return replace(found, others=(*linked[:place], *linked[place + 1 :]))
    if last:
        raise last
    for each_url in usual_places(document.url):
        try:
            return await _read_at(checker, each_url)
        except FeedError:
            continue
    raise FeedError(FeedProblem.NO_FEEDS)


async def _read_at(checker: Checker, url: str) -> FeedFound:
    document = await checker.fetch(url)
    return FeedFound(url, document, await checker.read(document))


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
    async with Judge(database).judging() as (connection, by):
        await connection.run(_require_new, found.url)
        now = clock()
        feed_id = await feeds.add(connection, found.url, host_of(found.url), options, now, now)
        feed = await connection.run(get_feed, feed_id)
        await store_checks(
            connection, [Check(feed, found.document, digest_of(found.document), found.read)], by, now
        )
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


async def add_list(
    database: Database, clock: Callable[[], datetime], listed: Iterable[ListedFeed]
) -> ListAdded:
    """Add the feeds of a list that aren't there yet, as new: they are checked at the usual pace."""
    wanted = list(listed)
    now = clock()
    added: list[Feed] = []
    failed: list[tuple[str, FeedError]] = []
    async with database.transaction() as connection:
        known = await connection.run(_addresses)
        dates = first_checks(now, len(wanted))
        for each in wanted:
            try:
                url = as_address(each.url)
            except FeedError as error:
                failed.append((each.url, error))
                continue
            identity = canonical(url) or url
            if identity in known:
                continue
            known.add(identity)
            options = FeedOptions(
                each.title,
                each.topics,
                each.quality,
                each.language,
                each.servers,
                each.paused,
                each.general,
            )
            feed_id = await feeds.add(connection, url, host_of(url), options, now, dates[len(added)])
            added.append(await connection.run(get_feed, feed_id))
    return ListAdded(added, len(wanted) - len(added) - len(failed), failed)


def read_list(file: Path) -> list[ListedFeed]:
    """Return the feeds that a file of OPML lists; raises ListUnreadableError and ListTooLongError."""
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise ListUnreadableError(file, error.strerror or str(error)) from error
    if len(data) > MAX_BYTES:
        raise ListUnreadableError(file, f"larger than {MAX_BYTES:,} bytes")
    try:
        found = read_opml(data)
    except OutlineError as error:
        raise ListUnreadableError(file, error.reason, error.line) from error
    if len(found) > MAX_FEEDS:
        raise ListTooLongError(file, len(found), MAX_FEEDS)
    return found


def listed_feeds(reader: ReadConnection) -> list[ListedFeed]:
    """Return every feed as a list names it."""
    return [
        ListedFeed(
            url=without_credentials(feed.url),
            title=feed.name,
            site=feed.site,
            topics=feed.options.topics,
            quality=feed.options.quality,
            language=feed.options.language,
            paused=feed.options.paused,
            servers=feed.options.servers,
            general=feed.options.general,
        )
        for feed in feeds.feeds(reader)
    ]


def without_credentials(url: str) -> str:
    """Return an address without the name and password that it may hold."""
    scheme, slashes, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{host.rpartition('@')[2]}{slash}{path}"


def _require_new(reader: ReadConnection, url: str) -> None:
    """Raise SourceKnownError if a feed is there already."""
    wanted = canonical(url) or url
    for feed in feeds.feeds(reader):
        if (canonical(feed.url) or feed.url) == wanted:
            raise SourceKnownError(feed.id, feed.name)


def _addresses(reader: ReadConnection) -> set[str]:
    return {canonical(feed.url) or feed.url for feed in feeds.feeds(reader)}


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
