"""What the buttons and the select do by which the bot's owners part stories, and undo what they decided."""

from bot.access.permissions import require_owner
from bot.answers import turn
from bot.buttons.press import Press
from bot.client import Interaction
from bot.locale import _, n_
from bot.pages.story_admin import articles_page, decided_page
from bot.views.story_admin import ARTICLES_PAGE, SPLIT_STORY, UNDO_STORY, chosen_articles
from digests.stories import decide


class TurnArticles(Press, template=ARTICLES_PAGE):
    """Turns the pages of a story's articles to choose from."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Replace the page by the one asked for."""
        await require_owner(interaction)
        services = interaction.client.services
        await turn(interaction, await articles_page(services, self.state["story"], self.state["page"]))


class SplitStory(Press, template=SPLIT_STORY):
    """Make a story of …: parts the articles chosen from their story."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Part them, and replace the articles by both stories."""
        await require_owner(interaction)
        chosen, services = chosen_articles(interaction), interaction.client.services
        async with services.database.transaction() as connection:
            decided = await decide.split_articles(connection, self.state["story"], chosen, services.clock())
        said = n_(
            "Done: {number:,} article is a story of its own now.",
            "Done: {number:,} articles are a story of their own now.",
            len(chosen),
        )
        await turn(interaction, await decided_page(services, said, decided.stories, decided.id))


class UndoStory(Press, template=UNDO_STORY):
    """Undo: takes back that a story was parted, or two joined."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Take it back, and replace the message by the stories that come of that."""
        await require_owner(interaction)
        services = interaction.client.services
        async with services.database.transaction() as connection:
            stories = await decide.undo(connection, self.state["decision"], services.clock())
        await turn(interaction, await decided_page(services, _("Undone."), stories))


STORY_ADMIN_PRESSES = (TurnArticles, SplitStory, UndoStory)
