"""Lists of feeds, as other readers write and read them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digests.errors import ListTooLongError, ListUnreadableError
from digests.feeds.addresses import as_address, host_of, without_credentials
from digests.feeds.opml import MAX_BYTES, MAX_FEEDS, ListedFeed, read_opml
from digests.feeds.outline import OutlineError
from digests.feeds.poll import first_checks
from digests.feeds.problems import FeedError
from digests.feeds.sources import get_feed
from digests.stories.urls import canonical
from storage import feeds
from storage.engine import Database, ReadConnection
from storage.feeds import Feed, FeedOptions


@dataclass(frozen=True, slots=True)
class ListAdded:
    """What came of a list: the feeds that were added, how many were there already, and what is no address."""

    added: Sequence[Feed]
    known: int
    failed: Sequence[tuple[str, FeedError]]


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


def _addresses(reader: ReadConnection) -> set[str]:
    return {canonical(feed.url) or feed.url for feed in feeds.feeds(reader)}
