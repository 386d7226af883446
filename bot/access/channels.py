"""Channels that somebody names, among those that the bot sees."""

import discord

from bot.access.permissions import Channel
from bot.access.refusal import NotAllowedError
from bot.client import Interaction
from bot.locale import _


async def find_channel(interaction: Interaction, channel_id: int) -> Channel:
    """Return a channel, also an archived thread; raises NotAllowedError if the bot can't see or use it."""
    client = interaction.client
    try:
        found = client.get_channel(channel_id) or await client.fetch_channel(channel_id)
    except (discord.Forbidden, discord.NotFound, discord.InvalidData) as error:
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
