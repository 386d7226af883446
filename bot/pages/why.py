"""Pages of reasons: why an edition holds what it holds, of one delivered or of a preview."""

from collections.abc import Mapping
from datetime import date, datetime

from bot.errors import NoticeError
from bot.locale import _
from bot.services import Services
from bot.views.buttons import preview_key, preview_window
from bot.views.layout import View
from bot.views.reasons import why_view
from digests.editions.edition import DEFAULT_STORIES, Options
from digests.editions.preview import delivered_edition, edition_of_window, preview_edition
from storage import outbox, topics
from storage.models import Topic


async def find_why_view(
    services: Services, channel_id: int, topic: Topic, when: date | datetime | None
) -> View:
    """Return the reasons of the edition that a channel got for a date, or else of a preview of it.

    Without a date it is the last edition, or the topic's newest day. Raises NotFoundError where the
    topic has no stories.
    """
    async with services.database.reading() as connection:
        issue_date = f"{when:%Y-%m-%d}" if when else None
        delivery = await outbox.find(connection, channel_id, topic.id, issue_date)
        if delivery is None:
            edition = await preview_edition(connection, topic, when, 1, Options(), services.clock())
            key = preview_key(topic.id, edition.window, DEFAULT_STORIES)
            return why_view(edition, f"preview-reasons:{key}", 0)
    return await delivered_why_view(services, delivery.id, 0)


async def delivered_why_view(services: Services, delivery_id: int, page: int) -> View:
    """Return a page of a delivered edition's reasons; raises EditionForgottenError where it isn't kept."""
    async with services.database.reading() as connection:
        edition = await delivered_edition(connection, delivery_id)
    return why_view(edition, f"reasons:{delivery_id}", page)


async def preview_why_view(services: Services, state: Mapping[str, int], page: int) -> View:
    """Return a page of the reasons of the preview that a button's state tells of.

    Raises NoticeError where its topic is gone.
    """
    window, limit = preview_window(state["since"], state["until"]), state["limit"]
    async with services.database.reading() as connection:
        topic = await topics.get(connection, state["topic"])
        if topic is None:
            raise NoticeError(_("This topic is gone. `/topics` shows the ones there are."))
        edition = await edition_of_window(connection, topic, window, Options(limit=limit))
    return why_view(edition, f"preview-reasons:{preview_key(topic.id, window, limit)}", page)
