"""Page to its feeds: those that it links, else where feeds usually are."""

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from w3lib.html import get_base_url, remove_comments

from digests.feeds.markup import absolute
from digests.text import clean

LOOKED_AT = 2**20  # bytes of a page
LINK = re.compile(r"<link\b([^<>]{0,4000})>", re.IGNORECASE)
ATTRIBUTE = re.compile(
    r"""\b(rel|type|href|title)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
     "application/xml", "text/xml"}
)  # fmt: skip
COMMENTS = re.compile(r"comment|komment|coment|/replies", re.IGNORECASE)
MAX_FOUND = 20
USUAL = ("feed", "rss", "atom.xml", "feed.json", "rss.xml", "feed.xml", "index.xml")


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that a page links, by the title that it gives it."""

    url: str
    title: str


def linked_feeds(page: bytes, url: str) -> list[FoundFeed]:
    """Return the feeds that a page links, those of comments last."""
    text = remove_comments(page[:LOOKED_AT].decode("utf-8", "replace"))
    base = get_base_url(text, url)
    found: dict[str, FoundFeed] = {}
    for match in LINK.finditer(text):
        said = {name.lower(): clean(a or b or c) for name, a, b, c in ATTRIBUTE.findall(match[1])}
        kind = said.get("type", "").lower().partition(";")[0].strip()
        is_feed = kind in TYPES or (kind == "application/json" and "feed" in said.get("href", ""))
        address = absolute(said.get("href", ""), base)
        if is_feed and address and "alternate" in said.get("rel", "").lower().split():
            found.setdefault(address, FoundFeed(address, said.get("title", "")))
    return sorted(found.values(), key=_is_of_comments)[:MAX_FOUND]


def usual_places(url: str) -> list[str]:
    """Return where a site's feed usually is: below the page, and at the root of its site."""
    folder = url if url.endswith("/") else f"{url}/"
    roots = dict.fromkeys((folder.partition("?")[0], urljoin(url, "/")))
    return [urljoin(root, name) for name in USUAL for root in roots]


def _is_of_comments(feed: FoundFeed) -> bool:
    return COMMENTS.search(feed.title) is not None or COMMENTS.search(feed.url) is not None
