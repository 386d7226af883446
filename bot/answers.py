"""Private answers to commands, whether they were deferred or not."""

from bot.client import Interaction
from bot.views.layout import View


async def answer(interaction: Interaction, view: View) -> None:
    """Answer only the person; a deferred answer is replaced."""
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)
