"""Bytes to what a feed says, whatever kind of feed it is."""

import re

from digests.feeds.entries import ReadFeed
from digests.feeds.json_feed import read_json
from digests.feeds.problems import FeedError, FeedProblem
from digests.feeds.sitemap import is_sitemap, read_sitemap
from digests.feeds.syndication import read_xml

BEFORE = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"  # byte order marks, and what may stand at the beginning of a text
LOOKED_AT = 4_000  # bytes, in which a document says what it is
HTML = re.compile(
    rb"(?:<\?[^>]*>\s*|<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
FEED = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|item|entry)\b", re.IGNORECASE)


def read_feed(body: bytes, url: str, content_type: str = "", language: str = "") -> ReadFeed:
    """Return what a document says that was found at `url`, with its headers; raises FeedError.

    It may take any time and memory that the document wants: see parse.py.
    """
    start = body[:LOOKED_AT].lstrip(BEFORE)
    if start[:1] in {b"{", b"["}:
        return read_json(body, url)
    if is_sitemap(body):
        return read_sitemap(body, url)
    # What is none is told without reading it as one, which takes long.
    if HTML.match(start):
        raise FeedError(FeedProblem.PAGE)
    if b"\0" not in start and not FEED.search(body):
        raise FeedError(FeedProblem.NO_FEED)
    return read_xml(body, url, content_type, language)
