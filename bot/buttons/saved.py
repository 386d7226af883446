"""What the buttons of saved stories do, each for the person who presses it."""

from bot.answers import answer, turn
from bot.buttons.press import Press
from bot.client import Interaction
from bot.errors import NoticeError
from bot.locale import _
from bot.pages.saved import saved_page
from bot.pages.why import edition_here, previewed_again
from bot.views.buttons import (
    PREVIEW_SAVE,
    REMOVE_SAVED,
    RETURN_SAVED,
    SAVE,
    SAVE_STORY,
    SAVED_PAGE,
    chosen_chapter,
)
from bot.views.layout import View
from bot.views.saved import choose_view, kept_view
from digests.editions.edition import Edition
from digests.lookup.saved import article_to_save, put_back, remove, save


class Save(Press, template=SAVE):
    """Save: asks which one of a delivered edition."""

    async def answer(self, interaction: Interaction) -> None:
        """Send the question, or save the only story."""
        await _ask_which(interaction, await edition_here(interaction, self.state["delivery"]))


class SaveOfPreview(Press, template=PREVIEW_SAVE):
    """Save: asks which one of a preview."""

    async def answer(self, interaction: Interaction) -> None:
        """Send the question, or save the only story."""
        await _ask_which(interaction, await previewed_again(interaction, self.said["topics"], self.state))


class SaveStory(Press, template=SAVE_STORY):
    """Saves the story that is chosen in answer to the question."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Save it, and replace the question."""
        chosen = chosen_chapter(interaction)
        await turn(interaction, await _save(interaction, chosen["story"], chosen["article"]))


class TurnSaved(Press, template=SAVED_PAGE):
    """Turns the pages of the saved stories."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Replace the page by the one asked for."""
        page = self.state["page"]
        await turn(interaction, await saved_page(interaction.client.services, interaction.user.id, page))


class RemoveSaved(Press, template=REMOVE_SAVED):
    """Remove: takes a story off the list."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Remove it, and offer to put it back."""
        services, user_id = interaction.client.services, interaction.user.id
        async with services.database.transaction() as connection:
            removed = await remove(connection, user_id, self.state["saved"], services.clock())
        await turn(interaction, await saved_page(services, user_id, self.state["page"], removed))


class ReturnSaved(Press, template=RETURN_SAVED):
    """Undo: puts a story back on the list."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Put it back in its place."""
        services, user_id = interaction.client.services, interaction.user.id
        async with services.database.transaction() as connection:
            await put_back(connection, user_id, self.state["saved"])
        await turn(interaction, await saved_page(services, user_id, self.state["page"]))


async def _ask_which(interaction: Interaction, edition: Edition) -> None:
    coverages = [choice.coverage for choice in edition.choices]
    if not coverages:
        raise NoticeError(_("There's no story in this digest any more."))
    if len(coverages) > 1:
        await answer(interaction, choose_view(coverages))
        return
    (only,) = coverages
    await answer(interaction, await _save(interaction, only.story_id, only.pick.id))


async def _save(interaction: Interaction, story_id: int, article_id: int) -> View:
    """Save an article for the person who asks, and return that it was."""
    services = interaction.client.services
    now = services.clock()
    async with services.database.transaction() as connection:
        article = await connection.run(article_to_save, story_id, article_id, now)
        await save(connection, interaction.user.id, article, now)
    return kept_view(article)


SAVED_PRESSES = (Save, SaveOfPreview, SaveStory, TurnSaved, RemoveSaved, ReturnSaved)
