"""/admin topic, for the bot's owners: what articles of feeds are about."""

from discord import app_commands

from bot.answers import answer, defer
from bot.client import Interaction
from bot.commands.options import KnownTopicOption, OwnTopicOption, TopicNameOption
from bot.commands.sources import OwnersGroup
from bot.pages.own_topics import changed_page
from bot.views.topics import tried_topics_view
from digests.feeds import own_topics
from digests.feeds.own_topics import Edit
from digests.lookup.topics import COMMA

KEYWORDS = 1_000
NONE = "none"  # takes back what was said
Keywords = app_commands.Range[str, 1, KEYWORDS]
TopicName = app_commands.Transform[str, TopicNameOption]


class TopicGroup(OwnersGroup):
    """What articles are about."""

    def __init__(self) -> None:
        super().__init__(name="topic", description="Describe topics, and the keywords that find them")

    @app_commands.command()
    @app_commands.describe(
        name="The topic's name",
        keywords="Words or phrases in titles, separated by commas",
        parent="The topic that it is part of",
        excerpts="Look for the keywords in excerpts as well",
    )
    async def add(
        self,
        interaction: Interaction,
        name: TopicName,
        keywords: Keywords | None = None,
        parent: TopicName | None = None,
        excerpts: bool = False,
    ) -> None:
        """Describe a topic, or describe it anew."""
        await defer(interaction)
        services = interaction.client.services
        said = Edit(None, COMMA.split(keywords or ""), parent or "", excerpts)
        async with services.database.transaction() as connection:
            change = await own_topics.add(connection, name, said, services.clock())
        await answer(interaction, await changed_page(interaction.client, change))

    @app_commands.command()
    @app_commands.describe(
        topic="The topic's name",
        keywords="Words or phrases in titles, separated by commas, instead of those before; or none",
        parent="The topic that it is part of; or none",
        name="Its new name",
        excerpts="Look for the keywords in excerpts as well",
    )
    async def edit(
        self,
        interaction: Interaction,
        topic: app_commands.Transform[str, KnownTopicOption],
        keywords: Keywords | None = None,
        parent: TopicName | None = None,
        name: TopicName | None = None,
        excerpts: bool | None = None,
    ) -> None:
        """Change what is said of a topic: only what you fill in."""
        await defer(interaction)
        services = interaction.client.services
        words = None if keywords is None else COMMA.split(_said(keywords))
        said = Edit(name, words, None if parent is None else _said(parent), excerpts)
        async with services.database.transaction() as connection:
            change = await own_topics.edit(connection, topic, said, services.clock())
        await answer(interaction, await changed_page(interaction.client, change))

    @app_commands.command()
    @app_commands.describe(name="The topic's name")
    async def remove(
        self, interaction: Interaction, name: app_commands.Transform[str, OwnTopicOption]
    ) -> None:
        """Forget what you said of a topic."""
        await defer(interaction)
        services = interaction.client.services
        async with services.database.transaction() as connection:
            change = await own_topics.remove(connection, name, services.clock())
        await answer(interaction, await changed_page(interaction.client, change))

    @app_commands.command()
    @app_commands.describe(words="A title")
    async def test(self, interaction: Interaction, words: Keywords) -> None:
        """See which topics a title has, and by which keyword."""
        client = interaction.client
        async with client.services.database.reading() as connection:
            by = await connection.run(client.collector.judge.judgement)
        found = by.topics.matches(words)
        await answer(interaction, tried_topics_view(words, found))


def _said(text: str) -> str:
    return "" if text.strip().casefold() == NONE else text
