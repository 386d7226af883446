"""/digest edit, pause, resume, unsubscribe, send, mute and unmute: what becomes of a digest that is there."""

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
from bot.commands.options import SourceOption, ZoneOption
from bot.views.digest import changed_view, place
from bot.views.notice import notice
from bot.views.text import brief, plain
from digests.delivery.owe import send_now
from digests.editions.timetable import parse_time
from digests.lookup.providers import Source
from digests.subscriptions.edit import edit, mute, pause, resume, unmute
from digests.text import count
from storage import subscriptions
from storage.models import SubscriptionState

Digest = app_commands.Transform[str, DigestOption]
Outlet = app_commands.Transform[Source, SourceOption]
Place = app_commands.Transform[Channel, ChannelOption]
ADDRESS = {
    "topic": "Which digest",
    "channel": "Where it comes; else this channel",
    "to": "me: the one that comes to your own DMs",
}


@app_commands.command(name="edit")
@app_commands.describe(
    **ADDRESS,
    time="When it comes, such as 09:00 or 9 pm",
    timezone="On whose clock",
    days="On which days: daily, weekdays, or such as Monday, Friday",
    stories="How many stories it holds at most",
    min_quality="Leave out stories whose best article is below this",
    mention="A role that it pings; @everyone for nobody",
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
    """Change when a digest comes and what it holds."""
    found = await choose(interaction, topic, channel, to)
    if found.state is SubscriptionState.BLOCKED:  # it goes on with what is changed
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
    """Let no more editions of a digest come until it is resumed."""
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
    """Let the editions of a paused digest come again."""
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
    """End a topic's digest in a channel, or with to:me in your DMs."""
    ended = await choose(interaction, topic, channel, to)
    async with interaction.client.services.database.transaction() as connection:
        await subscriptions.remove(connection, ended.id)
    text = f"{brief(ended.topic.name)} comes to {place(ended)} no more."
    await interaction.response.send_message(view=notice(text), ephemeral=True)


@app_commands.command(name="send")
@app_commands.describe(**ADDRESS)
@app_commands.choices(to=TO)
async def send_command(
    interaction: Interaction, topic: Digest, channel: Place | None = None, to: str | None = None
) -> None:
    """Send what is new since a digest's last edition now, ahead of the next one."""
    found = await choose(interaction, topic, channel, to)
    await require_open(interaction, found)
    services = interaction.client.services
    edition = await send_now(services.database, found, services.clock())
    held = count(len(edition.choices), "story")
    text = f"{brief(found.topic.name)} is on its way to {place(found)}, with {held}."
    await interaction.response.send_message(view=notice(text), ephemeral=True)
    interaction.client.outbox.wake()


@app_commands.command(name="mute")
@app_commands.describe(
    source="The outlet, by its name or domain",
    **{**ADDRESS, "topic": "In which digest; else in all of the place"},
)
@app_commands.choices(to=TO)
async def mute_command(
    interaction: Interaction,
    source: Outlet,
    topic: Digest | None = None,
    channel: Place | None = None,
    to: str | None = None,
) -> None:
    """Leave an outlet's articles out of a digest."""
    found = await choose_all(interaction, topic, channel, to)
    async with interaction.client.services.database.transaction() as connection:
        await mute(connection, found, source)
    names = ", ".join(brief(each.topic.name) for each in found)
    text = f"{_named(source)} is left out of {names} in {place(found[0])} from now on."
    await interaction.response.send_message(view=notice(text), ephemeral=True)


@app_commands.command(name="unmute")
@app_commands.describe(
    source="The outlet, by its name or domain",
    **{**ADDRESS, "topic": "In which digest; else in all of the place"},
)
@app_commands.choices(to=TO)
async def unmute_command(
    interaction: Interaction,
    source: Outlet,
    topic: Digest | None = None,
    channel: Place | None = None,
    to: str | None = None,
) -> None:
    """Take a muted outlet's articles into a digest again."""
    found = await choose_all(interaction, topic, channel, to)
    async with interaction.client.services.database.transaction() as connection:
        await unmute(connection, found, source)
    text = f"{_named(source)} counts again in {place(found[0])}."
    await interaction.response.send_message(view=notice(text), ephemeral=True)


def _named(source: Source) -> str:
    return f"{plain(source.name)} ({plain(', '.join(sorted(source.domains)))})"


CHANGING: tuple[app_commands.Command[Any, ..., Any], ...] = (
    edit_command,
    pause_command,
    resume_command,
    unsubscribe_command,
    send_command,
    mute_command,
    unmute_command,
)
