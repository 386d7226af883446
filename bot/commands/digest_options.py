"""Options of the commands about digests: channels, days, the digests there are."""

from typing import Any

import discord
from discord import app_commands

from bot.access.permissions import Channel, NotAllowedError
from bot.access.places import ME
from bot.commands.options import MAX_CHOICES, Choice, Value, choice
from bot.locale import _
from digests.editions.edition import HIGHEST_MIN_QUALITY, MAX_STORIES
from digests.editions.timetable import DAYS, WEEKDAYS, describe_days, parse_days
from storage import subscriptions
from storage.models import PlaceKind, Subscription

Stories = app_commands.Range[int, 1, MAX_STORIES]
Quality = app_commands.Range[int, 0, HIGHEST_MIN_QUALITY]
TimeText = app_commands.Range[str, 1, 20]
TO = [app_commands.Choice(name=ME, value=ME)]


class ChannelOption(app_commands.Transformer):
    """A channel, thread or forum, also an archived thread."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Let Discord offer channels."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Let Discord offer those that editions can come to."""
        kinds = discord.ChannelType
        return [
            kinds.text,
            kinds.news,
            kinds.forum,
            kinds.public_thread,
            kinds.private_thread,
            kinds.news_thread,
        ]

    async def transform(self, _interaction: discord.Interaction[Any], value: Any) -> Channel:
        """Return the channel; raises NotAllowedError where the bot can't see it."""
        try:
            found = value.resolve() or await value.fetch()
        except (discord.Forbidden, discord.NotFound) as error:
            raise NotAllowedError(
                _("I can't see that channel. Give me **View Channel** there, then try again.")
            ) from error
        if not isinstance(found, Channel):
            raise NotAllowedError(
                _(
                    "I can't post digests in this kind of channel. Pick a text or announcement channel, a"
                    " thread or a forum."
                )
            )
        return found


class DaysOption(app_commands.Transformer):
    """Days of the week."""

    async def transform(self, _: discord.Interaction[Any], value: str) -> frozenset[int]:
        """Return the ISO weekdays; raises InvalidInputError."""
        return parse_days(value)

    async def autocomplete(self, _: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer the usual days, those that begin with what was typed first."""
        names = [*DAYS, *(f"weekly on {name}" for name in WEEKDAYS)]
        typed = str(value).strip().casefold()
        return [choice(name, name) for name in names if typed in name.casefold()]


class DigestOption(app_commands.Transformer):
    """One of the digests that come to the server or the person, by its topic's name or its number."""

    async def transform(self, _: discord.Interaction[Any], value: str) -> str:
        """Return what was picked or typed."""
        return value

    async def autocomplete(self, interaction: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer the digests whose topics hold what was typed."""
        async with interaction.client.services.database.reading() as connection:
            found = await subscriptions.of_person(connection, interaction.user.id)
            if interaction.guild_id and interaction.permissions.manage_guild:
                found = [*await subscriptions.of_guild(connection, interaction.guild_id), *found]
        typed = str(value).strip().casefold()
        wanted = [each for each in found if typed in each.topic.name.casefold()]
        return [choice(_label(interaction, each), f"#{each.id}") for each in wanted[:MAX_CHOICES]]


def _label(interaction: discord.Interaction[Any], subscription: Subscription) -> str:
    channel = interaction.client.get_channel(subscription.channel_id)
    place = f"#{channel}" if channel else "a channel that is gone"
    if subscription.kind is PlaceKind.DM:
        place = "my DMs"
    when = f"{describe_days(subscription.days)} at {subscription.issue_time}"
    return f"{subscription.topic.name} in {place}, {when}"
