"""/admin, for the bot's owners: sources, topics, stories, seeds, how the bot is doing."""

import asyncio
import io
from contextlib import suppress
from typing import Any

import discord
from discord import app_commands

from bot.access.permissions import require_owner
from bot.answers import answer, defer
from bot.client import Interaction
from bot.commands.own_topics import TopicGroup
from bot.commands.sources import SourceGroup
from bot.commands.story_admin import StoryGroup
from bot.transport import LOST_REPLY
from bot.views.admin import FAULTS_FILE, MAX_FAULTS, progress_view, report_view, status_view
from digests.seeds.reload import Report
from digests.status import read_status
from digests.subscriptions.losses import topic_losses
from storage import subscriptions

UNDELIVERED = (discord.HTTPException, *LOST_REPLY)
EDIT_EVERY = 3.0  # seconds; Discord allows about five edits in five


@app_commands.default_permissions(administrator=True)
@app_commands.guild_only()
class AdminGroup(app_commands.Group):
    """Commands that only the bot's owners may use."""

    def __init__(self) -> None:
        super().__init__(
            name="admin",
            description="For the bot's owners: sources, topics, stories, seeds, how the bot is doing",
        )
        self.add_command(SourceGroup())
        self.add_command(TopicGroup())
        self.add_command(StoryGroup())

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Return True for the bot's owners; raises NotAllowedError for anyone else."""
        return await require_owner(interaction)

    @app_commands.command()
    @app_commands.describe(force="Read every file again, and go ahead even if most records would be removed")
    async def reload(self, interaction: Interaction, force: bool = False) -> None:
        """Read the seeds again and see what changed."""
        await defer(interaction)
        services = interaction.client.services
        reloading = asyncio.create_task(services.reloader.reload(services.settings.seeds_folder, force=force))
        while not (await asyncio.wait({reloading}, timeout=EDIT_EVERY))[0]:
            if services.reloader.progress:
                with suppress(*UNDELIVERED):  # the next one, or the report, says more
                    await interaction.edit_original_response(view=progress_view(services.reloader.progress))
        report = await reloading
        async with services.database.reading() as connection:
            found = await connection.run(subscriptions.present)
            lost = await connection.run(topic_losses, found)
        here = [each for each in found if each.guild_id == interaction.guild_id]
        view = report_view(report, lost, here)
        try:
            await interaction.edit_original_response(view=view, attachments=_faults_file(report))
        except UNDELIVERED:  # the person dismissed the message, or Discord was down
            await interaction.followup.send(view=view, files=_faults_file(report), ephemeral=True)

    @app_commands.command()
    async def status(self, interaction: Interaction) -> None:
        """See the last reload, what is stored, how deliveries go and what needs fixing."""
        client = interaction.client
        async with client.services.database.reading() as connection:
            status = await connection.run(read_status, client.services.clock())
        view = status_view(status, client.started_at, client.latency)
        await answer(interaction, view)


def _faults_file(report: Report) -> list[discord.File]:
    """Return the whole list of faults as a file, or nothing if the message holds all of them."""
    if len(report.failed) <= MAX_FAULTS:
        return []
    lines = "\n".join(map(str, report.failed))
    return [discord.File(io.BytesIO(lines.encode()), FAULTS_FILE)]
