"""Places: where a command says that a digest goes, and who may decide that."""

import re
from dataclasses import dataclass

import discord

from bot.access.forums import provide_tag
from bot.access.permissions import (
    Channel,
    NotAllowedError,
    require_manager,
    require_mentioning,
    require_posting,
    require_publishing,
)
from bot.client import Interaction
from bot.errors import NoticeError
from bot.locale import _
from bot.views.notice import notice
from bot.views.text import plain
from digests.subscriptions.subscribe import Address, find_subscription, find_subscriptions, require_room
from storage import subscriptions
from storage.models import PlaceKind, Subscription, Topic

ME = "me"
NO_TAG = (
    "Add a tag with the topic's name to the forum, and its posts will carry it; with Manage Channels the bot"
    " makes it."
)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a new digest is to come, and what to say about that."""

    guild_id: int | None
    channel_id: int
    kind: PlaceKind
    notes: tuple[str, ...] = ()


async def find_place(
    interaction: Interaction,
    channel: Channel | None,
    to: str | None,
    topic: Topic,
    *,
    mention: discord.Role | None,
    publish: bool,
) -> Destination:
    """Return where a new digest is to come; raises NotAllowedError about what the person or the bot lacks.

    `channel` is the one named, else the command's own. A forum gets a tag for the topic where the bot may.
    """
    if _is_personal(interaction, to):
        if mention or publish:
            raise _not_in_dms()
        return Destination(None, await _open_dm(interaction), PlaceKind.DM)
    if interaction.client.get_guild(interaction.guild_id or 0) is None:
        raise NotAllowedError(
            _(
                "I'm not a member of this server, so I can't post here. With the option `to:me` I send the"
                " digest to your DMs."
            )
        )
    await require_manager(interaction)
    found = require_posting(channel or interaction.channel)
    if found.guild.id != interaction.guild_id:
        raise NotAllowedError(_("That channel is in another server. Pick one in this server."))
    _require_options(interaction, found, mention, publish=publish)
    if not isinstance(found, discord.ForumChannel):
        return Destination(found.guild.id, found.id, PlaceKind.CHANNEL)
    await interaction.response.defer(ephemeral=True)
    tag = await provide_tag(found, topic.name)
    note = f"Each edition is a post with the tag {plain(tag)}." if tag else NO_TAG
    return Destination(found.guild.id, found.id, PlaceKind.FORUM, (note,))


def require_offer(
    interaction: Interaction,
    subscription: Subscription,
    mention: discord.Role | None,
    *,
    publish: bool | None,
) -> int | None:
    """Return the id of the role that a digest is to ping, 0 for none, None where that stays.

    Raises NotAllowedError where the person or the bot may not do what is asked.
    """
    nobody = mention is not None and mention.is_default()
    channel = interaction.client.get_channel(subscription.channel_id)
    wanted = None if nobody else mention
    if isinstance(channel, Channel):
        _require_options(interaction, channel, wanted, publish=bool(publish))
    elif subscription.kind is PlaceKind.DM and (wanted or publish):
        raise _not_in_dms()
    elif wanted or publish:
        raise NotAllowedError(
            _("I can't see that channel, so I can't ping or publish there. Give me **View Channel**.")
        )
    return 0 if nobody else wanted.id if wanted else None


async def choose(
    interaction: Interaction, topic: str, channel: Channel | None, to: str | None
) -> Subscription:
    """Return the subscription that a command is about; raises NotFoundError or NotAllowedError.

    `topic` is a topic's name, or `#` and the subscription's number, as autocomplete gives it.
    """
    if match := re.fullmatch(r"#(\d{1,18})", topic):
        return await require_charge(interaction, int(match[1]))
    address = await _address(interaction, channel, to)
    services = interaction.client.services
    async with services.database.reading() as connection:
        return await find_subscription(connection, address, topic, services.clock())


async def choose_all(
    interaction: Interaction, topic: str | None, channel: Channel | None, to: str | None
) -> list[Subscription]:
    """Return the subscription that a command is about, or, without a topic, all of the place."""
    if topic:
        return [await choose(interaction, topic, channel, to)]
    address = await _address(interaction, channel, to)
    async with interaction.client.services.database.reading() as connection:
        return await find_subscriptions(connection, address)


async def find_here(interaction: Interaction) -> int:
    """Return the id of the channel whose digests a command is about where it names none.

    A forum's post without digests of its own stands for the forum.
    """
    here = interaction.channel
    if isinstance(here, discord.Thread) and isinstance(here.parent, discord.ForumChannel):
        async with interaction.client.services.database.reading() as connection:
            own = await subscriptions.all_in_channel(connection, here.id)
        return here.id if own else here.parent_id
    return interaction.channel_id or 0


async def require_charge(interaction: Interaction, subscription_id: int) -> Subscription:
    """Return a subscription that this person may change: their own, or their server's.

    Raises NoticeError where it is neither, NotAllowedError where they may not manage the server.
    """
    async with interaction.client.services.database.reading() as connection:
        found = await subscriptions.get(connection, subscription_id)
    if found and found.kind is PlaceKind.DM and found.created_by == interaction.user.id:
        return found
    if found is None or found.guild_id is None or found.guild_id != interaction.guild_id:
        raise NoticeError(_("There's no such digest any more. `/digest list` shows the ones there are."))
    await require_manager(interaction)
    return found


async def require_open(interaction: Interaction, subscription: Subscription) -> None:
    """Let a server's subscription go on only where the bot can post; raises NotAllowedError.

    A channel that the bot doesn't see, such as an archived thread, may work all the same.
    """
    channel = interaction.client.get_channel(subscription.channel_id)
    if isinstance(channel, Channel):
        require_posting(channel)


async def _open_dm(interaction: Interaction) -> int:
    """Return the channel of the person's DM; the first time a greeting shows whether it is open.

    Raises NotAllowedError where it is closed, DigestLimitError where the person may have no digest.
    """
    await interaction.response.defer(ephemeral=True)
    services = interaction.client.services
    async with services.database.reading() as connection:
        mine = await subscriptions.of_person(connection, interaction.user.id)
        if not mine:
            await require_room(connection, None, interaction.user.id, services.settings.limits)
    channel = interaction.user.dm_channel or await interaction.user.create_dm()
    if interaction.guild_id and not mine:
        try:
            await channel.send(
                view=notice(
                    "Your digests come here. `/digest list` shows which, `/digest unsubscribe` ends one."
                )
            )
        except discord.Forbidden as error:
            raise NotAllowedError(
                _(
                    "Your DMs are closed to me. Allow direct messages from this server's members in its"
                    " privacy settings, then try again."
                )
            ) from error
    return channel.id


def _not_in_dms() -> NotAllowedError:
    return NotAllowedError(
        _("A DM can't ping a role or be published. Leave out the options `mention` and `publish`.")
    )


def _is_personal(interaction: Interaction, to: str | None) -> bool:
    """Say whether a command is about the person's own DMs: typed outside servers, or with `to:me`."""
    return to == ME or interaction.guild_id is None


def _require_options(
    interaction: Interaction, channel: Channel, mention: discord.Role | None, *, publish: bool
) -> None:
    if mention:
        require_mentioning(mention, channel, interaction.user)
    if publish:
        require_publishing(channel)


async def _address(interaction: Interaction, channel: Channel | None, to: str | None) -> Address:
    if _is_personal(interaction, to):
        return Address(None, 0, interaction.user.id)
    await require_manager(interaction)
    channel_id = channel.id if channel else await find_here(interaction)
    return Address(interaction.guild_id, channel_id, interaction.user.id)
