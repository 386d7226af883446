"""Setting a digest up: its form, what was filled in, and the confirmation, also for the command."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from discord import ui

from bot.access.channels import find_channel
from bot.access.permissions import Channel, require_manager
from bot.access.places import Destination, require_own
from bot.client import Interaction
from bot.errors import NoticeError
from bot.forms import Filled, not_a_form
from bot.locale import _
from bot.views.confirmed import subscribed_view
from bot.views.forms import (
    CHANNEL,
    CLOCK,
    DAYS_FIELD,
    OTHERS,
    TIME,
    TOPICS,
    WORDS,
    ZONE,
    Part,
    Sheet,
    edit_form,
    mute_form,
    setup_form,
)
from bot.views.layout import View
from bot.views.topics import stale_notes
from bot.zones import Chosen, remember_zone, zone_for
from digests.editions.timetable import DAYS, parse_clock, parse_time, parse_zone
from digests.errors import TopicsLimitError
from digests.lookup.busiest import busiest_topics
from digests.lookup.topics import MAX_TOPICS, find_topics
from digests.subscriptions.issues import edition_at, last_outlets
from digests.subscriptions.subjects import tidy_words
from digests.subscriptions.subscribe import NewSubscription, subscribe
from storage import topics
from storage.engine import ReadConnection
from storage.models import LARGEST, DigestOptions, PlaceKind, Subject
from storage.stories import newest_picks

WEEKDAYS = {str(day): frozenset({day}) for day in range(1, 8)}


async def new_form(interaction: Interaction) -> ui.Modal:
    """Return the form that sets a digest up here: in a server's channel, or else in the person's DMs.

    Raises NotAllowedError for those who may not, NothingLoadedError if there are no topics yet.
    """
    guild_id = interaction.guild_id
    if guild_id:
        await require_manager(interaction)
    services = interaction.client.services
    async with services.database.reading() as connection:
        offered = await connection.run(busiest_topics, services.clock())
    zone = await zone_for(interaction, guild_id)
    channel_id = interaction.channel_id if guild_id else None
    return setup_form(Sheet(offered, zone.name, channel_id=channel_id))


async def changed_form(interaction: Interaction, subscription_id: int, part: Part) -> ui.Modal:
    """Return the form that changes a digest, or a part of it, filled in with what it is now.

    Raises require_own()'s errors.
    """
    found = await require_own(interaction, subscription_id)
    services = interaction.client.services
    async with services.database.reading() as connection:
        offered = await connection.run(busiest_topics, services.clock())
    chosen = {topic.id: topic for topic in found.subject.topics}
    sheet = Sheet(
        [*chosen.values(), *(topic for topic in offered if topic.id not in chosen)],
        found.options.zone,
        chosen,
        found.subject.words or None,
        None if found.kind is PlaceKind.DM else found.channel_id,
        found.options.days,
        found.options.issue_time,
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


async def new_digest(
    interaction: Interaction,
    subject: Subject,
    place: Destination,
    options: DigestOptions,
    zone: Chosen,
) -> View:
    """Set a digest up, and return its confirmation; `zone` says when that of `options` was chosen.

    One that was chosen now is remembered.
    """
    services = interaction.client.services
    new = NewSubscription(subject, place.guild_id, place.channel_id, interaction.user.id, options, place.kind)
    async with services.database.transaction() as connection:
        subscription = await subscribe(connection, new, services.clock(), services.settings.limits)
        if zone is Chosen.NOW:
            await remember_zone(connection, interaction, place.guild_id, options.zone)
    async with services.database.reading() as connection:
        upcoming = await connection.run(edition_at, subscription, services.clock())
        newest = await connection.run(newest_picks, subject.topic_ids, services.clock())
    notes = [*place.notes, *stale_notes(subject.topics, newest, services.clock())]
    if zone is Chosen.NEVER:
        notes.append(_("-# I guessed the time zone from your language. **Edit** changes it."))
    return subscribed_view(subscription, upcoming, services.clock(), *notes)


def subject_in(reader: ReadConnection, interaction: Interaction, filled: Filled) -> Subject | None:
    """Return what a form says that a digest is to be about, None if nothing.

    Raises find_topics()'s and tidy_words()'s errors, or NoticeError if it says two things.
    """
    picked, typed = filled.get(TOPICS, ()), filled.get(OTHERS, ())
    words = "".join(filled.get(WORDS, ()))
    if words and (picked or typed):
        raise NoticeError(_("A digest has either topics or words. Leave one of the two out."))
    if words:
        return Subject(words=tidy_words(words))
    known = topics.by_ids(reader, map(_id, picked))
    if len(known) < len(set(picked)):
        raise NoticeError(_("This topic is gone. `/topics` shows the ones there are."))
    found = {topic.id: topic for topic in known.values()}
    now = interaction.client.services.clock()
    found |= {topic.id: topic for text in typed for topic in find_topics(reader, text, now)}
    if len(found) > MAX_TOPICS:
        raise TopicsLimitError(MAX_TOPICS)
    return Subject(tuple(found.values())) if found else None


async def channel_in(interaction: Interaction, filled: Filled) -> Channel | None:
    """Return the channel that a form names; raises NotAllowedError if the bot can't see or use it."""
    for channel_id in filled.get(CHANNEL, ()):
        return await find_channel(interaction, _id(channel_id))
    return None


def times_in(filled: Filled, options: DigestOptions) -> tuple[DigestOptions, ZoneInfo | None]:
    """Return options with the days, the time and the zone that a form names, and that zone.

    What was left out stays. Raises NotATimeError, UnknownZoneError, or NoticeError about forged days.
    """
    zone: ZoneInfo | None = None
    for text in filled.get(TIME, ()):
        options = replace(options, issue_time=f"{parse_time(text):%H:%M}")
    for text in filled.get(ZONE, ()):
        zone = parse_zone(text)
    for text in filled.get(CLOCK, ()):
        at, zone = parse_clock(text)
        options = replace(options, issue_time=f"{at:%H:%M}")
    named = {**DAYS, **WEEKDAYS}
    days = filled.get(DAYS_FIELD, ())
    if any(each not in named for each in days):
        raise not_a_form()
    if days:
        options = replace(options, days=frozenset().union(*(named[each] for each in days)))
    return (replace(options, zone=zone.key) if zone else options), zone


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST)) and int(text) <= LARGEST):
        raise not_a_form()
    return int(text)
