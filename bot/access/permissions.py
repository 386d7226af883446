"""Who may do what, for commands and for buttons alike."""

from typing import TypeAlias

import discord

from bot.access.refusal import NotAllowedError
from bot.client import Interaction
from bot.locale import _
from bot.locale.cldr import listed
from bot.views.layout import Item

Channel: TypeAlias = (
    discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread | discord.ForumChannel
)

# What the bot needs to post an edition in a channel.
POSTING = discord.Permissions(view_channel=True, send_messages=True, read_message_history=True)
POSTING_IN_THREAD = discord.Permissions(
    view_channel=True, send_messages_in_threads=True, read_message_history=True
)
# Discord hides the chat of a voice channel from those who may not join.
POSTING_IN_VOICE = POSTING | discord.Permissions(connect=True)
# A forum's settings have their own names for these.
IN_FORUMS = {"send_messages": "create_posts", "send_messages_in_threads": "send_messages_in_posts"}
VIEW_CHANNEL = "view_channel"
READ_HISTORY = "read_message_history"
INVITATION = "invitation"  # to a private thread, which no permission replaces


async def require_owner(interaction: Interaction) -> bool:
    """Return True for the bot's owners; raises NotAllowedError for others."""
    if not interaction.client.is_owner(interaction.user.id):
        raise NotAllowedError(
            _("Only my owners may do that: the owner or team of my application, and those in OWNER_IDS.")
        )
    return True


async def require_manager(interaction: Interaction, offer: Item | None = None) -> None:
    """Raise NotAllowedError for those who may not manage the server; `offer` is what they can press."""
    if not interaction.permissions.manage_guild:
        instead = (
            _("Want this one in your DMs instead?")
            if offer
            else _("`/follow` sends digests to your own DMs, and `/following` changes them.")
        )
        raise NotAllowedError(
            _("You need **Manage Server** to set up digests here. {instead}", instead=instead), offer
        )


def require_posting(channel: object) -> Channel:
    """Return `channel` if editions can be posted in it; raises NotAllowedError about what is missing."""
    if not isinstance(channel, Channel):
        raise NotAllowedError(
            _(
                "I can't post digests in this kind of channel. Pick a text, voice or announcement channel, a"
                " thread or a forum with the option `channel`."
            )
        )
    if missing := lacking(channel):
        raise NotAllowedError(
            _(
                "I can't post in {channel}: I lack {permissions} there. Allow that in the channel's settings,"
                " then try again.",
                channel=channel.mention,
                permissions=listed([permission_text(each) for each in missing]),
            )
        )
    return channel


def lacking(channel: Channel) -> list[str]:
    """Return the permissions missing to post editions in a channel, for permission_text()."""
    try:
        has = channel.permissions_for(channel.guild.me)
    except discord.ClientException:  # a thread whose channel the bot can't see
        return [VIEW_CHANNEL]
    return lacking_with(has, channel)


def lacking_with(has: discord.Permissions, channel: Channel) -> list[str]:
    """Return the permissions missing to post editions in a channel with the permissions `has`.

    They are called as discord.py calls them, but for what Discord's settings have own names for.
    """
    match channel:
        case discord.Thread():
            needed = POSTING_IN_THREAD
        case discord.ForumChannel():
            needed = POSTING_IN_THREAD | POSTING
        case discord.VoiceChannel() | discord.StageChannel():
            needed = POSTING_IN_VOICE
        case discord.TextChannel():
            needed = POSTING
    own = {"read_messages": VIEW_CHANNEL, **(IN_FORUMS if isinstance(channel, discord.ForumChannel) else {})}
    missing = [own.get(name, name) for name, wanted in needed if wanted and not getattr(has, name)]
    if isinstance(channel, discord.Thread) and not has.manage_threads:
        if channel.locked:
            missing.append("manage_threads")
        if channel.is_private() and channel.me is None:
            missing.append(INVITATION)
    return missing


def require_mentioning(role: discord.Role, channel: Channel, person: discord.Member | discord.User) -> None:
    """Raise NotAllowedError unless both the bot and the person may ping a role in a channel."""
    if role.is_default():
        raise NotAllowedError(_("A digest can't ping everyone. Pick a role."))
    if role.mentionable:
        return
    if not _may_mention(channel.guild.me, channel):
        raise NotAllowedError(
            _(
                "I can't ping {role}. Allow anyone to mention it in the role's settings, or give me"
                " **Mention Everyone** in {channel}.",
                role=role.mention,
                channel=channel.mention,
            )
        )
    if not _may_mention(person, channel):
        raise NotAllowedError(
            _(
                "You can't ping {role}. You need **Mention Everyone** in {channel}, or a role that anyone may"
                " mention.",
                role=role.mention,
                channel=channel.mention,
            )
        )


def require_publishing(channel: Channel) -> None:
    """Raise NotAllowedError unless a channel is an announcement channel, whose posts can be published."""
    if not isinstance(channel, discord.TextChannel) or not channel.is_news():
        raise NotAllowedError(
            _("Only posts in an announcement channel can be published. Leave `publish` out, or pick one.")
        )


def is_role_gone(client: discord.Client, guild_id: int | None, role_id: int | None) -> bool:
    """Say whether a role to ping is known to be gone from a server that the bot sees."""
    guild = client.get_guild(guild_id) if guild_id and role_id else None
    return bool(guild and role_id and not guild.unavailable and guild.get_role(role_id) is None)


def _may_mention(person: discord.Member | discord.User, channel: Channel) -> bool:
    """Say whether somebody may ping any role in a channel."""
    return isinstance(person, discord.Member) and channel.permissions_for(person).mention_everyone


def permission_text(permission: str) -> str:
    """Return a missing permission's name as Discord's settings show it."""
    names = {
        VIEW_CHANNEL: _("View Channel"),
        READ_HISTORY: _("Read Message History"),
        INVITATION: _("an invitation to the thread"),
        "send_messages": _("Send Messages"),
        "send_messages_in_threads": _("Send Messages in Threads"),
        "send_messages_in_posts": _("Send Messages in Posts"),
        "create_posts": _("Create Posts"),
        "connect": _("Connect"),
        "manage_threads": _("Manage Threads"),
    }
    return names.get(permission, permission)
