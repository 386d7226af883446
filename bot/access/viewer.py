"""Who reads an answer, as far as what is stored depends on it."""

from typing import Any

import discord

from storage.visibility import DIRECT


def viewer_of(interaction: discord.Interaction[Any]) -> int:
    """Return the viewer for Database.reading(): the server, or DIRECT outside of servers."""
    return interaction.guild_id or DIRECT
