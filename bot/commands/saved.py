"""/save and /saved: stories to read later, for everybody, and only for oneself."""

from discord import app_commands

from bot.answers import answer
from bot.client import Interaction
from bot.commands.options import StoryOption
from bot.pages.saved import saved_page
from bot.views.saved import kept_view
from digests.lookup.saved import article_to_save, save


@app_commands.command(name="save")
@app_commands.describe(story="Words from its title, a link to it, or its number")
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def save_command(interaction: Interaction, story: app_commands.Transform[int, StoryOption]) -> None:
    """Save a story to read later."""
    services = interaction.client.services
    now = services.clock()
    async with services.database.transaction() as connection:
        article = await connection.run(article_to_save, story, None, now)
        await save(connection, interaction.user.id, article, now)
    await answer(interaction, kept_view(article))


@app_commands.command(name="saved")
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def saved_command(interaction: Interaction) -> None:
    """See the stories you saved."""
    await answer(interaction, await saved_page(interaction.client.services, interaction.user.id, 0))
