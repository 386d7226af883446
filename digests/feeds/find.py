"""Address to feed: the one that is there, or that the page there has about itself."""

from dataclasses import dataclass, replace

from digests.feeds.addresses import as_address
from digests.feeds.check import Checker
from digests.feeds.discover import FoundFeed, linked_feeds, usual_places
from digests.feeds.entries import ReadFeed
from digests.feeds.fetch import Document
from digests.feeds.problems import FeedError, FeedProblem


@dataclass(frozen=True, slots=True)
class FeedFound:
    """A feed that was found at an address, and the others of the page that was there."""

    url: str
    document: Document
    read: ReadFeed
    others: tuple[FoundFeed, ...] = ()


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
