"""Pages of reasons: why a delivered edition or a preview holds what it holds."""

from collections.abc import Mapping
from datetime import date, datetime

from bot.access.places import find_here, is_place_of, number_in
from bot.access.viewer import viewer_of
from bot.client import Interaction
from bot.errors import NoticeError
from bot.locale import _
from bot.views.buttons import preview_key, preview_window, topic_ids_in
from bot.views.layout import View
from bot.views.reasons import why_view
from digests.editions.candidates import EditionOptions
from digests.editions.edition import Edition
from digests.editions.limits import DEFAULT_STORIES
from digests.editions.preview import delivered_edition, edition_of_window, preview_edition
from digests.errors import EditionForgottenError
from digests.lookup.topics import subject_of
from digests.subscriptions.subscribe import named_among
from storage import outbox, subscriptions
from storage.engine import ReadConnection
from storage.models import Subject, Subscription


async def find_why_view(interaction: Interaction, named: str, when: date | datetime | None) -> View:
    """Return the reasons of a digest's edition of `when` in this place, or of a preview if there was none.

    `named` is what subscription_for() takes, or topics that no digest here has. Without `when` it is the
    last edition, or a preview of the topics' newest day. Raises NotFoundError if they have no stories.
    """
    services, here = interaction.client.services, await find_here(interaction)
    now, issue_date = services.clock(), f"{when:%Y-%m-%d}" if when else None
    async with services.database.reading() as connection:
        found, subject = await connection.run(_digest_of, here, named, now)
        delivery = await connection.run(outbox.find, found.id, issue_date) if found else None
        if delivery is None:
            if subject.words:
                raise NoticeError(_("I haven't posted that digest here yet, or not on that day."))
            edition = await connection.run(preview_edition, subject, when, 1, EditionOptions(), now)
            key = preview_key(subject.topic_ids, edition.window, DEFAULT_STORIES)
            return why_view(edition, f"preview-reasons:{key}", 0)
    return await delivered_why_view(interaction, delivery.id, 0)


def _digest_of(
    reader: ReadConnection, here: int, named: str, now: datetime
) -> tuple[Subscription | None, Subject]:
    """Return the digest of a place that somebody means, None if it has none, and what they mean.

    Raises NoticeError if a number is no digest's here.
    """
    number = number_in(named)
    if number is None:
        return named_among(reader, subscriptions.all_in_channel(reader, here), named, now)
    found = subscriptions.get(reader, number)
    if found is None or found.channel_id != here:
        raise _only_there()
    return found, found.subject


def _only_there() -> NoticeError:
    return NoticeError(_("That works only where I posted the digest."))


async def delivered_why_view(interaction: Interaction, delivery_id: int, page: int) -> View:
    """Return a page of a delivered edition's reasons; raises as edition_here()."""
    edition = await edition_here(interaction, delivery_id)
    return why_view(edition, f"reasons:{delivery_id}", page)


async def edition_here(interaction: Interaction, delivery_id: int) -> Edition:
    """Return a delivered edition, for people in the place that it was delivered to.

    Raises EditionForgottenError if it is gone, NoticeError if it was delivered somewhere else.
    """
    async with interaction.client.services.database.reading() as connection:
        delivery = await connection.run(outbox.get, delivery_id)
        if delivery is None:
            raise EditionForgottenError
        if not is_place_of(interaction, delivery):
            raise _only_there()
        return await connection.run(delivered_edition, delivery)


async def preview_why_view(interaction: Interaction, said: str, state: Mapping[str, int], page: int) -> View:
    """Return a page of the reasons of a preview; raises as previewed_again()."""
    edition = await previewed_again(interaction, said, state)
    key = preview_key(topic_ids_in(said), edition.window, state["limit"])
    return why_view(edition, f"preview-reasons:{key}", page)


async def previewed_again(interaction: Interaction, said: str, state: Mapping[str, int]) -> Edition:
    """Return the edition of a preview, built again from a button's state.

    `said` are its topics' ids. What is published after now doesn't exist yet. Raises TopicGoneError if a
    topic is gone.
    """
    services, topic_ids = interaction.client.services, topic_ids_in(said)
    window = preview_window(state["since"], state["until"]).by(services.clock())
    async with services.database.reading(viewer_of(interaction)) as connection:
        subject = await connection.run(subject_of, topic_ids)
        options = EditionOptions(limit=state["limit"])
        return await connection.run(edition_of_window, subject, window, options)
