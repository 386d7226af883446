"""/help: the commands that the person who asks may use."""

from typing import Any

import discord
from discord import app_commands

from bot.answers import answer
from bot.client import Interaction
from bot.views.help import help_view
from storage import stories


@app_commands.command(name="help")
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def help_command(interaction: Interaction) -> None:
    """See what I can do."""
    tree = interaction.client.tree
    here = [discord.Object(interaction.guild_id)] if interaction.guild_id else []
    commands = [
        command
        for guild in (None, *here)
        for command in tree.walk_commands(guild=guild)
        if isinstance(command, app_commands.Command) and _is_for(interaction, command)
    ]
    async with interaction.client.services.database.reading() as connection:
        is_empty = await connection.run(stories.is_empty)
    listed = [(command.qualified_name, command.description) for command in commands]
    view = help_view(listed, has_news=not is_empty)
    await answer(interaction, view)


def _is_for(interaction: Interaction, command: app_commands.Command[Any, ..., Any]) -> bool:
    """Say whether a command belongs in this person's list; a server's own overrides aren't looked at."""
    root = command.root_parent or command
    if root.name == "admin":
        return interaction.client.is_owner(interaction.user.id)
    return interaction.guild_id is not None or not root.guild_only
