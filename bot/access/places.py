"""Places: which channel or DM a command means, and who may decide that a digest goes there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.access.direct import open_dm
from bot.access.forums import provide_tags
from bot.access.permissions import (
    Channel,
    require_manager,
    require_mentioning,
    require_posting,
    require_publishing,
)
from bot.access.refusal import NotAllowedError
from bot.client import Interaction
from bot.errors import NoticeError
from bot.locale import _, n_
from bot.locale.cldr import enumerated
from bot.views.follow_buttons import follow_button
from bot.views.layout import Item
from bot.views.text import plain
from digests.subscriptions.subscribe import find_subscription, find_subscriptions
from storage import subscriptions
from storage.models import Delivery, PlaceKind, Subject, Subscription


@dataclass(frozen=True, slots=True)
class Destination:
    """The place for a new digest, and what to tell the person about it."""

    guild_id: int | None
    channel_id: int
    kind: PlaceKind
    notes: tuple[str, ...] = ()


async def find_place(
    interaction: Interaction,
    channel: Channel | None,
    subject: Subject,
    *,
    mention: discord.Role | None,
    publish: bool,
) -> Destination:
    """Return the place for a new digest; raises NotAllowedError if the person or the bot may not.

    If `channel` is None, it is the command's own, or the person's DM. A forum gets a tag for each topic if
    the bot may make them.
    """
    if not interaction.guild_id:
        return Destination(None, await open_dm(interaction), PlaceKind.DM)
    await require_server(interaction, follow_button(subject))
    found = require_posting(channel or interaction.channel)
    if found.guild.id != interaction.guild_id:
        raise NotAllowedError(_("That channel is in another server. Pick one in this server."))
    _require_options(interaction, found, mention, publish=publish)
    if not isinstance(found, discord.ForumChannel):
        return Destination(found.guild.id, found.id, PlaceKind.CHANNEL)
    tags = await provide_tags(found, subject.names)
    return Destination(found.guild.id, found.id, PlaceKind.FORUM, (_forum_note(tags),))


async def require_server(interaction: Interaction, offer: Item | None = None) -> None:
    """Allow a digest in this server; raises NotAllowedError if the bot isn't in it or the person may not.

    `offer` is what they can press instead.
    """
    await require_manager(interaction, offer)
    if interaction.client.get_guild(interaction.guild_id or 0) is None:
        raise NotAllowedError(
            _("I'm not a member of this server, so I can't post here. `/follow` sends digests to your DMs."),
            offer,
        )


def require_allowed_options(
    interaction: Interaction,
    subscription: Subscription,
    mention: discord.Role | None,
    *,
    publish: bool | None,
) -> None:
    """Allow a digest to ping a role and publish its posts; raises NotAllowedError otherwise.

    The role @everyone stands for nobody.
    """
    channel = interaction.client.get_channel(subscription.channel_id)
    wanted = None if mention is None or mention.is_default() else mention
    if isinstance(channel, Channel):
        _require_options(interaction, channel, wanted, publish=bool(publish))
    elif subscription.kind is PlaceKind.DM and (wanted or publish):
        raise _not_in_dms()
    elif wanted or publish:
        raise NotAllowedError(
            _("I can't see that channel, so I can't ping or publish there. Give me **View Channel**.")
        )


async def subscription_for(interaction: Interaction, topic: str, channel: Channel | None) -> Subscription:
    """Return the subscription that a command is about; raises NotFoundError or NotAllowedError.

    `topic` is the name of one of its topics, or `#` and the subscription's number, as autocomplete gives it.
    """
    if (number := number_in(topic)) is not None:
        return await require_own(interaction, number)
    channel_id = await _channel_id(interaction, channel)
    services = interaction.client.services
    async with services.database.reading() as connection:
        return await connection.run(
            find_subscription, interaction.guild_id, channel_id, topic, services.clock()
        )


def number_in(text: str) -> int | None:
    """Return the subscription's number that a text such as #3 is; None if it is none."""
    match = re.fullmatch(r"\s*#(\d{1,18})\s*", text)
    return int(match[1]) if match else None


