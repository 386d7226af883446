"""Answers to commands, in private, in time or after a deferral."""

from bot.client import Interaction
from bot.views.layout import View


async def answer(interaction: Interaction, view: View) -> None:
    """Answer the person alone; where the answer was deferred, put it in the place of that."""
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)
