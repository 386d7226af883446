"""What buttons do. Their state is in their custom_id, so they work after a restart."""

import re
from typing import Any, Self

import discord
from discord import ui

from bot.client import Interaction
from bot.errors import answer_error
from bot.lists import turn_page
from bot.places import require_charge, require_open
from bot.standings import digests_page
from bot.views.buttons import CARD_PAGE, COVERAGE, DIGESTS_PAGE, LIST_PAGE, RESUME, WHY
from bot.views.digest import changed_view
from bot.views.edition import why_view
from bot.views.story import card_view
from digests.changing import resume
from digests.errors import NotFoundError
from digests.lookups import story_card
from digests.outbox import read_edition
from storage import outbox


class Press(ui.DynamicItem[ui.Item[Any]], template=r"(?!)"):
    """A press of one kind of button; whatever goes wrong is answered to the person."""

    def __init__(self, item: ui.Item[Any], match: re.Match[str]) -> None:
        super().__init__(item)
        self.state = {name: int(value) for name, value in match.groupdict().items()}

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the press out of what stands in the button's custom_id."""
        return cls(item, match)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says; the tree's error handler never hears of buttons, so this answers."""
        try:
            await self.answer(interaction)
        except Exception as error:  # noqa: BLE001 - nothing above would answer the person
            await answer_error(interaction, error)

    async def answer(self, interaction: Interaction) -> None:
        """Do what the button says."""
        raise NotImplementedError


class OpenCoverage(Press, template=COVERAGE):
    """Full coverage: open a story's card, for this person alone."""

    async def answer(self, interaction: Interaction) -> None:
        """Send the first page."""
        services = interaction.client.services
        async with services.database.reading() as connection:
            card = await story_card(connection, self.state["story"], services.clock())
        await interaction.response.send_message(view=card_view(card, 0), ephemeral=True)


class TurnCard(Press, template=CARD_PAGE):
    """Another page of a story's card."""

    async def answer(self, interaction: Interaction) -> None:
        """Put the page in the place of the one before."""
        services = interaction.client.services
        async with services.database.reading() as connection:
            card = await story_card(connection, self.state["story"], services.clock())
        await interaction.response.edit_message(view=card_view(card, self.state["page"]))


class TurnList(Press, template=LIST_PAGE):
    """Another page of a list, for the person who asked for it."""

    async def answer(self, interaction: Interaction) -> None:
        """Put the page in the place of the one before."""
        view = await turn_page(
            interaction.client.services, interaction.user.id, self.state["listing"], self.state["page"]
        )
        await interaction.response.edit_message(view=view)


class OpenWhy(Press, template=WHY):
    """Why an edition holds what it holds."""

    async def answer(self, interaction: Interaction) -> None:
        """Send the verdicts, for this person alone."""
        async with interaction.client.services.database.reading() as connection:
            delivery = await outbox.get(connection, self.state["delivery"])
            edition = await read_edition(connection, delivery) if delivery else None
        if edition is None:
            raise NotFoundError("This edition's reasons aren't kept any more.")
        view = why_view(edition)
        await interaction.response.send_message(view=view, ephemeral=True)


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


PRESSES = (OpenCoverage, TurnCard, TurnList, OpenWhy, TurnDigests, ResumeDigest)
