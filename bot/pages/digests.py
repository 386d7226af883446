"""The list of digests, built for the command, and again for every button that turns a page."""

from dataclasses import replace

import discord

from bot.access.permissions import Channel, is_role_gone
from bot.client import Client, Interaction
from bot.pages.following import following_page
from bot.views.digest import PER_PAGE, subscriptions_view
from bot.views.layout import View
from bot.views.paging import page_count
from digests.subscriptions.losses import RoleLoss
from digests.subscriptions.subscribe import SubscriptionStatus, statuses
from storage import subscriptions
from storage.models import Subscription


async def digests_page(interaction: Interaction, page: int) -> View:
    """Return a page, counted from 0, of the server's digests; in a DM it is that of what one follows."""
    services = interaction.client.services
    if not interaction.guild_id:
        return await following_page(interaction, page)
    async with services.database.reading() as connection:
        in_server = await connection.run(subscriptions.of_guild, interaction.guild_id)
        found = [each for each in in_server if _may_see(interaction, each)]
        pages = page_count(len(found), PER_PAGE)
        page = min(page, pages - 1)
        shown = await connection.run(statuses, found[page * PER_PAGE : (page + 1) * PER_PAGE])
    shown = [_with_lost_role(interaction.client, each) for each in shown]
    return subscriptions_view(
        shown, services.clock(), page, pages, may_manage=interaction.permissions.manage_guild
    )


def _may_see(interaction: Interaction, subscription: Subscription) -> bool:
    """Say whether a person may know of a digest: who manages the server may, and who sees its channel."""
    if interaction.permissions.manage_guild:
        return True
    channel = interaction.client.get_channel(subscription.channel_id)
    person = interaction.user
    if not isinstance(channel, Channel) or not isinstance(person, discord.Member):
        return False
    allowed = channel.permissions_for(person)
    is_private = isinstance(channel, discord.Thread) and channel.is_private()
    return allowed.view_channel and (allowed.manage_threads or not is_private)


def _with_lost_role(client: Client, standing: SubscriptionStatus) -> SubscriptionStatus:
    """Return how a subscription stands, with the role that it pings if that was deleted."""
    subscription = standing.subscription
    role_id = subscription.options.mention_role_id
    if role_id and is_role_gone(client, subscription.guild_id, role_id):
        return replace(standing, losses=(*standing.losses, RoleLoss(role_id)))
    return standing
