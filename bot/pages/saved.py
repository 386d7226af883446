"""The list of saved stories, built for the command, and again for every button in it."""

from bot.services import Services
from bot.views.layout import View
from bot.views.paging import page_count
from bot.views.saved import PER_PAGE, saved_view
from storage import saved
from storage.models import Page
from storage.saved import Saved


async def saved_page(services: Services, user_id: int, page: int, removed: Saved | None = None) -> View:
    """Return a page, counted from 0, of a person's saved stories; `removed` was just taken off it."""
    async with services.database.reading() as connection:
        total = await connection.run(saved.count, user_id)
        pages = page_count(total, PER_PAGE)
        page = min(page, pages - 1)
        shown = Page(services.clock(), PER_PAGE, page * PER_PAGE)
        found = await connection.run(saved.of_person, user_id, shown)
    return saved_view(found, total, page, pages, removed)
