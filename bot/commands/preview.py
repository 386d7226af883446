"""/preview: what a topic's digest would look like, for everybody."""

from discord import app_commands

from bot.access.viewer import viewer_of
from bot.answers import answer, answer_more
from bot.client import Interaction
from bot.commands.digest_options import Stories, Topics
from bot.commands.options import SHARE
from bot.views.edition import preview_parts
from digests.dates import parse_when
from digests.editions.candidates import EditionOptions
from digests.editions.limits import DEFAULT_STORIES
from digests.editions.preview import MAX_DAYS, preview_edition
from storage.models import Subject


@app_commands.command(name="preview")
@app_commands.describe(
    topic="Topics of the digest, with commas between",
    date="Last day, for example 2026-01-31 (UTC; the newest with a story if you leave this out)",
    days="Number of days, up to and including that day",
    stories="Maximum number of stories",
    share=SHARE,
)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def preview_command(
    interaction: Interaction,
    topic: Topics,
    date: app_commands.Range[str, 1, 40] | None = None,
    days: app_commands.Range[int, 1, MAX_DAYS] = 1,
    stories: Stories = DEFAULT_STORIES,
    share: bool = False,
) -> None:
    """See what a topic's digest would look like."""
    services, subject = interaction.client.services, Subject(topic)
    when = parse_when(date) if date else None
    async with services.database.reading(viewer_of(interaction)) as connection:
        edition = await connection.run(
            preview_edition, subject, when, days, EditionOptions(limit=stories), services.clock()
        )
    first, *others = preview_parts(edition, subject.topic_ids, stories)
    await answer(interaction, first, ephemeral=not share)
    for part in others:
        await answer_more(interaction, part, ephemeral=not share)
