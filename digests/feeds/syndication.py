"""RSS, RDF and Atom to entries, by feedparser."""

import re
from calendar import timegm
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

import feedparser

from digests.feeds.entries import (
    MAX_EXCERPT,
    MAX_GUID,
    MAX_NAME,
    MAX_TITLE,
    Entry,
    ReadFeed,
    is_plausible,
    newest,
    without_middle,
)
from digests.feeds.markup import Picture, absolute, excerpt_of, picture_of, pixels, plain, text_of
from digests.feeds.problems import FeedError, FeedProblem
from digests.text import shorten
from storage.models import from_epoch

PLAIN = "text/plain"
OPENS = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>]")
CLOSES = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>")
DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
SECONDS_OF_MINUTE = 60
MAX_TTL = 86_400


def read_xml(body: bytes, url: str, content_type: str, language: str) -> ReadFeed:
    """Return what an XML feed says, even if it is damaged.

    Raises FeedError where it is none, or nothing is left of it.
    """
    said = {
        "content-type": _content_type(body, content_type),
        # Joining each address to the document's takes as long as all else; absolute() does it where needed.
        "content-location": url if b"xml:base" in body else "",
        "content-language": language,
    }
    found = feedparser.parse(
        BytesIO(without_middle(body, CLOSES)),  # of bytes themselves it takes some for a file's name
        response_headers={name: value for name, value in said.items() if value},
        resolve_relative_uris=False,
        sanitize_html=False,  # no markup gets past here anyway
    )
    items = list(found.entries)
    if found.bozo and items and _breaks_off(body, has_guids=any(item.get("id") for item in items[:-1])):
        del items[-1]
    if not items:
        _require_feed(found)
    feed = found.feed
    site = absolute(_text(feed.get("link")), url)
    spoken = _text(feed.get("language")) or _text(feed.get("title_detail", {}).get("language")) or language
    is_atom = found.version.startswith("atom")
    # RSS has no base: what is written in short is meant as seen from the site.
    base = url if is_atom or not site else site
    # Of plain dicts, which are quicker than feedparser's own.
    entries = [_entry(dict(item), base, spoken, is_atom=is_atom) for item in items]
    return ReadFeed(
        title=shorten(_line(feed, "title", is_atom=is_atom), MAX_NAME),
        site=site,
        description=shorten(_line(feed, "subtitle", is_atom=is_atom), MAX_EXCERPT),
        language=spoken[:MAX_NAME],
        ttl=_ttl(_text(feed.get("ttl"))),
        entries=newest(entries),
    )


def _require_feed(found: Any) -> None:
    """Raise FeedError unless a document without entries is plainly an empty feed."""
    if not found.version:
        raise FeedError(FeedProblem.NO_FEED)
    if found.bozo and not isinstance(found.bozo_exception, feedparser.CharacterEncodingOverride):
        raise FeedError(FeedProblem.NO_ENTRIES)


def _breaks_off(body: bytes, *, has_guids: bool) -> bool:
    """Say whether the last entry ends before what tells it from others was said whole."""
    opened = [match.start() for match in OPENS.finditer(body)]
    if not opened or CLOSES.search(body, opened[-1]):
        return False
    last = body[opened[-1] :]
    has_link = b"</link>" in last or re.search(rb"<link\b[^<>]*\bhref\b[^<>]*>", last) is not None
    is_cut = any(last.count(b"<" + name) > last.count(b"</" + name) for name in (b"title", b"guid", b"id>"))
    lacks_guid = has_guids and b"</guid>" not in last and b"</id>" not in last
    return is_cut or lacks_guid or not has_link or b"</title>" not in last


def _content_type(body: bytes, said: str) -> str:
    """Return the type of a document that is UTF-8, whatever its server says; else what that says."""
    declared = DECLARED.match(body[:200].lstrip())
    if declared and declared[1].lower() not in {b"utf-8", b"utf8"}:
        return said
    try:
        body.decode()
    except UnicodeDecodeError:
        return said
    return "application/xml; charset=utf-8"


