"""Forms about digests, made for a command, and for every button that opens one."""

from collections.abc import Collection, Iterable

from discord import ui

from bot.access.places import require_own, require_server
from bot.access.viewer import viewer_of
from bot.client import Interaction
from bot.forms.filled import Draft
from bot.locale import spoken
from bot.views.forms import Part, Sheet, edit_form, mute_form, setup_form
from bot.zones import time_for, zone_for
from digests.lookup.busiest import busiest_topics
from digests.subscriptions.issues import last_outlets
from storage.models import PlaceKind, Topic

EMPTY = Draft()


async def new_form(interaction: Interaction, draft: Draft = EMPTY) -> ui.Modal:
    """Return the form that sets a digest up here: in a server's channel, or else in the person's DMs.

    A draft is what it is filled in with. Raises NotAllowedError for those who may not, NothingLoadedError if
    there are no topics yet.
    """
    guild_id = interaction.guild_id
    if guild_id:
        await require_server(interaction)
    services = interaction.client.services
    async with services.database.reading(viewer_of(interaction)) as connection:
        offered = await connection.run(busiest_topics, services.clock())
    zone = await zone_for(interaction, guild_id)
    channel_id = int(draft.channel or interaction.channel_id or 0) if guild_id else None
    sheet = Sheet(
        _with_first(offered, draft.topic_ids),
        draft.zone or zone.name,
        draft.topic_ids,
        channel_id=channel_id,
        days=draft.chosen_days,
        time=draft.issue_time or time_for(interaction),
        language=draft.language or (None if guild_id else spoken()),
    )
    return setup_form(sheet)


async def changed_form(interaction: Interaction, subscription_id: int, part: Part) -> ui.Modal:
    """Return the form that changes a digest, or a part of it, filled in with what it is now.

    Raises require_own()'s errors.
    """
    found = await require_own(interaction, subscription_id)
    services = interaction.client.services
    async with services.database.reading(viewer_of(interaction)) as connection:
        offered = await connection.run(busiest_topics, services.clock())
    chosen = found.subject.topic_ids
    sheet = Sheet(
        _with_first([*found.subject.topics, *offered], chosen),
        found.options.zone,
        chosen,
        found.subject.words or None,
        None if found.kind is PlaceKind.DM else found.channel_id,
        found.options.days,
        found.options.issue_time,
        found.options.language,
    )
    return edit_form(sheet, found.subject.name, found.id, part)


async def outlets_form(interaction: Interaction, subscription_id: int) -> ui.Modal:
    """Return the form that mutes outlets in a digest, which offers those of its last edition.

    Raises require_own()'s errors.
    """
    found = await require_own(interaction, subscription_id)
    async with interaction.client.services.database.reading() as connection:
        shown = await connection.run(last_outlets, found)
    return mute_form(found.subject.name, found.id, shown)


def _with_first(offered: Iterable[Topic], chosen: Collection[int]) -> list[Topic]:
    """Return topics, each once, with those that are chosen first: all of these are offered then."""
    known = {topic.id: topic for topic in offered}
    return sorted(known.values(), key=lambda topic: topic.id not in chosen)
