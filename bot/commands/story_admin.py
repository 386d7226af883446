"""/admin story, for the bot's owners: what belongs together."""

from discord import app_commands

from bot.answers import answer, defer
from bot.client import Interaction
from bot.commands.options import StoryOption
from bot.commands.sources import OwnersGroup
from bot.locale import _
from bot.pages.story_admin import articles_page, decided_page
from digests.stories import decide

STORY = "Words from its title, a link to it, or its number"


class StoryGroup(OwnersGroup):
    """What belongs together."""

    def __init__(self) -> None:
        super().__init__(name="story", description="Part a story, or join two")

    @app_commands.command()
    @app_commands.describe(story=STORY)
    async def split(self, interaction: Interaction, story: app_commands.Transform[int, StoryOption]) -> None:
        """See why each article is in a story, and choose those that are another one."""
        await answer(interaction, await articles_page(interaction.client.services, story, 0))

    @app_commands.command()
    @app_commands.describe(story=STORY, other="The story to join with it: words, a link or its number")
    async def join(
        self,
        interaction: Interaction,
        story: app_commands.Transform[int, StoryOption],
        other: app_commands.Transform[int, StoryOption],
    ) -> None:
        """Make two stories one."""
        await defer(interaction)
        services = interaction.client.services
        async with services.database.transaction() as connection:
            decided = await decide.join(connection, story, other, services.clock())
        said = _("Done: these two are one story now.")
        await answer(interaction, await decided_page(services, said, decided.stories, decided.id))