def _entry(item: Mapping[str, Any], base: str, language: str, *, is_atom: bool) -> Entry:
    title = _line(item, "title", is_atom=is_atom)
    markup = list(_markup(item))
    texts = (text if kind == PLAIN else text_of(text) for text, kind, _ in markup)
    excerpt = next((text for each in texts if (text := excerpt_of(each, MAX_EXCERPT))), "")
    source = item.get("source") or {}
    picture = _picture(item, base, [(text, where or base) for text, kind, where in markup if kind != PLAIN])
    detail = item.get("title_detail") or {}
    return Entry(
        guid=_text(item.get("id")).strip()[:MAX_GUID],
        url=_link(item, base),
        title=shorten(title, MAX_TITLE),
        excerpt=excerpt,
        published=_published(item),
        outlet=shorten(plain(_text(source.get("title"))), MAX_NAME),
        outlet_url=absolute(_text(source.get("link")) or _text(source.get("href")), base),
        image_url=picture.url if picture else "",
        image_width=picture.width if picture else 0,
        language=(_text(item.get("language")) or _text(detail.get("language")) or language)[:MAX_NAME],
    )


def _line(of: Mapping[str, Any], name: str, *, is_atom: bool) -> str:
    """Return a text of a feed or an entry on one line. Atom says whether it is HTML; others may always be."""
    text, detail = _text(of.get(name)), of.get(f"{name}_detail") or {}
    return plain(text) if is_atom and detail.get("type") == PLAIN else text_of(text)


def _markup(item: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield an entry's summary and contents: text, type, what its addresses are relative to."""
    detail = item.get("summary_detail")
    if detail or not item.get("content"):  # else feedparser has made the summary of the content
        yield _text(item.get("summary")), "", _text((detail or {}).get("base"))
    for content in item.get("content") or ():
        yield _text(content.get("value")), _text(content.get("type")), _text(content.get("base"))


def _link(item: Mapping[str, Any], base: str) -> str:
    """Return where an entry leads: feedburner's original, its link, its id or what it encloses."""
    enclosed = (_text(each.get("href")) for each in _enclosed(item))
    guid = _text(item.get("id")).strip()
    told = [_text(item.get("feedburner_origlink")), _text(item.get("link"))]
    if guid.startswith(("http://", "https://")):
        told.append(guid)
    return next((url for each in (*told, *enclosed) if (url := absolute(each, base))), "")


def _picture(item: Mapping[str, Any], base: str, contents: Iterable[tuple[str, str]]) -> Picture | None:
    """Return the widest picture that an entry names, else the first within its content."""
    named = [
        (each.get("url"), each.get("width"))
        for each in item.get("media_content") or ()
        if _is_picture(_text(each.get("type")), _text(each.get("medium")), _text(each.get("url")))
    ]
    named += [(each.get("url"), each.get("width")) for each in item.get("media_thumbnail") or ()]
    named += [
        (each.get("href"), 0)
        for each in _enclosed(item)
        if _is_picture(_text(each.get("type")), "", _text(each.get("href")))
    ]
    image = item.get("image")
    if isinstance(image, Mapping):
        named.append((image.get("href"), 0))
    pictures = [Picture(url, pixels(width)) for at, width in named if (url := absolute(_text(at), base))]
    if pictures:
        return max(pictures, key=lambda picture: picture.width)  # the first of equals
    return next((found for text, where in contents if (found := picture_of(text, where))), None)


def _enclosed(item: Mapping[str, Any]) -> list[Any]:
    return [each for each in item.get("links") or () if each.get("rel") == "enclosure"]


def _is_picture(kind: str, medium: str, url: str) -> bool:
    if kind or medium:
        return medium == "image" or kind.startswith("image")
    return url.lower().partition("?")[0].endswith((".jpg", ".jpeg", ".png", ".webp", ".gif"))


def _published(item: Mapping[str, Any]) -> datetime | None:
    """Return when an entry was published, or else updated; None without a time that there can be."""
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        if parsed := item.get(name):
            try:
                moment = from_epoch(timegm(parsed))
            except (ValueError, OverflowError, TypeError, OSError):
                continue
            if is_plausible(moment):
                return moment
    return None


def _ttl(minutes: str) -> int:
    text = minutes.strip()
    return min(int(text[:6]) * SECONDS_OF_MINUTE, MAX_TTL) if text.isdecimal() and text.isascii() else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
