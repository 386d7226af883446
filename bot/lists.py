"""Pages of lists: made for the command that asks, and again for every button that turns a page."""

from datetime import datetime
from typing import Any

from bot.services import Services
from bot.views.layout import View
from bot.views.listing import STORIES_PER_PAGE, page_count, stories_view
from bot.views.text import brief, plain
from digests.errors import NotFoundError
from digests.lookups import Results, find_topic, latest_stories, search_stories
from digests.wording import shorten
from storage import listings
from storage.database import Connection
from storage.models import Topic
from storage.search import Filters

EXPIRED = "This list is too old to turn its pages. Type the command again."
NOT_YOURS = "Only the person who asked can turn these pages. Type the command yourself to get your own."
NO_MATCH = (
    "Nothing found. Try fewer or other words, the beginning of a word, or another topic;"
    " `/stories latest` shows what is new."
)
NO_STORIES = "There are no stories yet."


async def new_list(services: Services, user_id: int, query: dict[str, Any]) -> View:
    """Return the first page of a list, and keep its query for the pages that follow."""
    async with services.database.transaction() as connection:
        listing_id = await listings.add(connection, user_id, query, services.clock())
    return await _page(services, listing_id, query, 0)


async def turn_page(services: Services, user_id: int, listing_id: int, page: int) -> View:
    """Return another page; raises NotFoundError where the list is gone or somebody else's."""
    async with services.database.reading() as connection:
        listing = await listings.get(connection, listing_id)
    if listing is None:
        raise NotFoundError(EXPIRED)
    if listing.user_id != user_id:
        raise NotFoundError(NOT_YOURS)
    return await _page(services, listing_id, listing.query, page)


async def _page(services: Services, listing_id: int, query: dict[str, Any], page: int) -> View:
    now = services.clock()
    async with services.database.reading() as connection:
        topic = await find_topic(connection, query["topic"], now) if query.get("topic") else None
        results = await _results(connection, query, topic, now, page)
        if page and not results.stories:  # stories went away since the button was made
            page = page_count(results.total) - 1
            results = await _results(connection, query, topic, now, page)
    words = query.get("words")
    heading = f"Stories with {plain(shorten(words, 80))}" if words else "Latest stories"
    if topic:
        heading += f" · {brief(topic.name)}"
    return stories_view(heading, results, listing_id, page, NO_MATCH if words else NO_STORIES)


async def _results(
    connection: Connection, query: dict[str, Any], topic: Topic | None, now: datetime, page: int
) -> Results:
    offset = page * STORIES_PER_PAGE
    if "words" not in query:
        return await latest_stories(connection, topic, now, STORIES_PER_PAGE, offset)
    filters = Filters(topic_id=topic.id if topic else None)
    return await search_stories(connection, query["words"], filters, now, STORIES_PER_PAGE, offset)
