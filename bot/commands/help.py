"""/help: what the person who asks can do."""

from discord import app_commands

from bot.answers import answer
from bot.client import Interaction
from bot.views.help import Part, help_view
from storage import stories


@app_commands.command(name="help")
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def help_command(interaction: Interaction) -> None:
    """See what I can do."""
    client = interaction.client
    async with client.services.database.reading() as connection:
        is_empty = await connection.run(stories.is_empty)
    sections = {Part.READ, Part.YOURS}
    if interaction.permissions.manage_guild:
        sections.add(Part.SERVER)
    if client.is_owner(interaction.user.id) and _has_admin(interaction):
        sections.add(Part.OWNER)
    view = help_view(client.command_names(), sections, has_news=not is_empty)
    await answer(interaction, view)


def _has_admin(interaction: Interaction) -> bool:
    """Say whether /admin is here: in any server, or only in one of them."""
    only_in = interaction.client.services.settings.admin_guild_id
    return interaction.guild_id is not None and only_in in {None, interaction.guild_id}
