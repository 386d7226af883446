"""/digest: topic digests for channels, and what they would hold."""

from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot.client import Interaction
from bot.commands.options import TopicOption, ZoneOption
from bot.permissions import require_manager, require_posting
from bot.reasons import find_why_view
from bot.views.digest import subscribed_view, subscriptions_view
from bot.views.edition import preview_parts
from bot.views.notice import notice
from bot.views.text import brief
from digests.dates import parse_when
from digests.edition import DEFAULT_STORIES, MAX_STORIES, Options
from digests.preview import preview_edition
from digests.subscribing import Wish, next_edition, standings, subscribe, unsubscribe
from digests.timetable import DAYS, Timetable, parse_time
from storage.models import Topic

Stories = app_commands.Range[int, 1, MAX_STORIES]
Quality = app_commands.Range[int, 0, 1000]
Channel = discord.TextChannel | discord.Thread


@app_commands.guild_only()
class DigestGroup(app_commands.Group):
    """Daily digests of topics."""

    def __init__(self) -> None:
        super().__init__(name="digest", description="Daily digests of topics, in the channels that want them")

    @app_commands.command()
    @app_commands.describe(
        topic="What the digest is about",
        date="The last day it looks at, such as 2026-01-31 (UTC); else the newest day with a story",
        days="How many days it looks at",
        stories="How many stories it holds at most",
        private="Show it to me alone",
    )
    async def preview(
        self,
        interaction: Interaction,
        topic: app_commands.Transform[Topic, TopicOption],
        date: app_commands.Range[str, 1, 40] | None = None,
        days: app_commands.Range[int, 1, 31] = 1,
        stories: Stories = DEFAULT_STORIES,
        private: bool = True,
    ) -> None:
        """Show what a topic's digest holds for a day."""
        services = interaction.client.services
        when = parse_when(date) if date else None
        async with services.database.reading() as connection:
            edition = await preview_edition(
                connection, topic, when, days, Options(limit=stories), services.clock()
            )
        first, *others = preview_parts(edition, topic.id, stories)
        await interaction.response.send_message(view=first, ephemeral=private)
        for part in others:
            await interaction.followup.send(view=part, ephemeral=private)

    @app_commands.command()
    @app_commands.describe(
        topic="What the digest is about",
        date="Its date, such as 2026-01-31; else the last one that came here, or the newest day",
    )
    async def why(
        self,
        interaction: Interaction,
        topic: app_commands.Transform[Topic, TopicOption],
        date: app_commands.Range[str, 1, 40] | None = None,
    ) -> None:
        """Show why a digest holds what it holds: the verdict on every story that it looked at."""
        when = parse_when(date) if date else None
        view = await find_why_view(interaction.client.services, interaction.channel_id or 0, topic, when)
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(
        topic="What the digest is about",
        time="When it comes, such as 09:00 or 9 pm",
        timezone="On whose clock",
        days="On which days",
        channel="Where it comes; else this channel",
        stories="How many stories it holds at most",
        min_quality="Leave out stories whose best article is below this",
    )
    @app_commands.choices(days=[app_commands.Choice(name=name, value=name) for name in DAYS])
    @app_commands.check(require_manager)
    async def subscribe(
        self,
        interaction: Interaction,
        topic: app_commands.Transform[Topic, TopicOption],
        time: app_commands.Range[str, 1, 20] = "09:00",
        timezone: app_commands.Transform[ZoneInfo, ZoneOption] | None = None,
        days: str = "daily",
        channel: Channel | None = None,
        stories: Stories = DEFAULT_STORIES,
        min_quality: Quality = 0,
    ) -> None:
        """Bring a topic's digest to a channel, at a time of day."""
        destination = require_posting(channel or interaction.channel)
        wish = Wish(
            topic=topic,
            guild_id=destination.guild.id,
            channel_id=destination.id,
            user_id=interaction.user.id,
            timetable=Timetable(parse_time(time), timezone or ZoneInfo("UTC"), DAYS[days]),
            stories=stories,
            min_quality=min_quality,
        )
        services = interaction.client.services
        async with services.database.transaction() as connection:
            subscription = await subscribe(connection, wish, services.clock())
            upcoming = await next_edition(connection, subscription)
        await interaction.response.send_message(view=subscribed_view(subscription, upcoming), ephemeral=True)

    @app_commands.command()
    async def list(self, interaction: Interaction) -> None:
        """Show the digests that come to this server, the last and the next of each."""
        async with interaction.client.services.database.reading() as connection:
            found = await standings(connection, interaction.guild_id or 0)
        await interaction.response.send_message(view=subscriptions_view(found), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(topic="Which digest ends", channel="Where it came; else this channel")
    @app_commands.check(require_manager)
    async def unsubscribe(
        self,
        interaction: Interaction,
        topic: app_commands.Transform[Topic, TopicOption],
        channel: Channel | None = None,
    ) -> None:
        """End a topic's digest in a channel."""
        channel_id = channel.id if channel else interaction.channel_id or 0
        async with interaction.client.services.database.transaction() as connection:
            ended = await unsubscribe(connection, interaction.guild_id or 0, channel_id, topic)
        text = f"{brief(ended.topic.name)} comes to <#{ended.channel_id}> no more."
        await interaction.response.send_message(view=notice(text), ephemeral=True)
