"""/follow and /following: one's own digests, in DMs, for everybody."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from discord import app_commands

from bot.answers import answer
from bot.client import Interaction
from bot.commands.digest_options import (
    LANGUAGE_CHOICES,
    DaysOption,
    Stories,
    TimeText,
    Topics,
    Words,
    required_subject,
)
from bot.commands.options import ZoneOption
from bot.following import follow
from bot.forms.filled import USUAL
from bot.pages.following import following_page
from digests.editions.timetable import EVERY_DAY, parse_time
from digests.subscriptions.subscribe import usual_stories


@app_commands.command(name="follow")
@app_commands.describe(
    topic="Up to 10 topics, with commas between",
    words="Words to search for, instead of topics",
    time="Time of day, for example 09:00 or 9 pm",
    timezone="Time zone, for example Europe/Berlin",
    days="Days: daily, weekdays, weekends, or names, for example Monday, Friday",
    stories="Maximum number of stories (5, or 10 for a weekly digest, if you leave this out)",
    language="Language of my texts (yours if you leave this out)",
)
@app_commands.choices(language=LANGUAGE_CHOICES)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def follow_command(
    interaction: Interaction,
    topic: Topics | None = None,
    words: Words | None = None,
    time: TimeText = "09:00",
    timezone: app_commands.Transform[ZoneInfo, ZoneOption] | None = None,
    days: app_commands.Transform[frozenset[int], DaysOption] = EVERY_DAY,
    stories: Stories | None = None,
    language: str | None = None,
) -> None:
    """Get a digest of topics, or of a search, in your DMs."""
    options = replace(
        USUAL,
        issue_time=f"{parse_time(time):%H:%M}",
        days=days,
        stories=stories or usual_stories(days),
        language=language,
    )
    await answer(interaction, await follow(interaction, required_subject(topic, words), options, timezone))


@app_commands.command(name="following")
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def following_command(interaction: Interaction) -> None:
    """See and change what you follow."""
    await answer(interaction, await following_page(interaction, 0))
