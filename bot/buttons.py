"""What buttons do. Their state is in their custom_id, so they work after a restart."""

import re
from typing import Any, ClassVar, Self

import discord
from discord import ui

from bot.access.places import require_charge, require_open
from bot.answers import answer_error
from bot.client import Interaction
from bot.monitoring.timing import begin, finish
from bot.pages.digests import digests_page
from bot.pages.stories import not_yours, turn_page
from bot.pages.why import delivered_why_view, preview_why_view
from bot.views.buttons import (
    CARD_PAGE,
    COVERAGE,
    DIGESTS_PAGE,
    LIST_PAGE,
    PREVIEW_WHY,
    PREVIEW_WHY_PAGE,
    RESUME,
    WHY,
    WHY_PAGE,
)
from bot.views.card import card_view
from bot.views.digest import changed_view
from bot.views.privacy import FORGET, forgotten_view
from digests.lookup.stories import story_card
from digests.subscriptions.edit import resume
from storage import people


class Press(ui.DynamicItem[ui.Item[Any]], template=r"(?!)"):
    """A press of one kind of button; whatever goes wrong is answered to the person."""

    name: ClassVar[str]  # among the metrics and in logs

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.name = f"button {cls.__name__}"

    def __init__(self, item: ui.Item[Any], match: re.Match[str]) -> None:
        super().__init__(item)
        self.state = {name: int(value) for name, value in match.groupdict().items() if value}

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the press out of what stands in the button's custom_id."""
        return cls(item, match)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says; the tree's error handler never hears of buttons, so this answers."""
        failure = None
        begin(interaction, self.name)
        try:
            await self.answer(interaction)
        except Exception as error:  # noqa: BLE001 - nothing above would answer the person
            failure = error
            await answer_error(interaction, error)
        finish(interaction.client.metrics, interaction, self.name, failure)

    async def answer(self, interaction: Interaction) -> None:
        """Do what the button says."""
        raise NotImplementedError


class OpenCoverage(Press, template=COVERAGE):
    """Full coverage: open a story's card, for this person alone."""

    async def answer(self, interaction: Interaction) -> None:
        """Send the first page."""
        services = interaction.client.services
        async with services.database.reading() as connection:
            card = await connection.run(story_card, self.state["story"], services.clock())
        await interaction.response.send_message(view=card_view(card, 0, interaction.user.id), ephemeral=True)


class TurnCard(Press, template=CARD_PAGE):
    """Another page of a story's card, for the person who asked for it."""

    async def answer(self, interaction: Interaction) -> None:
        """Put the page in the place of the one before."""
        user_id = interaction.user.id
        if self.state.get("user", user_id) != user_id:
            raise not_yours()
        services = interaction.client.services
        async with services.database.reading() as connection:
            card = await connection.run(story_card, self.state["story"], services.clock())
        await interaction.response.edit_message(view=card_view(card, self.state["page"], user_id))


class TurnList(Press, template=LIST_PAGE):
    """Another page of a list, for the person who asked for it."""

    async def answer(self, interaction: Interaction) -> None:
        """Put the page in the place of the one before."""
        view = await turn_page(
            interaction.client.services, interaction.user.id, self.state["listing"], self.state["page"]
        )
        await interaction.response.edit_message(view=view)


class OpenWhy(Press, template=WHY):
    """Why a delivered edition holds what it holds."""

    async def answer(self, interaction: Interaction) -> None:
        """Send the first page of the verdicts, for this person alone."""
        view = await delivered_why_view(interaction.client.services, self.state["delivery"], 0)
        await interaction.response.send_message(view=view, ephemeral=True)


class TurnWhy(Press, template=WHY_PAGE):
    """Another page of a delivered edition's reasons."""

    async def answer(self, interaction: Interaction) -> None:
        """Put the page in the place of the one before."""
        view = await delivered_why_view(
            interaction.client.services, self.state["delivery"], self.state["page"]
        )
        await interaction.response.edit_message(view=view)


class OpenPreviewWhy(Press, template=PREVIEW_WHY):
    """Why a preview holds what it holds."""

    async def answer(self, interaction: Interaction) -> None:
        """Send the first page of the verdicts, for this person alone."""
        view = await preview_why_view(interaction.client.services, self.state, 0)
        await interaction.response.send_message(view=view, ephemeral=True)


class TurnPreviewWhy(Press, template=PREVIEW_WHY_PAGE):
    """Another page of a preview's reasons."""

    async def answer(self, interaction: Interaction) -> None:
        """Put the page in the place of the one before."""
        view = await preview_why_view(interaction.client.services, self.state, self.state["page"])
        await interaction.response.edit_message(view=view)


class TurnDigests(Press, template=DIGESTS_PAGE):
    """Another page of the list of digests."""

    async def answer(self, interaction: Interaction) -> None:
        """Put the page in the place of the one before."""
        view = await digests_page(interaction, self.state["page"])
        await interaction.response.edit_message(view=view)


class ResumeDigest(Press, template=RESUME):
    """Let a digest's editions come again, for those who may change it."""

    async def answer(self, interaction: Interaction) -> None:
        """Resume it and say when the next edition comes."""
        services = interaction.client.services
        found = await require_charge(interaction, self.state["subscription"])
        await require_open(interaction, found)
        async with services.database.transaction() as connection:
            changed = await resume(connection, found, services.clock())
        await interaction.response.send_message(view=changed_view(changed, "resumed"), ephemeral=True)


class Forget(Press, template=FORGET):
    """Delete what is stored about the person who presses it."""

    async def answer(self, interaction: Interaction) -> None:
        """Delete it, and say so in the place of what was stored."""
        async with interaction.client.services.database.transaction() as connection:
            await people.forget(connection, interaction.user.id)
        await interaction.response.edit_message(view=forgotten_view())


PRESSES = (
    OpenCoverage,
    TurnCard,
    TurnList,
    OpenWhy,
    TurnWhy,
    OpenPreviewWhy,
    TurnPreviewWhy,
    TurnDigests,
    ResumeDigest,
    Forget,
)
