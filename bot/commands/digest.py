"""/digest: a server's digests, for those who manage it."""

from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot.access.permissions import Channel
from bot.access.places import find_place
from bot.answers import answer
from bot.client import Interaction
from bot.commands.digest_edit import EDITING
from bot.commands.digest_options import (
    LANGUAGE_CHOICES,
    ChannelOption,
    DaysOption,
    Quality,
    Stories,
    TimeText,
    Topics,
    WhyOption,
    Words,
    required_subject,
)
from bot.commands.options import ZoneOption
from bot.commands.sources import suggest_command
from bot.pages.digests import digests_page
from bot.pages.setup import new_digest
from bot.pages.why import find_why_view
from bot.zones import time_for, zone_for
from digests.dates import parse_when
from digests.editions.timetable import EVERY_DAY
from digests.subscriptions.subscribe import usual_stories
from storage.models import DigestOptions


@app_commands.default_permissions(manage_guild=True)
@app_commands.guild_only()
class DigestGroup(app_commands.Group):
    """Commands about a server's digests; those that change one are in digest_edit.py."""

    def __init__(self) -> None:
        super().__init__(name="digest", description="This server's digests, for those who manage it")
        for command in (*EDITING, suggest_command):
            self.add_command(command)

    @app_commands.command()
    @app_commands.describe(
        topic="Topic of the digest, or its number, for example #3",
        date="Its date, for example 2026-01-31 (the last one posted here if you leave this out)",
    )
    async def why(
        self,
        interaction: Interaction,
        topic: app_commands.Transform[str, WhyOption],
        date: app_commands.Range[str, 1, 40] | None = None,
    ) -> None:
        """See why each story was picked or left out."""
        when = parse_when(date) if date else None
        view = await find_why_view(interaction, topic, when)
        await answer(interaction, view)

    @app_commands.command()
    @app_commands.describe(
        topic="Up to 10 topics, with commas between",
        words="Words to search for, instead of topics",
        time="Time of day, for example 09:00 or 9 pm",
        timezone="Time zone, for example Europe/Berlin",
        days="Days: daily, weekdays, weekends, or names, for example Monday, Friday",
        channel="Channel, thread or forum to post in (this channel if you leave this out)",
        stories="Maximum number of stories (5, or 10 for a weekly digest, if you leave this out)",
        min_quality="Minimum quality (most good articles score 60 to 100)",
        mention="Role to ping",
        publish="Publish it to the followers of the announcement channel",
        language="Language of my texts (the server's if you leave this out)",
    )
    @app_commands.choices(language=LANGUAGE_CHOICES)
    async def subscribe(
        self,
        interaction: Interaction,
        topic: Topics | None = None,
        words: Words | None = None,
        time: TimeText | None = None,
        timezone: app_commands.Transform[ZoneInfo, ZoneOption] | None = None,
        days: app_commands.Transform[frozenset[int], DaysOption] = EVERY_DAY,
        channel: app_commands.Transform[Channel, ChannelOption] | None = None,
        stories: Stories | None = None,
        min_quality: Quality = 0,
        mention: discord.Role | None = None,
        publish: bool = False,
        language: str | None = None,
    ) -> None:
        """Post a digest of topics, or of a search, in a channel."""
        subject = required_subject(topic, words)
        place = await find_place(interaction, channel, subject, mention=mention, publish=publish)
        zone = await zone_for(interaction, place.guild_id, timezone)
        options = DigestOptions(
            issue_time=time_for(interaction, time),
            zone=zone.name,
            days=days,
            stories=stories or usual_stories(days),
            min_quality=min_quality,
            mention_role_id=mention.id if mention else None,
            publish=publish,
            language=language,
        )
        view = await new_digest(interaction, subject, place, options, zone.chosen)
        await answer(interaction, view)

    @app_commands.command()
    async def list(self, interaction: Interaction) -> None:
        """See this server's digests, with the last and next of each."""
        await answer(interaction, await digests_page(interaction, 0))
