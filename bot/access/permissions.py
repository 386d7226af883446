"""Who may do what, for commands and for buttons alike."""

from typing import TypeAlias

import discord
from discord import app_commands

from bot.client import Interaction

Channel: TypeAlias = discord.TextChannel | discord.Thread | discord.ForumChannel

# What the bot needs to post an edition in a channel.
POSTING = discord.Permissions(view_channel=True, send_messages=True, read_message_history=True)
POSTING_IN_THREAD = discord.Permissions(
    view_channel=True, send_messages_in_threads=True, read_message_history=True
)
# A forum's settings have their own names for these.
FORUM_LABELS = {"send_messages": "Create Posts", "send_messages_in_threads": "Send Messages in Posts"}
VIEW_CHANNEL = "View Channel"
READ_HISTORY = "Read Message History"


class NotAllowedError(app_commands.CheckFailure):
    """Somebody, or the bot, isn't allowed to do that; the message says what would allow it."""


async def require_owner(interaction: Interaction) -> bool:
    """Return True for the bot's owners; raises NotAllowedError for others."""
    if not interaction.client.is_owner(interaction.user.id):
        raise NotAllowedError(
            "Only the bot's owners may do that: its application's owner or team, and OWNER_IDS."
        )
    return True


async def require_manager(interaction: Interaction) -> bool:
    """Return True for those who may manage the server; raises NotAllowedError for others."""
    if not interaction.permissions.manage_guild:
        raise NotAllowedError(
            "Only people with the permission Manage Server may do that. With the option `to:me` a command is"
            " about your own DMs."
        )
    return True


def require_posting(channel: object) -> Channel:
    """Return `channel` if editions can be posted in it; raises NotAllowedError about what is missing."""
    if not isinstance(channel, Channel):
        raise NotAllowedError(
            "Digests come to text and announcement channels, threads and forums:"
            " name one with the option channel."
        )
    if missing := lacking(channel):
        raise NotAllowedError(
            f"The bot can't post in {channel.mention}: it lacks {', '.join(missing)} there."
            " Grant that in the channel's settings, then try again."
        )
    return channel


def lacking(channel: Channel) -> list[str]:
    """Return the permissions missing to post editions in a channel, named as in Discord's settings."""
    try:
        has = channel.permissions_for(channel.guild.me)
    except discord.ClientException:  # a thread whose channel the bot can't see
        return [VIEW_CHANNEL]
    return lacking_with(has, channel)


def lacking_with(has: discord.Permissions, channel: Channel) -> list[str]:
    """Return the permissions missing to post editions in a channel with the permissions `has`."""
    in_threads = isinstance(channel, discord.Thread | discord.ForumChannel)
    needed = POSTING_IN_THREAD if in_threads else POSTING
    if isinstance(channel, discord.ForumChannel):
        needed |= POSTING
    labels = FORUM_LABELS if isinstance(channel, discord.ForumChannel) else {}
    names = [name for name, wanted in needed if wanted and not getattr(has, name)]
    missing = [labels.get(name) or _label(name) for name in names]
    if isinstance(channel, discord.Thread) and not has.manage_threads:
        if channel.locked:
            missing.append(_label("manage_threads"))
        if channel.is_private() and channel.me is None:
            missing.append("being added to the thread")
    return missing


def require_mentioning(role: discord.Role, channel: Channel, person: discord.Member | discord.User) -> None:
    """Raise NotAllowedError unless both the bot and the person may ping a role in a channel."""
    if role.is_default():
        raise NotAllowedError("A digest can't ping everyone: pick a role.")
    if role.mentionable:
        return
    for who, member in (("The bot", channel.guild.me), ("You", person)):
        if not isinstance(member, discord.Member) or not channel.permissions_for(member).mention_everyone:
            raise NotAllowedError(
                f"{who} can't ping {role.mention}: allow anyone to mention it in the role's settings,"
                f" or grant Mention Everyone in {channel.mention}."
            )


def require_publishing(channel: Channel) -> None:
    """Raise NotAllowedError unless a channel is an announcement channel, whose posts can be published."""
    if not isinstance(channel, discord.TextChannel) or not channel.is_news():
        raise NotAllowedError("Only posts of an announcement channel can be published to followers.")


def _label(permission: str) -> str:
    """Return a permission's name as Discord's settings show it."""
    if permission == "read_messages":
        return VIEW_CHANNEL
    return permission.replace("_", " ").title().replace(" In ", " in ")
