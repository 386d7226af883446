"""Pages of lists, built for the command, and again for every button that turns a page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from bot.errors import NoticeError, no_news
from bot.locale import _
from bot.services import Services
from bot.views.layout import View
from bot.views.listing import STORIES_PER_PAGE, TOPICS_PER_PAGE, stories_view, topics_view
from bot.views.paging import page_count
from bot.views.text import brief, day, no_words, plain
from digests.errors import NothingLoadedError
from digests.lookup.providers import find_provider
from digests.lookup.query import parse
from digests.lookup.results import Results
from digests.lookup.search import search_stories
from digests.lookup.stories import latest_stories, stories_from, top_stories
from digests.lookup.topics import find_topic, topic_entries
from digests.text import shorten
from storage import stories
from storage.engine import Connection, ReadConnection
from storage.listings import Listing
from storage.models import Order, Page, Topic
from storage.search.index import Filters

Query: TypeAlias = dict[
    str, Any
]  # what is stored of a list, as JSON; those of older versions must still be understood
Read: TypeAlias = Callable[[ReadConnection, Page], Results]  # reads a page of a list


async def new_list(services: Services, user_id: int, viewer: int, query: Query) -> View:
    """Return the first page of a list, and store its query for the following pages."""
    listing = await services.listings.add(user_id, query, services.clock())
    return await _page(services, listing, viewer, 0)


async def turn_page(services: Services, user_id: int, viewer: int, listing_id: int, page: int) -> View:
    """Return another page; raises NoticeError if the list is gone or somebody else's."""
    async with services.database.reading() as connection:
        listing = await connection.run(services.listings.get, listing_id)
    if listing is None:
        raise NoticeError(_("This list is too old to turn its pages. Run the command again."))
    if listing.user_id != user_id:
        raise not_yours()
    return await _page(services, listing, viewer, page)


def not_yours() -> NoticeError:
    """Return what a person is told who presses the button of a list that somebody else asked for."""
    return NoticeError(
        _("Only the person who asked can turn these pages. Run the command yourself to get your own.")
    )


async def _page(services: Services, listing: Listing, viewer: int, page: int) -> View:
    """Return a page as of the moment when the list was asked for, so that new stories don't shift it."""
    async with services.database.reading(viewer) as connection:
        if listing.query.get("topics"):
            return await _topics_page(connection, listing, page)
        return await _stories_page(connection, listing, page)


async def _topics_page(connection: Connection, listing: Listing, page: int) -> View:
    offset = page * TOPICS_PER_PAGE
    total, entries = await connection.run(topic_entries, listing.created_at, TOPICS_PER_PAGE, offset)
    if not total:
        raise NothingLoadedError
    if page and not entries:  # topics went away since the button was made
        return await _topics_page(connection, listing, page_count(total, TOPICS_PER_PAGE) - 1)
    return topics_view(entries, total, listing.id, page)


async def _stories_page(connection: Connection, listing: Listing, number: int) -> View:
    heading, empty, read = await _list_of(connection, listing.query, listing.created_at)
    page = Page(listing.created_at, STORIES_PER_PAGE, number * STORIES_PER_PAGE)
    results = await connection.run(read, page)
    if number and not results.stories:  # stories went away since the button was made
        total = (await connection.run(read, replace(page, offset=0))).total
        number = min(number, page_count(total, STORIES_PER_PAGE)) - 1
        results = await connection.run(read, replace(page, offset=number * STORIES_PER_PAGE))
    if not results.total and await connection.run(stories.is_empty):
        empty = no_news()
    return stories_view(heading, results, listing.id, number, empty)


async def _list_of(connection: Connection, query: Query, now: datetime) -> tuple[str, str, Read]:
    """Return a list's heading, its text if it is empty, and what reads a page of it."""
    topic = await connection.run(find_topic, query["topic"], now) if query.get("topic") else None
    about = brief(topic.name) if topic else ""
    since = _moment(query.get("since"))
    if "from" in query:
        provider = await connection.run(find_provider, query["from"])
        return (
            _("Stories from {outlet}", outlet=brief(provider.name)),
            _("No stories from this outlet right now. `/stories latest` shows what's new."),
            lambda reader, page: stories_from(reader, provider, page),
        )
    if "top" in query:
        return (
            _joined(_("Top stories"), about, _since(since)),
            _("No stories in that time. Try a longer one, such as `period:year`.")
            if since
            else _no_stories(),
            lambda reader, page: top_stories(reader, topic, since, page),
        )
    if "words" not in query:
        return (
            _joined(_("Latest stories"), about),
            _no_stories(),
            lambda reader, page: latest_stories(reader, topic, page),
        )
    return await _search(connection, query, topic)


async def _search(connection: Connection, query: Query, topic: Topic | None) -> tuple[str, str, Read]:
    provider = await connection.run(find_provider, query["source"]) if query.get("source") else None
    order = Order(query.get("order", Order.MATCH))
    filters = Filters(
        topic_id=topic.id if topic else None,
        provider_ids=provider.ids if provider else (),
        since=_moment(query.get("since")),
        until=_moment(query.get("until")),
        min_quality=query.get("min_quality", 0),
    )
    heading = _joined(
        _("Stories with {words}", words=plain(shorten(query["words"], 80))),
        brief(topic.name) if topic else "",
        brief(provider.name) if provider else "",
        _("quality {number} and up", number=filters.min_quality) if filters.min_quality else "",
        _in_order(order),
        _since(filters.since),
        _("until {date}", date=day(filters.until)) if filters.until else "",
    )
    return (
        heading,
        _no_match() if parse(query["words"]).wanted else no_words(),
        lambda reader, page: search_stories(reader, query["words"], filters, page, order),
    )


def _joined(*facts: str) -> str:
    """Return a heading of these facts; empty ones are left out."""
    return " · ".join(fact for fact in facts if fact)


def _since(moment: datetime | None) -> str:
    return _("since {date}", date=day(moment)) if moment else ""


def _in_order(order: Order) -> str:
    named = {Order.MATCH: "", Order.NEWEST: _("newest first"), Order.QUALITY: _("best quality first")}
    return named[order]


def _no_stories() -> str:
    return _("No stories yet.")


def _no_match() -> str:
    return _(
        "Nothing found. Try fewer words, other words or the beginning of a word;"
        " `/stories latest` shows what's new."
    )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
