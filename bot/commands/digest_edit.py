"""/digest edit, pause, resume, unsubscribe, send, mute and unmute: what changes an existing digest."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot import managing
from bot.access.permissions import Channel
from bot.access.places import require_allowed_options, require_postable, subscription_for, subscriptions_for
from bot.answers import answer
from bot.client import Interaction
from bot.commands.digest_options import (
    LANGUAGE_CHOICES,
    ChannelOption,
    DaysOption,
    DigestOption,
    Quality,
    Stories,
    TimeText,
    Topics,
    Words,
    chosen_subject,
)
from bot.commands.options import OutletOption, ZoneOption
from bot.views.confirmed import unmuted_text
from bot.views.forms import SERVERS
from bot.views.notice import notice
from digests.editions.timetable import parse_time
from digests.lookup.providers import ProviderMatch
from digests.subscriptions.edit import unmute
from storage.models import Subscription, SubscriptionState

Digest = app_commands.Transform[str, DigestOption]
Outlet = app_commands.Transform[ProviderMatch, OutletOption]
Place = app_commands.Transform[Channel, ChannelOption]
SCOPE = {
    "topic": "A topic of the digest, or its number, for example #3",
    "channel": "Channel it's posted in (this channel if you leave this out)",
}
ALL_IN_PLACE = "A topic of the digest, or its number (all digests of the channel if you leave this out)"
Answer: TypeAlias = Callable[..., Coroutine[Any, Any, None]]
Command: TypeAlias = app_commands.Command[Any, ..., None]


def digest_command(name: str, **options: str) -> Callable[[Answer], Command]:
    """Make a command about the digests that its options topic and channel name."""

    def make(answer: Answer) -> Command:
        described = app_commands.describe(**{**SCOPE, **options})(answer)
        return app_commands.command(name=name)(described)

    return make


def one_digest_command(name: str) -> Callable[[Answer], Command]:
    """Make a command that has no other options and needs one digest; it is called with its subscription."""

    def make(answer: Answer) -> Command:
        async def find_and_answer(
            interaction: Interaction, topic: Digest, channel: Place | None = None
        ) -> None:
            await answer(interaction, await subscription_for(interaction, topic, channel))

        find_and_answer.__doc__ = answer.__doc__
        return digest_command(name)(find_and_answer)

    return make


@digest_command(
    "edit",
    topics="New topics instead of those it has, with commas between",
    words="New words to search for, instead of topics",
    time="Time of day, for example 09:00 or 9 pm",
    timezone="Time zone, for example Europe/Berlin",
    days="Days: daily, weekdays, weekends, or names, for example Monday, Friday",
    stories="Maximum number of stories",
    min_quality="Minimum quality (most good articles score 60 to 100)",
    mention="Role to ping (@everyone to ping nobody)",
    publish="Publish it to the followers of the announcement channel",
    language="Language of my texts",
)
@app_commands.choices(
    language=[*LANGUAGE_CHOICES, app_commands.Choice(name=locale_str("The server's language"), value=SERVERS)]
)
async def edit_command(
    interaction: Interaction,
    topic: Digest,
    topics: Topics | None = None,
    words: Words | None = None,
    time: TimeText | None = None,
    timezone: app_commands.Transform[ZoneInfo, ZoneOption] | None = None,
    days: app_commands.Transform[frozenset[int], DaysOption] | None = None,
    stories: Stories | None = None,
    min_quality: Quality | None = None,
    mention: discord.Role | None = None,
    publish: bool | None = None,
    language: str | None = None,
    channel: Place | None = None,
) -> None:
    """Change a digest's topics, time, days, stories and other options."""
    found, subject = await subscription_for(interaction, topic, channel), chosen_subject(topics, words)
    if found.state is SubscriptionState.BLOCKED:  # a change starts it again
        await require_postable(interaction, found)
    require_allowed_options(interaction, found, mention, publish=publish)
    named = {
        "issue_time": f"{parse_time(time):%H:%M}" if time else None,
        "zone": timezone.key if timezone else None,
        "days": days,
        "stories": stories,
        "min_quality": min_quality,
        "publish": publish,
    }
    changes: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    if language:
        changes["language"] = None if language == SERVERS else language
    if mention:
        changes["mention_role_id"] = None if mention.is_default() else mention.id
    await managing.change(interaction, found, changes, subject, zone_chosen=timezone is not None)


@one_digest_command("pause")
async def pause_command(interaction: Interaction, found: Subscription) -> None:
    """Pause a digest."""
    await managing.pause(interaction, found)


@one_digest_command("resume")
async def resume_command(interaction: Interaction, found: Subscription) -> None:
    """Start a paused digest again."""
    await managing.resume(interaction, found)


@one_digest_command("unsubscribe")
async def unsubscribe_command(interaction: Interaction, found: Subscription) -> None:
    """Stop a digest for good."""
    await managing.end(interaction, found)


@one_digest_command("send")
async def send_command(interaction: Interaction, found: Subscription) -> None:
    """Send what's new since the last digest right now."""
    await managing.send(interaction, found)


@digest_command("mute", outlet="The outlet's name or domain", topic=ALL_IN_PLACE)
async def mute_command(
    interaction: Interaction,
    outlet: Outlet,
    topic: Digest | None = None,
    channel: Place | None = None,
) -> None:
    """Keep an outlet's articles out of a digest."""
    found = await subscriptions_for(interaction, topic, channel)
    await managing.mute(interaction, found, [outlet])


@digest_command("unmute", outlet="The outlet's name or domain", topic=ALL_IN_PLACE)
async def unmute_command(
    interaction: Interaction,
    outlet: Outlet,
    topic: Digest | None = None,
    channel: Place | None = None,
) -> None:
    """Unmute an outlet."""
    found = await subscriptions_for(interaction, topic, channel)
    async with interaction.client.services.database.transaction() as connection:
        await unmute(connection, found, outlet)
    text = unmuted_text(outlet, found)
    await answer(interaction, notice(text))


EDITING: tuple[Command, ...] = (
    edit_command,
    pause_command,
    resume_command,
    unsubscribe_command,
    send_command,
    mute_command,
    unmute_command,
)
