"""The list of what a person follows, built for the command, and again for everything pressed in it."""

from bot.services import Services
from bot.views.following import PER_PAGE, following_view
from bot.views.layout import View
from bot.views.paging import page_count
from digests.subscriptions.subscribe import statuses
from storage import subscriptions
from storage.models import Subscription


async def following_page(
    services: Services, user_id: int, page: int, ended: Subscription | None = None
) -> View:
    """Return a page, counted from 0, of a person's digests; `ended` is one that was just ended."""
    async with services.database.reading() as connection:
        found = await connection.run(subscriptions.of_person, user_id)
        pages = page_count(len(found), PER_PAGE)
        page = min(page, pages - 1)
        shown = await connection.run(statuses, found[page * PER_PAGE : (page + 1) * PER_PAGE])
    return following_view(shown, page, pages, ended)
