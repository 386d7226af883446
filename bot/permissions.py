"""Who may do what, for commands and for buttons alike."""

import discord
from discord import app_commands

from bot.client import Interaction

# What the bot needs in a channel to post an edition there.
POSTING = discord.Permissions(view_channel=True, send_messages=True, read_message_history=True)
POSTING_IN_THREAD = discord.Permissions(
    view_channel=True, send_messages_in_threads=True, read_message_history=True
)


class NotAllowedError(app_commands.CheckFailure):
    """A person who may not do that; the message says who may."""


async def require_owner(interaction: Interaction) -> bool:
    """Let only the bot's owners pass; raises NotAllowedError for others."""
    if not interaction.client.is_owner(interaction.user.id):
        raise NotAllowedError(
            "Only the bot's owners may do that: its application's owner or team, and OWNER_IDS."
        )
    return True


async def require_manager(interaction: Interaction) -> bool:
    """Let only those pass who may manage the server; raises NotAllowedError for others."""
    if not interaction.permissions.manage_guild:
        raise NotAllowedError("Only people with the permission Manage Server may do that.")
    return True


def require_posting(channel: object) -> discord.TextChannel | discord.Thread:
    """Return a channel that editions can be posted in; raises NotAllowedError about what the bot lacks."""
    if not isinstance(channel, discord.TextChannel | discord.Thread):
        raise NotAllowedError("Digests come to text channels and threads: name one with the option channel.")
    needed = POSTING_IN_THREAD if isinstance(channel, discord.Thread) else POSTING
    has = channel.permissions_for(channel.guild.me)
    lacking = [_label(name) for name, wanted in needed if wanted and not getattr(has, name)]
    if lacking:
        raise NotAllowedError(
            f"The bot can't post in {channel.mention}: it lacks {', '.join(lacking)} there."
            " Grant that in the channel's settings, then try again."
        )
    return channel


def _label(permission: str) -> str:
    """Return a permission's name as Discord's settings show it."""
    return permission.replace("_", " ").title().replace(" In ", " in ")
