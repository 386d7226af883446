"""One check of a feed: fetched, read, or what is wrong with it."""

import logging
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from hashlib import blake2b

from digests.feeds.addresses import host_of
from digests.feeds.entries import ReadFeed
from digests.feeds.fetch import Document, Fetcher, Validators
from digests.feeds.pace import Pace
from digests.feeds.parse import Parser
from digests.feeds.problems import FeedError, FeedProblem
from storage.feeds import Feed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Check:
    """How a check of a feed went: `read` is None where nothing changed, and where an error says why not.

    `document` is kept without its body, of which `digest` is left.
    """

    feed: Feed
    document: Document | None = None
    digest: bytes | None = None
    read: ReadFeed | None = None
    error: FeedError | None = None


class Checker:
    """Checks feeds, in their hosts' turn."""

    def __init__(self, fetcher: Fetcher, parser: Parser, pace: Pace) -> None:
        self.fetcher = fetcher
        self._parser = parser
        self._pace = pace

    async def check(self, feed: Feed, *, room: AbstractAsyncContextManager[object] | None = None) -> Check:
        """Fetch and read a feed if it changed; whatever goes wrong is its own fault, and no other's.

        `room` is entered for the time of fetching.
        """
        try:
            known = Validators(feed.etag, feed.modified)
            document = await self.fetch(feed.url, known, room)
            if document.body is None:
                return Check(feed, document)
            digest = digest_of(document)
            read = None if digest == feed.digest else await self.read(document)
            return Check(feed, replace(document, body=None), digest, read)
        except FeedError as error:
            return Check(feed, error=error)
        except Exception:
            log.exception("feed %d can't be checked", feed.id)
            return Check(feed, error=FeedError(FeedProblem.INTERNAL))

    async def fetch(
        self,
        url: str,
        known: Validators = Validators(),  # noqa: B008 - frozen
        room: AbstractAsyncContextManager[object] | None = None,
    ) -> Document:
        """Return the document at an address, when its host's turn has come; raises FeedError."""
        async with self._pace.turn(host_of(url)), room or nullcontext():
            return await self.fetcher.fetch(url, known)

    async def read(self, document: Document) -> ReadFeed:
        """Return what a document says; raises FeedError, also where none of its entries leads anywhere."""
        read = await self._parser.parse(document)
        if read.entries and not any(entry.url for entry in read.entries):
            raise FeedError(FeedProblem.NO_LINKS)
        return read


def digest_of(document: Document) -> bytes:
    """Return what tells a document from another version of it."""
    return blake2b(document.body or b"", digest_size=16).digest()
