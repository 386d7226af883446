"""The list of sources, built for the command, and again for every button that turns a page."""

from bot.services import Services
from bot.views.layout import View
from bot.views.paging import page_count
from bot.views.sources import PER_PAGE, sources_view
from storage import feeds


async def sources_page(services: Services, page: int) -> View:
    """Return a page, counted from 0, of all sources."""
    async with services.database.reading() as connection:
        found = await connection.run(feeds.feeds)
    pages = page_count(len(found), PER_PAGE)
    page = min(page, pages - 1)
    return sources_view(found[page * PER_PAGE : (page + 1) * PER_PAGE], page, pages)
