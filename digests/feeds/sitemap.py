"""News sitemaps to entries."""

import re

from digests.feeds.entries import MAX_NAME, MAX_TITLE, Entry, ReadFeed, moment_of, newest, without_middle
from digests.feeds.markup import absolute, plain
from digests.feeds.outline import Element, OutlineError, read_outline
from digests.feeds.problems import FeedError, FeedProblem
from digests.text import shorten

ROOT = re.compile(rb"<(?:[\w.-]+:)?urlset[\s>]")
CLOSES = re.compile(rb"</(?:[\w.-]+:)?url\s*>")
LOOKED_AT = 4_000  # bytes, in which the first element begins


def is_sitemap(body: bytes) -> bool:
    """Say whether a document is a sitemap."""
    return ROOT.search(body[:LOOKED_AT]) is not None


def read_sitemap(body: bytes, url: str) -> ReadFeed:
    """Return what a sitemap says of news; raises FeedError where it is damaged or says nothing of them."""
    try:
        root = read_outline(without_middle(body, CLOSES))
    except OutlineError as error:
        raise FeedError(FeedProblem.NO_ENTRIES, error.reason) from error
    entries = [_entry(each, url) for each in root.children if each.name == "url" and each.said("title")]
    if root.children and not entries:
        raise FeedError(FeedProblem.NO_FEED)
    first = root.children[0] if root.children else root
    return ReadFeed(
        title=shorten(plain(first.said("name")), MAX_NAME),
        site=absolute("/", url),
        description="",
        language=first.said("language")[:MAX_NAME],
        ttl=0,
        entries=newest(entries),
    )


def _entry(element: Element, url: str) -> Entry:
    parts = {child.name: child for child in element.children}
    news = parts.get("news", element)
    link = absolute(element.said("loc"), url)
    return Entry(
        guid=link,
        url=link,
        title=shorten(plain(news.said("title")), MAX_TITLE),
        published=moment_of(news.said("publication_date") or element.said("lastmod")),
        outlet=shorten(plain(news.said("name")), MAX_NAME),
        image_url=absolute(parts["image"].said("loc"), url) if "image" in parts else "",
        language=news.said("language")[:MAX_NAME],
    )
