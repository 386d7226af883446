"""What buttons do; their state is in their custom_ids, so they work after a restart."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import discord
from discord import ui

from bot import managing
from bot.access.places import require_own
from bot.access.viewer import viewer_of
from bot.answers import answer, turn
from bot.client import Interaction
from bot.guard import guarded
from bot.pages.card import card_page
from bot.pages.digests import digests_page
from bot.pages.stories import not_yours, turn_page
from bot.pages.why import delivered_why_view, preview_why_view
from bot.views.buttons import (
    CARD_PAGE,
    COVERAGE,
    COVERAGE_OF,
    DIGESTS_PAGE,
    LIST_PAGE,
    PREVIEW_WHY,
    PREVIEW_WHY_PAGE,
    RESUME,
    SWITCH,
    TUNE,
    WHY,
    WHY_PAGE,
    button_state,
    chosen_chapter,
)
from bot.views.confirmed import changed_view, settings_view
from bot.views.privacy import FORGET, forgotten_view
from digests.subscriptions.losses import switch_topic
from storage import people


class Press(ui.DynamicItem[ui.Item[Any]], template=r"(?!)"):
    """A press of one kind of button; the person gets an answer whatever goes wrong."""

    name: ClassVar[str]  # in metrics and logs
    turns: ClassVar[bool] = False  # it changes the message that has the button

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.name = f"button {cls.__name__}"

    def __init__(self, item: ui.Item[Any], match: re.Match[str]) -> None:
        super().__init__(item)
        self.said: dict[str, str] = match.groupdict()
        self.state: dict[str, int] = {}  # what the custom_id says, checked when the button is pressed

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the press with the state that the button's custom_id holds."""
        return cls(item, match)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says, and answer errors."""

        async def checked() -> None:
            self.state = button_state(self.said)
            await self.answer(interaction)

        await guarded(interaction, self.name, checked, turns=self.turns)

    async def answer(self, interaction: Interaction) -> None:
        """Do what the button says."""
        raise NotImplementedError


class OpenCoverage(Press, template=COVERAGE):
    """Full coverage: opens a story's card, only for this person."""

    async def answer(self, interaction: Interaction) -> None:
        """Send the page of the card that lists the article which stood beside the button."""
        await _open_card(interaction, self.state)


class ChooseCoverage(Press, template=COVERAGE_OF):
    """All coverage of …: opens the chosen story's card, only for this person."""

    async def answer(self, interaction: Interaction) -> None:
        """Send the page of the card that lists the article which the edition named."""
        await _open_card(interaction, chosen_chapter(interaction))


async def _open_card(interaction: Interaction, state: Mapping[str, int]) -> None:
    view = await card_page(interaction, state["story"], article_id=state.get("article", 0))
    await answer(interaction, view)


class TurnCard(Press, template=CARD_PAGE):
    """Turns the pages of a story's card, for the person who opened it."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Replace the page by the one asked for."""
        user_id = interaction.user.id
        if self.state.get("user", user_id) != user_id:
            raise not_yours()
        is_private = interaction.message is not None and interaction.message.flags.ephemeral
        page = await card_page(interaction, self.state["story"], self.state["page"], is_private=is_private)
        await turn(interaction, page)


class TurnList(Press, template=LIST_PAGE):
    """Turns the pages of a list, for the person who asked for it."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Replace the page by the one asked for."""
        view = await turn_page(
            interaction.client.services,
            interaction.user.id,
            viewer_of(interaction),
            self.state["listing"],
            self.state["page"],
        )
        await turn(interaction, view)


class OpenWhy(Press, template=WHY):
    """Why these?: opens the reasons of a delivered edition, only for this person."""

    async def answer(self, interaction: Interaction) -> None:
        """Send the first page of the reasons."""
        view = await delivered_why_view(interaction, self.state["delivery"], 0)
        await answer(interaction, view)


class TurnWhy(Press, template=WHY_PAGE):
    """Turns the pages of a delivered edition's reasons."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Replace the page by the one asked for."""
        view = await delivered_why_view(interaction, self.state["delivery"], self.state["page"])
        await turn(interaction, view)


class OpenPreviewWhy(Press, template=PREVIEW_WHY):
    """Why these?: opens the reasons of a preview, only for this person."""

    async def answer(self, interaction: Interaction) -> None:
        """Send the first page of the reasons."""
        view = await preview_why_view(interaction, self.said["topics"], self.state, 0)
        await answer(interaction, view)


class TurnPreviewWhy(Press, template=PREVIEW_WHY_PAGE):
    """Turns the pages of a preview's reasons."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Replace the page by the one asked for."""
        view = await preview_why_view(interaction, self.said["topics"], self.state, self.state["page"])
        await turn(interaction, view)


class TurnDigests(Press, template=DIGESTS_PAGE):
    """Turns the pages of the list of digests."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Replace the page by the one asked for."""
        view = await digests_page(interaction, self.state["page"])
        await turn(interaction, view)


class ResumeDigest(Press, template=RESUME):
    """Resume: starts a paused digest again, for those who may change it."""

    async def answer(self, interaction: Interaction) -> None:
        """Resume it and say when its next edition comes."""
        await managing.resume(interaction, await require_own(interaction, self.state["subscription"]))


class TuneDigest(Press, template=TUNE):
    """Tune: opens its settings, for those who may change it."""

    async def answer(self, interaction: Interaction) -> None:
        """Send what it is set to, and what changes that."""
        found = await require_own(interaction, self.state["subscription"])
        await answer(interaction, settings_view(found, interaction.client.services.clock()))


class SwitchTopic(Press, template=SWITCH):
    """Switch to …: lets a digest go on with its topic's new name, for those who may change it."""

    async def answer(self, interaction: Interaction) -> None:
        """Switch it and say what it is now."""
        found = await require_own(interaction, self.state["subscription"])
        services = interaction.client.services
        async with services.database.transaction() as connection:
            changed = await switch_topic(connection, found, self.state["topic"])
        await answer(interaction, changed_view(changed, "changed", services.clock()))


class Forget(Press, template=FORGET):
    """Delete this: deletes what is stored about the person who presses it."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Delete it, and replace the message by one that says so."""
        services = interaction.client.services
        services.listings.forget(interaction.user.id)
        async with services.database.transaction() as connection:
            await people.forget(connection, interaction.user.id)
        await turn(interaction, forgotten_view())


PRESSES = (
    OpenCoverage,
    ChooseCoverage,
    TurnCard,
    TurnList,
    OpenWhy,
    TurnWhy,
    OpenPreviewWhy,
    TurnPreviewWhy,
    TurnDigests,
    ResumeDigest,
    TuneDigest,
    SwitchTopic,
    Forget,
)