async def subscriptions_for(
    interaction: Interaction, topic: str | None, channel: Channel | None
) -> list[Subscription]:
    """Return the subscription that a command is about, or, without a topic, all in the channel.

    Raises NotFoundError or NotAllowedError.
    """
    if topic:
        return [await subscription_for(interaction, topic, channel)]
    channel_id = await _channel_id(interaction, channel)
    async with interaction.client.services.database.reading() as connection:
        return await connection.run(find_subscriptions, interaction.guild_id, channel_id)


async def find_here(interaction: Interaction) -> int:
    """Return the id of the channel whose digests a command is about if it doesn't name one.

    In a forum's post without digests of its own, that is the forum.
    """
    here = interaction.channel
    if isinstance(here, discord.Thread) and isinstance(here.parent, discord.ForumChannel):
        async with interaction.client.services.database.reading() as connection:
            own = await connection.run(subscriptions.all_in_channel, here.id)
        return here.id if own else here.parent_id
    return interaction.channel_id or 0


def is_place_of(interaction: Interaction, delivery: Delivery) -> bool:
    """Say whether somebody is in the place of a delivery: its channel or DM, or a post of its forum."""
    here = interaction.channel
    if delivery.kind is PlaceKind.FORUM:
        return isinstance(here, discord.Thread) and here.parent_id == delivery.channel_id
    return interaction.channel_id == delivery.channel_id


async def require_own(interaction: Interaction, subscription_id: int) -> Subscription:
    """Return a subscription that this person may change: their own, or their server's.

    Raises NoticeError if it is neither, NotAllowedError if they may not manage the server.
    """
    async with interaction.client.services.database.reading() as connection:
        found = await connection.run(subscriptions.get, subscription_id)
    return await require_theirs(interaction, found)


async def require_theirs(interaction: Interaction, found: Subscription | None) -> Subscription:
    """Return a subscription if this person may change it; raises require_own()'s errors."""
    if found and found.kind is PlaceKind.DM and found.created_by == interaction.user.id:
        return found
    if found is None or found.guild_id is None or found.guild_id != interaction.guild_id:
        raise NoticeError(
            _("There's no such digest any more. `/digest list` shows this server's, `/following` your own.")
        )
    await require_manager(interaction)
    return found


async def require_postable(interaction: Interaction, subscription: Subscription) -> None:
    """Raise NotAllowedError if the bot knows that it can't post in a subscription's channel.

    A channel that the bot doesn't see, such as an archived thread, passes: it may work all the same.
    """
    channel = interaction.client.get_channel(subscription.channel_id)
    if isinstance(channel, Channel):
        require_posting(channel)


def _forum_note(tags: Sequence[str]) -> str:
    """Return what to say about the tags of a forum's posts, which may be none."""
    if tags:
        return n_(
            "Each digest will be a post with the tag {tags}.",
            "Each digest will be a post with the tags {tags}, as far as it has their stories.",
            len(tags),
            tags=enumerated(list(map(plain, tags))),
        )
    return _(
        "If you add a tag with the topic's name to the forum, my posts will carry it."
        " With **Manage Channels** I can add it myself."
    )


def _not_in_dms() -> NotAllowedError:
    return NotAllowedError(
        _("A DM can't ping a role or be published. Leave out the options `mention` and `publish`.")
    )


def _require_options(
    interaction: Interaction, channel: Channel, mention: discord.Role | None, *, publish: bool
) -> None:
    if mention:
        require_mentioning(mention, channel, interaction.user)
    if publish:
        require_publishing(channel)


async def _channel_id(interaction: Interaction, channel: Channel | None) -> int:
    """Return the id of the channel that a command is about, for those who manage the server."""
    await require_manager(interaction)
    return channel.id if channel else await find_here(interaction)
