"""Pages of lists: made for the command that asks, and again for every button that turns a page."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

from bot.errors import NoticeError
from bot.locale import _
from bot.services import Services
from bot.views.layout import View
from bot.views.listing import STORIES_PER_PAGE, TOPICS_PER_PAGE, stories_view, topics_view
from bot.views.paging import page_count
from bot.views.text import NO_WORDS, brief, day, plain
from digests.lookup.providers import find_source
from digests.lookup.query import parse
from digests.lookup.results import Results
from digests.lookup.search import search_stories
from digests.lookup.stories import latest_stories, stories_from, top_stories
from digests.lookup.topics import find_topic, topic_entries
from digests.text import shorten
from storage.listings import Listing
from storage.models import Topic
from storage.search.index import Filters, Order
from storage.sqlite.database import Connection, Reader

Query: TypeAlias = dict[str, Any]  # what a list is kept as, JSON: lists of older versions must be understood
Read: TypeAlias = Callable[[Reader, int], Results]  # what reads a list from an offset
NO_MATCH = (
    "Nothing found. Try fewer or other words, the beginning of a word, or another topic;"
    " `/stories latest` shows what is new."
)
NONE_FROM = (
    "There are none just now: what the bot had of this source is gone. `/stories latest` shows what is new."
)
NO_STORIES = "There are no stories yet."
NONE_SINCE = "There are none in that time. Try a longer one, such as `period:year`, or none."
ORDERS = {Order.MATCH: "", Order.NEWEST: "newest first", Order.QUALITY: "best quality first"}


async def new_list(services: Services, user_id: int, query: Query) -> View:
    """Return the first page of a list, and keep its query for the pages that follow."""
    listing = await services.listings.add(user_id, query, services.clock())
    return await _page(services, listing, 0)


async def turn_page(services: Services, user_id: int, listing_id: int, page: int) -> View:
    """Return another page; raises NoticeError where the list is gone or somebody else's."""
    async with services.database.reading() as connection:
        listing = await services.listings.get(connection, listing_id)
    if listing is None:
        raise NoticeError(_("This list is too old to turn its pages. Run the command again."))
    if listing.user_id != user_id:
        raise not_yours()
    return await _page(services, listing, page)


def not_yours() -> NoticeError:
    """Return what a person is told who presses the button of a list that somebody else asked for."""
    return NoticeError(
        _("Only the person who asked can turn these pages. Run the command yourself to get your own.")
    )


async def _page(services: Services, listing: Listing, page: int) -> View:
    """Return a page as of the moment when the list was asked for, so that what comes in moves nothing."""
    async with services.database.reading() as connection:
        if listing.query.get("topics"):
            return await _topics_page(connection, listing, page)
        return await _stories_page(connection, listing, page)


async def _topics_page(connection: Connection, listing: Listing, page: int) -> View:
    offset = page * TOPICS_PER_PAGE
    total, entries = await topic_entries(connection, listing.created_at, TOPICS_PER_PAGE, offset)
    if page and not entries:  # topics went away since the button was made
        return await _topics_page(connection, listing, page_count(total, TOPICS_PER_PAGE) - 1)
    return topics_view(entries, total, listing.id, page)


async def _stories_page(connection: Connection, listing: Listing, page: int) -> View:
    heading, empty, read = await _list_of(connection, listing.query, listing.created_at)
    results = await connection.run(read, page * STORIES_PER_PAGE)
    if page and not results.stories:  # stories went away since the button was made
        total = (await connection.run(read, 0)).total
        page = min(page, page_count(total, STORIES_PER_PAGE)) - 1
        results = await connection.run(read, page * STORIES_PER_PAGE)
    return stories_view(heading, results, listing.id, page, empty)


async def _list_of(connection: Connection, query: Query, now: datetime) -> tuple[str, str, Read]:
    """Return a list's heading, what it says where there is nothing, and what reads it from an offset."""
    topic = await find_topic(connection, query["topic"], now) if query.get("topic") else None
    about = f" · {brief(topic.name)}" if topic else ""
    since = _moment(query.get("since"))
    if "from" in query:
        source = await find_source(connection, query["from"])
        return (
            f"Stories from {brief(source.name)}",
            NONE_FROM,
            lambda reader, offset: stories_from(reader, source, now, STORIES_PER_PAGE, offset),
        )
    if "top" in query:
        return (
            f"Top stories{about}{_span(since, None)}",
            NONE_SINCE if since else NO_STORIES,
            lambda reader, offset: top_stories(reader, topic, since, now, STORIES_PER_PAGE, offset),
        )
    if "words" not in query:
        return (
            f"Latest stories{about}",
            NO_STORIES,
            lambda reader, offset: latest_stories(reader, topic, now, STORIES_PER_PAGE, offset),
        )
    return await _search(connection, query, topic, now)


async def _search(
    connection: Connection, query: Query, topic: Topic | None, now: datetime
) -> tuple[str, str, Read]:
    source = await find_source(connection, query["source"]) if query.get("source") else None
    order = Order(query.get("order", Order.MATCH))
    filters = Filters(
        topic_id=topic.id if topic else None,
        sources=source.ids if source else (),
        since=_moment(query.get("since")),
        until=_moment(query.get("until")),
        min_quality=query.get("min_quality", 0),
    )
    narrowed = [
        brief(topic.name) if topic else "",
        brief(source.name) if source else "",
        f"quality {filters.min_quality} and up" if filters.min_quality else "",
        ORDERS[order],
    ]
    heading = f"Stories with {plain(shorten(query['words'], 80))}"
    heading += "".join(f" · {each}" for each in narrowed if each) + _span(filters.since, filters.until)
    return (
        heading,
        NO_MATCH if parse(query["words"]).wanted else NO_WORDS,
        lambda reader, offset: search_stories(
            reader, query["words"], filters, now, STORIES_PER_PAGE, offset, order
        ),
    )


def _span(since: datetime | None, until: datetime | None) -> str:
    return (f" · since {day(since)}" if since else "") + (f" · until {day(until)}" if until else "")


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
