"""/privacy: shows what is stored about the person who asks, with a button that deletes it."""

from discord import app_commands

from bot.answers import answer
from bot.client import Interaction
from bot.views.privacy import privacy_view
from storage import people


@app_commands.command(name="privacy")
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def privacy_command(interaction: Interaction) -> None:
    """See what I store about you, and delete it."""
    async with interaction.client.services.database.reading() as connection:
        found = await connection.run(people.footprint, interaction.user.id)
    await answer(interaction, privacy_view(found))
