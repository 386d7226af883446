"""/stories: look stories up."""

from typing import Any

from discord import app_commands

from bot.client import Interaction
from bot.commands.options import StoryOption, TopicOption
from bot.lists import new_list
from bot.views.story import card_view
from digests.lookups import story_card
from storage.models import Topic

MAX_WORDS = 200


@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
class StoriesGroup(app_commands.Group):
    """Look stories up by their words, their age or their title."""

    def __init__(self) -> None:
        super().__init__(name="stories", description="Find stories and everyone who covered them")

    @app_commands.command()
    @app_commands.describe(
        words='What to look for; "exact phrase" and -without work too',
        topic="Only stories of this topic",
        private="Show the answer to me alone",
    )
    async def search(
        self,
        interaction: Interaction,
        words: app_commands.Range[str, 1, MAX_WORDS],
        topic: app_commands.Transform[Topic, TopicOption] | None = None,
        private: bool = False,
    ) -> None:
        """Find stories by words of their titles, excerpts and outlets."""
        query: dict[str, Any] = {"words": words, "topic": topic.slug if topic else None}
        view = await new_list(interaction.client.services, interaction.user.id, query)
        await interaction.response.send_message(view=view, ephemeral=private)

    @app_commands.command()
    @app_commands.describe(topic="Only stories of this topic", private="Show the answer to me alone")
    async def latest(
        self,
        interaction: Interaction,
        topic: app_commands.Transform[Topic, TopicOption] | None = None,
        private: bool = False,
    ) -> None:
        """Show the newest stories."""
        query: dict[str, Any] = {"topic": topic.slug if topic else None}
        view = await new_list(interaction.client.services, interaction.user.id, query)
        await interaction.response.send_message(view=view, ephemeral=private)

    @app_commands.command()
    @app_commands.describe(story="Words of its title, or its number", private="Show the answer to me alone")
    async def show(
        self,
        interaction: Interaction,
        story: app_commands.Transform[int, StoryOption],
        private: bool = False,
    ) -> None:
        """Show a story: the best article, and all others who covered it."""
        async with interaction.client.services.database.reading() as connection:
            card = await story_card(connection, story, interaction.client.services.clock())
        await interaction.response.send_message(view=card_view(card, 0), ephemeral=private)
