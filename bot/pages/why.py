"""Pages of reasons: why a delivered edition or a preview holds what it holds."""

from collections.abc import Mapping
from datetime import date, datetime

from bot.services import Services
from bot.views.buttons import preview_key, preview_window
from bot.views.layout import View
from bot.views.reasons import why_view
from digests.editions.edition import DEFAULT_STORIES, EditionOptions
from digests.editions.preview import delivered_edition, edition_of_window, preview_edition
from digests.errors import NotFoundError
from storage import outbox, topics
from storage.models import Topic


async def find_why_view(
    services: Services, channel_id: int, topic: Topic, when: date | datetime | None
) -> View:
    """Return the reasons of a channel's edition of `when`, or of a preview if the channel got none.

    Without `when` it is the channel's last edition, or a preview of the topic's newest day. Raises
    NotFoundError if the topic has no stories.
    """
    async with services.database.reading() as connection:
        issue_date = f"{when:%Y-%m-%d}" if when else None
        delivery = await connection.run(outbox.find, channel_id, topic.id, issue_date)
        if delivery is None:
            edition = await connection.run(
                preview_edition, topic, when, 1, EditionOptions(), services.clock()
            )
            key = preview_key(topic.id, edition.window, DEFAULT_STORIES)
            return why_view(edition, f"preview-reasons:{key}", 0)
    return await delivered_why_view(services, delivery.id, 0)


async def delivered_why_view(services: Services, delivery_id: int, page: int) -> View:
    """Return a page of a delivered edition's reasons; raises NotFoundError if they aren't kept any more."""
    async with services.database.reading() as connection:
        edition = await connection.run(delivered_edition, delivery_id)
    return why_view(edition, f"reasons:{delivery_id}", page)


async def preview_why_view(services: Services, state: Mapping[str, int], page: int) -> View:
    """Return a page of the reasons of a preview, built again from a button's state.

    Raises NotFoundError if its topic is gone.
    """
    window, limit = preview_window(state["since"], state["until"]), state["limit"]
    async with services.database.reading() as connection:
        topic = await connection.run(topics.get, state["topic"])
        if topic is None:
            raise NotFoundError("This topic isn't there any more. `/topics` lists those that are.")
        edition = await connection.run(edition_of_window, topic, window, EditionOptions(limit=limit))
    return why_view(edition, f"preview-reasons:{preview_key(topic.id, window, limit)}", page)
