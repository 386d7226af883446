"""Direct messages: the channel of a person's own, opened when they ask for something there."""

import discord

from bot.access.refusal import NotAllowedError
from bot.client import Interaction
from bot.errors import NoticeError
from bot.locale import _
from bot.views.notice import notice
from digests.subscriptions.subscribe import require_room
from storage import subscriptions


async def open_dm(interaction: Interaction) -> int:
    """Return the channel of the person's DM; the first time, a greeting shows whether it is open.

    Raises NotAllowedError if it is closed, DigestLimitError if the person may have no digest, and NoticeError
    if too many were opened just now.
    """
    client, person = interaction.client, interaction.user
    async with client.services.database.reading() as connection:
        mine = await connection.run(subscriptions.of_person, person.id)
        if not mine:
            await connection.run(require_room, None, person.id, client.services.settings.limits)
    if mine:
        return mine[0].channel_id
    if person.dm_channel is None and not client.openings.take():
        raise NoticeError(_("Many people are asking me for DMs right now. Try again in a minute."))
    channel = person.dm_channel or await person.create_dm()
    if interaction.guild_id:
        try:
            await channel.send(view=client.link(notice(_greeting())))
        except discord.Forbidden as error:
            raise NotAllowedError(
                _(
                    "Your DMs are closed to me. Allow direct messages from this server's members in its"
                    " privacy settings, then try again."
                )
            ) from error
    return channel.id


def _greeting() -> str:
    return _("I'll send your digests here. `/following` shows all of them, and changes or ends them.")
