"""/digest edit, pause, resume, unsubscribe, send, mute and unmute: what changes an existing digest."""

from typing import Any
from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot.access.permissions import Channel
from bot.access.places import choose, choose_all, require_offer, require_open
from bot.client import Interaction
from bot.commands.digest_options import (
    TO,
    ChannelOption,
    DaysOption,
    DigestOption,
    Quality,
    Stories,
    TimeText,
)
from bot.commands.options import OutletOption, ZoneOption
from bot.views.digest import changed_view, ended_text, muted_text, on_its_way_text, unmuted_text
from bot.views.notice import notice
from bot.views.text import plain
from digests.delivery.owe import send_now
from digests.editions.timetable import parse_time
from digests.lookup.providers import ProviderMatch
from digests.subscriptions.edit import edit, mute, pause, resume, unmute
from storage import subscriptions
from storage.models import SubscriptionState

Digest = app_commands.Transform[str, DigestOption]
Outlet = app_commands.Transform[ProviderMatch, OutletOption]
Place = app_commands.Transform[Channel, ChannelOption]
ADDRESS = {
    "topic": "Topic of the digest",
    "channel": "Channel it's posted in (this channel if you leave this out)",
    "to": "me: the one in your own DMs",
}


@app_commands.command(name="edit")
@app_commands.describe(
    **ADDRESS,
    time="Time of day, for example 09:00 or 9 pm",
    timezone="Time zone, for example Europe/Berlin",
    days="Days: daily, weekdays, weekends, or names, for example Monday, Friday",
    stories="Maximum number of stories",
    min_quality="Minimum quality (most good articles score 60 to 100)",
    mention="Role to ping (@everyone to ping nobody)",
    publish="Publish it to the followers of the announcement channel",
)
@app_commands.choices(to=TO)
async def edit_command(
    interaction: Interaction,
    topic: Digest,
    time: TimeText | None = None,
    timezone: app_commands.Transform[ZoneInfo, ZoneOption] | None = None,
    days: app_commands.Transform[frozenset[int], DaysOption] | None = None,
    stories: Stories | None = None,
    min_quality: Quality | None = None,
    mention: discord.Role | None = None,
    publish: bool | None = None,
    channel: Place | None = None,
    to: str | None = None,
) -> None:
    """Change a digest's time, days, stories and other options."""
    found = await choose(interaction, topic, channel, to)
    if found.state is SubscriptionState.BLOCKED:  # a change starts it again
        await require_open(interaction, found)
    require_offer(interaction, found, mention, publish=publish)
    named = {
        "issue_time": f"{parse_time(time):%H:%M}" if time else None,
        "zone": timezone.key if timezone else None,
        "days": days,
        "stories": stories,
        "min_quality": min_quality,
        "publish": publish,
    }
    changes: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    if mention:
        changes["mention_role_id"] = None if mention.is_default() else mention.id
    services = interaction.client.services
    async with services.database.transaction() as connection:
        changed = await edit(connection, found, changes, services.clock())
    await interaction.response.send_message(view=changed_view(changed, "changed"), ephemeral=True)


@app_commands.command(name="pause")
@app_commands.describe(**ADDRESS)
@app_commands.choices(to=TO)
async def pause_command(
    interaction: Interaction, topic: Digest, channel: Place | None = None, to: str | None = None
) -> None:
    """Pause a digest."""
    found = await choose(interaction, topic, channel, to)
    async with interaction.client.services.database.transaction() as connection:
        changed = await pause(connection, found)
    await interaction.response.send_message(view=changed_view(changed, "paused"), ephemeral=True)


@app_commands.command(name="resume")
@app_commands.describe(**ADDRESS)
@app_commands.choices(to=TO)
async def resume_command(
    interaction: Interaction, topic: Digest, channel: Place | None = None, to: str | None = None
) -> None:
    """Start a paused digest again."""
    found = await choose(interaction, topic, channel, to)
    await require_open(interaction, found)
    services = interaction.client.services
    async with services.database.transaction() as connection:
        changed = await resume(connection, found, services.clock())
    await interaction.response.send_message(view=changed_view(changed, "resumed"), ephemeral=True)


@app_commands.command(name="unsubscribe")
@app_commands.describe(**ADDRESS)
@app_commands.choices(to=TO)
async def unsubscribe_command(
    interaction: Interaction, topic: Digest, channel: Place | None = None, to: str | None = None
) -> None:
    """Stop a digest for good, in a channel, or in your DMs with to:me."""
    ended = await choose(interaction, topic, channel, to)
    async with interaction.client.services.database.transaction() as connection:
        await subscriptions.remove(connection, ended.id)
    await interaction.response.send_message(view=notice(ended_text(ended)), ephemeral=True)


@app_commands.command(name="send")
@app_commands.describe(**ADDRESS)
@app_commands.choices(to=TO)
async def send_command(
    interaction: Interaction, topic: Digest, channel: Place | None = None, to: str | None = None
) -> None:
    """Send what's new since the last digest right now."""
    found = await choose(interaction, topic, channel, to)
    await require_open(interaction, found)
    services = interaction.client.services
    edition = await send_now(services.database, found, services.clock())
    text = on_its_way_text(found, len(edition.choices))
    await interaction.response.send_message(view=notice(text), ephemeral=True)
    interaction.client.outbox.wake()


@app_commands.command(name="mute")
@app_commands.describe(
    outlet="The outlet's name or domain",
    **{**ADDRESS, "topic": "Topic of the digest (all digests of the channel if you leave this out)"},
)
@app_commands.choices(to=TO)
async def mute_command(
    interaction: Interaction,
    outlet: Outlet,
    topic: Digest | None = None,
    channel: Place | None = None,
    to: str | None = None,
) -> None:
    """Keep an outlet's articles out of a digest."""
    found = await choose_all(interaction, topic, channel, to)
    async with interaction.client.services.database.transaction() as connection:
        await mute(connection, found, outlet)
    text = muted_text(_named(outlet), found)
    await interaction.response.send_message(view=notice(text), ephemeral=True)


@app_commands.command(name="unmute")
@app_commands.describe(
    outlet="The outlet's name or domain",
    **{**ADDRESS, "topic": "Topic of the digest (all digests of the channel if you leave this out)"},
)
@app_commands.choices(to=TO)
async def unmute_command(
    interaction: Interaction,
    outlet: Outlet,
    topic: Digest | None = None,
    channel: Place | None = None,
    to: str | None = None,
) -> None:
    """Unmute an outlet."""
    found = await choose_all(interaction, topic, channel, to)
    async with interaction.client.services.database.transaction() as connection:
        await unmute(connection, found, outlet)
    text = unmuted_text(_named(outlet), found)
    await interaction.response.send_message(view=notice(text), ephemeral=True)


def _named(provider: ProviderMatch) -> str:
    return f"{plain(provider.name)} ({plain(', '.join(sorted(provider.domains)))})"


CHANGING: tuple[app_commands.Command[Any, ..., Any], ...] = (
    edit_command,
    pause_command,
    resume_command,
    unsubscribe_command,
    send_command,
    mute_command,
    unmute_command,
)
