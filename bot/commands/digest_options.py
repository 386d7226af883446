"""Options of the commands about digests: channels, days, existing digests."""

from typing import Any

import discord
from discord import app_commands

from bot.access.permissions import Channel, NotAllowedError
from bot.access.places import ME
from bot.commands.options import MAX_CHOICES, Choice, OfferingOption, Value, choice
from bot.locale import _
from bot.views.digest import posting_times
from digests.editions.limits import HIGHEST_MIN_QUALITY, MAX_STORIES
from digests.editions.timetable import DAYS, WEEKDAYS, parse_days
from digests.lookup.choices import best
from storage import subscriptions
from storage.models import PlaceKind, Subscription

Stories = app_commands.Range[int, 1, MAX_STORIES]
Quality = app_commands.Range[int, 0, HIGHEST_MIN_QUALITY]
TimeText = app_commands.Range[str, 1, 20]
TO = [app_commands.Choice(name=ME, value=ME)]


class ChannelOption(app_commands.Transformer):
    """A channel, forum or thread, including an archived thread."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """The type of option for which Discord offers channels."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """The types of channels that editions can be posted in."""
        kinds = discord.ChannelType
        return [
            kinds.text,
            kinds.news,
            kinds.voice,
            kinds.stage_voice,
            kinds.forum,
            kinds.public_thread,
            kinds.private_thread,
            kinds.news_thread,
        ]

    async def transform(self, _interaction: discord.Interaction[Any], value: Any) -> Channel:
        """Return the channel; raises NotAllowedError if the bot can't see it or post editions in its type."""
        try:
            found = value.resolve() or await value.fetch()
        except (discord.Forbidden, discord.NotFound) as error:
            raise NotAllowedError(
                _("I can't see that channel. Give me **View Channel** there, then try again.")
            ) from error
        if not isinstance(found, Channel):
            raise NotAllowedError(
                _(
                    "I can't post digests in this kind of channel. Pick a text, voice or announcement"
                    " channel, a thread or a forum."
                )
            )
        return found


class DaysOption(OfferingOption):
    """Days of the week."""

    async def transform(self, _interaction: discord.Interaction[Any], value: str) -> frozenset[int]:
        """Return the ISO weekdays; raises InvalidInputError."""
        return parse_days(value)

    async def offer(self, _interaction: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer the usual days that contain what was typed; those that begin with it come first."""
        names = [*DAYS, *(f"weekly on {name}" for name in WEEKDAYS)]
        typed = str(value).strip().casefold()
        found = [name for name in names if typed in name.casefold()]
        found.sort(key=lambda name: not name.casefold().startswith(typed))
        return [choice(name, name) for name in found]


class DigestOption(OfferingOption):
    """A digest of the server or of the person's own DMs, by its topic's name or its number."""

    async def transform(self, _interaction: discord.Interaction[Any], value: str) -> str:
        """Return what was picked or typed, unchanged."""
        return value

    async def offer(self, interaction: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer the digests that this person may change and that show what was typed."""
        async with interaction.client.services.database.reading() as connection:
            found = await connection.run(subscriptions.of_person, interaction.user.id)
            if interaction.guild_id and interaction.permissions.manage_guild:
                found = [*await connection.run(subscriptions.of_guild, interaction.guild_id), *found]
        labels = {each.id: _label(interaction, each) for each in found}
        offered = best(str(value), found, lambda each: [each.topic.name, *each.topic.names, labels[each.id]])
        return [choice(labels[each.id], f"#{each.id}") for each in offered[:MAX_CHOICES]]


def _label(interaction: discord.Interaction[Any], subscription: Subscription) -> str:
    """Return a digest's name in the list of choices, which shows no Markdown."""
    topic, times = subscription.topic.name, posting_times(subscription, subscription.options.issue_time)
    if subscription.kind is PlaceKind.DM:
        return _("{topic} in your DMs · {times}", topic=topic, times=times)
    if channel := interaction.client.get_channel(subscription.channel_id):
        return _("{topic} in #{channel} · {times}", topic=topic, channel=channel, times=times)
    return _("{topic} in a deleted channel · {times}", topic=topic, times=times)
