"""/stories: finds stories."""

from datetime import date, datetime, timedelta

from discord import app_commands
from discord.app_commands import locale_str

from bot.access.viewer import viewer_of
from bot.answers import answer
from bot.client import Interaction
from bot.commands.digest_options import Quality
from bot.commands.options import EVER, SHARE, OutletOption, PastOption, PeriodOption, StoryOption, TopicOption
from bot.pages.card import card_page
from bot.pages.stories import Query, new_list
from digests.dates import end_of, start_of
from digests.lookup.providers import ProviderMatch
from storage.models import Order, Topic

MAX_WORDS = 2_000
TOP_PERIOD = timedelta(days=7)  # unless somebody chooses another one
ORDER_CHOICES = [
    app_commands.Choice(name=locale_str(name), value=order.value)
    for name, order in (("Best match", Order.MATCH), ("Newest", Order.NEWEST), ("Quality", Order.QUALITY))
]


@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
class StoriesGroup(app_commands.Group):
    """Finds stories by words, age, prominence, outlet or title."""

    def __init__(self) -> None:
        super().__init__(name="stories", description="Find stories and everyone who covered them")

    @app_commands.command()
    @app_commands.describe(
        words='Words to look for, "exact phrase", -without, or a link',
        topic="Only stories on this topic",
        outlet="Only articles from this outlet",
        since="Published on or after, for example 2026-01-31, 3 days, last week",
        until="Published on or before, for example 2026-01-31, 3 days, last week",
        min_quality="Minimum quality (most good articles score 60 to 100)",
        order="What to show first (the best match if you leave this out)",
        share=SHARE,
    )
    @app_commands.choices(order=ORDER_CHOICES)
    async def search(
        self,
        interaction: Interaction,
        words: app_commands.Range[str, 1, MAX_WORDS],
        topic: app_commands.Transform[Topic, TopicOption] | None = None,
        outlet: app_commands.Transform[ProviderMatch, OutletOption] | None = None,
        since: app_commands.Transform[date | datetime, PastOption] | None = None,
        until: app_commands.Transform[date | datetime, PastOption] | None = None,
        min_quality: Quality = 0,
        order: str = Order.MATCH.value,
        share: bool = False,
    ) -> None:
        """Find stories by words in their titles, excerpts and outlets."""
        query: Query = {
            "words": words,
            "topic": topic.slug if topic else None,
            "source": outlet.domain if outlet else None,
            "since": start_of(since).timestamp() if since else None,
            "until": end_of(until).timestamp() if until else None,
            "min_quality": min_quality,
            "order": order,
        }
        await self._answer(interaction, query, share)

    @app_commands.command()
    @app_commands.describe(topic="Only stories on this topic", share=SHARE)
    async def latest(
        self,
        interaction: Interaction,
        topic: app_commands.Transform[Topic, TopicOption] | None = None,
        share: bool = False,
    ) -> None:
        """See the newest stories."""
        await self._answer(interaction, {"topic": topic.slug if topic else None}, share)

    @app_commands.command()
    @app_commands.describe(
        topic="Only stories on this topic",
        period="How far back, for example a day, 3 months, all time (a week if you leave this out)",
        share=SHARE,
    )
    async def top(
        self,
        interaction: Interaction,
        topic: app_commands.Transform[Topic, TopicOption] | None = None,
        period: app_commands.Transform[date | datetime, PeriodOption] | None = None,
        share: bool = False,
    ) -> None:
        """See the biggest stories, of the last 7 days unless you choose a period."""
        since = start_of(period) if period else interaction.client.services.clock() - TOP_PERIOD
        query: Query = {
            "top": True,
            "topic": topic.slug if topic else None,
            "since": None if since == EVER else since.timestamp(),
        }
        await self._answer(interaction, query, share)

    @app_commands.command(name="from")
    @app_commands.describe(outlet="The outlet's name or domain", share=SHARE)
    async def from_source(
        self,
        interaction: Interaction,
        outlet: app_commands.Transform[ProviderMatch, OutletOption],
        share: bool = False,
    ) -> None:
        """See the newest stories from an outlet."""
        await self._answer(interaction, {"from": outlet.domain}, share)

    @app_commands.command()
    @app_commands.describe(story="Words from its title, a link to it, or its number", share=SHARE)
    async def show(
        self,
        interaction: Interaction,
        story: app_commands.Transform[int, StoryOption],
        share: bool = False,
    ) -> None:
        """See a story's best article and everyone who covered it."""
        view = await card_page(interaction, story, is_private=not share)
        await answer(interaction, view, ephemeral=not share)

    async def _answer(self, interaction: Interaction, query: Query, share: bool) -> None:
        view = await new_list(interaction.client.services, interaction.user.id, viewer_of(interaction), query)
        await answer(interaction, view, ephemeral=not share)
