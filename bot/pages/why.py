"""Pages of reasons: why a delivered edition or a preview holds what it holds."""

from collections.abc import Mapping
from datetime import date, datetime

from bot.access.places import find_here, is_place_of
from bot.client import Interaction
from bot.errors import NoticeError
from bot.locale import _
from bot.services import Services
from bot.views.buttons import preview_key, preview_window
from bot.views.layout import View
from bot.views.reasons import why_view
from digests.editions.candidates import EditionOptions
from digests.editions.limits import DEFAULT_STORIES
from digests.editions.preview import delivered_edition, edition_of_window, preview_edition
from digests.errors import EditionForgottenError
from storage import outbox, topics
from storage.models import Topic


async def find_why_view(interaction: Interaction, topic: Topic, when: date | datetime | None) -> View:
    """Return the reasons of a channel's edition of `when`, or of a preview if the channel got none.

    Without `when` it is the channel's last edition, or a preview of the topic's newest day. Raises
    NotFoundError if the topic has no stories.
    """
    services, here = interaction.client.services, await find_here(interaction)
    async with services.database.reading() as connection:
        issue_date = f"{when:%Y-%m-%d}" if when else None
        delivery = await connection.run(outbox.find, here, topic.id, issue_date)
        if delivery is None:
            edition = await connection.run(
                preview_edition, topic, when, 1, EditionOptions(), services.clock()
            )
            key = preview_key(topic.id, edition.window, DEFAULT_STORIES)
            return why_view(edition, f"preview-reasons:{key}", 0)
    return await delivered_why_view(interaction, delivery.id, 0)


async def delivered_why_view(interaction: Interaction, delivery_id: int, page: int) -> View:
    """Return a page of a delivered edition's reasons, for people in the place that it was delivered to.

    Raises EditionForgottenError if they are gone, NoticeError if it was delivered somewhere else.
    """
    async with interaction.client.services.database.reading() as connection:
        delivery = await connection.run(outbox.get, delivery_id)
        if delivery is None:
            raise EditionForgottenError
        if not is_place_of(interaction, delivery):
            raise NoticeError(_("You can see why only where I posted the digest."))
        edition = await connection.run(delivered_edition, delivery)
    return why_view(edition, f"reasons:{delivery_id}", page)


async def preview_why_view(services: Services, state: Mapping[str, int], page: int) -> View:
    """Return a page of the reasons of a preview, built again from a button's state.

    What is published after now doesn't exist yet. Raises NoticeError if its topic is gone.
    """
    window, limit = preview_window(state["since"], state["until"]).by(services.clock()), state["limit"]
    async with services.database.reading() as connection:
        topic = await connection.run(topics.get, state["topic"])
        if topic is None:
            raise NoticeError(_("This topic is gone. `/topics` shows the ones there are."))
        edition = await connection.run(edition_of_window, topic, window, EditionOptions(limit=limit))
    return why_view(edition, f"preview-reasons:{preview_key(topic.id, window, limit)}", page)
