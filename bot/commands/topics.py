"""/topics: the list of topics."""

from discord import app_commands

from bot.access.viewer import viewer_of
from bot.answers import answer
from bot.client import Interaction
from bot.commands.options import SHARE
from bot.pages.stories import new_list


@app_commands.command(name="topics")
@app_commands.describe(share=SHARE)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def topics_command(interaction: Interaction, share: bool = False) -> None:
    """See all topics, and how many stories each has."""
    view = await new_list(
        interaction.client.services, interaction.user.id, viewer_of(interaction), {"topics": True}
    )
    await answer(interaction, view, ephemeral=not share)
