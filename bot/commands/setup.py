"""/setup: one form for a new digest."""

from discord import app_commands

from bot.client import Interaction
from bot.forms.form import open_form
from bot.pages.forms import new_form


@app_commands.command(name="setup")
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.default_permissions(manage_guild=True)
async def setup_command(interaction: Interaction) -> None:
    """Set up a digest with a form."""
    await open_form(interaction, new_form(interaction))
