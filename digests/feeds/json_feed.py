"""JSON Feed to entries: what one item has wrong costs that item alone."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from digests.feeds.entries import (
    MAX_ENTRIES,
    MAX_EXCERPT,
    MAX_GUID,
    MAX_NAME,
    MAX_TITLE,
    Entry,
    ReadFeed,
    moment_of,
    newest,
)
from digests.feeds.markup import absolute, excerpt_of, picture_of, plain, text_of
from digests.feeds.problems import FeedError, FeedProblem
from digests.text import shorten

VERSION = "jsonfeed.org/version"


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def _moment(value: object) -> datetime | None:
    return moment_of(value) if isinstance(value, str) else None


Text = Annotated[str, BeforeValidator(_text)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Items = Annotated[list[Any], BeforeValidator(lambda value: value if isinstance(value, list) else [])]


class _Fields(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Attachment(_Fields):
    """A file that goes with an item."""

    url: Text = ""
    mime_type: Text = ""


class Item(_Fields):
    """One item, as the format names its fields."""

    id: Text = ""
    url: Text = ""
    external_url: Text = ""
    title: Text = ""
    content_html: Text = ""
    content_text: Text = ""
    summary: Text = ""
    image: Text = ""
    banner_image: Text = ""
    date_published: Moment = None
    date_modified: Moment = None
    language: Text = ""
    attachments: Items = []


class Feed(_Fields):
    """A whole feed; `items` are looked at one by one."""

    version: Text = ""
    title: Text = ""
    home_page_url: Text = ""
    feed_url: Text = ""
    description: Text = ""
    language: Text = ""
    items: list[Any]


def read_json(body: bytes, url: str) -> ReadFeed:
    """Return what a JSON Feed says; raises FeedError where it is none."""
    try:
        feed = Feed.model_validate(json.loads(body))
    except (ValueError, RecursionError) as error:  # a ValidationError is one, too
        raise FeedError(FeedProblem.NO_FEED) from error
    ends = feed.items[:MAX_ENTRIES] + feed.items[MAX_ENTRIES:][-MAX_ENTRIES:]  # the newest are at one of them
    items = list(_items(ends))
    if VERSION not in feed.version and not any(item.id or item.url for item in items):
        raise FeedError(FeedProblem.NO_FEED)
    if feed.items and not items:
        raise FeedError(FeedProblem.NO_ENTRIES)
    base = absolute(feed.feed_url, url) or url
    return ReadFeed(
        title=shorten(plain(feed.title), MAX_NAME),
        site=absolute(feed.home_page_url, base),
        description=shorten(plain(feed.description), MAX_EXCERPT),
        language=feed.language[:MAX_NAME],
        ttl=0,
        entries=newest(_entry(item, base, feed.language) for item in items),
    )


def _items(items: list[Any]) -> Iterator[Item]:
    for each in items:
        try:
            yield Item.model_validate(each)
        except ValidationError:
            continue


def _entry(item: Item, base: str, language: str) -> Entry:
    texts = (plain(item.summary), text_of(item.content_html), plain(item.content_text))
    excerpt = next((text for each in texts if (text := excerpt_of(each, MAX_EXCERPT))), "")
    told = (item.url, item.external_url, item.id if item.id.startswith(("http://", "https://")) else "")
    link = next((found for each in told if (found := absolute(each, base))), "")
    pictures = (item.image, item.banner_image, *_attached(item))
    picture = next((found for each in pictures if (found := absolute(each, base))), "")
    inner = None if picture else picture_of(item.content_html, link or base)
    return Entry(
        guid=item.id.strip()[:MAX_GUID],
        url=link,
        title=shorten(plain(item.title), MAX_TITLE),
        excerpt=excerpt,
        published=item.date_published or item.date_modified,
        image_url=inner.url if inner else picture,
        image_width=inner.width if inner else 0,
        language=(item.language or language)[:MAX_NAME],
    )


def _attached(item: Item) -> Iterator[str]:
    for each in item.attachments:
        try:
            attachment = Attachment.model_validate(each)
        except ValidationError:
            continue
        if attachment.mime_type.startswith("image/"):
            yield attachment.url
