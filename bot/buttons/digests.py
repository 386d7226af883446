"""What the buttons do that lead to a first digest, those under it, and the selects that manage digests."""

from datetime import UTC, datetime
from typing import Any

from bot import managing
from bot.access.places import require_own, require_theirs
from bot.access.viewer import viewer_of
from bot.answers import answer, answer_more
from bot.buttons.press import Press
from bot.client import Interaction
from bot.forms.filled import draft_in
from bot.forms.form import open_form
from bot.pages.forms import changed_form, new_form, outlets_form
from bot.pages.tuning import things_left_out
from bot.views.buttons import EDIT, END, EXAMPLE, REVERT, REVIVE, SEND, SETUP, not_a_button
from bot.views.confirmed import changed_view
from bot.views.edition import preview_parts
from bot.views.follow_buttons import BACK_IN
from bot.views.manage import MANAGE
from bot.views.tuning import back_view
from digests.editions.candidates import EditionOptions
from digests.editions.limits import DEFAULT_STORIES
from digests.editions.preview import preview_edition
from digests.lookup.busiest import LATELY, busiest_topics
from digests.subscriptions.undo import find_ended, revert, revive
from storage.models import Subject

DONE_AT_ONCE = {
    "send": managing.send,
    "pause": managing.pause,
    "resume": managing.resume,
    "end": managing.end,
}


class SetUp(Press, template=SETUP):
    """Set up a digest: opens the form for a new one."""

    async def answer(self, interaction: Interaction) -> None:
        """Open the form."""
        await open_form(interaction, new_form(interaction, draft_in(self.said)))


class Example(Press, template=EXAMPLE):
    """See an example: shows the week's digest of the topic with most news, only to this person."""

    async def answer(self, interaction: Interaction) -> None:
        """Send the preview."""
        services = interaction.client.services
        async with services.database.reading(viewer_of(interaction)) as connection:
            subject = Subject(tuple((await connection.run(busiest_topics, services.clock()))[:1]))
            edition = await connection.run(
                preview_edition,
                subject,
                None,
                LATELY.days,
                EditionOptions(limit=DEFAULT_STORIES),
                services.clock(),
            )
        first, *others = preview_parts(edition, subject.topic_ids, DEFAULT_STORIES)
        await answer(interaction, first)
        for part in others:
            await answer_more(interaction, part, ephemeral=True)


class SendFirst(Press, template=SEND):
    """Send the first one now: sends a digest, for those who may change it."""

    async def answer(self, interaction: Interaction) -> None:
        """Send it."""
        await managing.send(interaction, await require_own(interaction, self.state["subscription"]))


class Edit(Press, template=EDIT):
    """Edit: opens the form for everything about a digest, for those who may change it."""

    async def answer(self, interaction: Interaction) -> None:
        """Open the form."""
        asked: Any = self.said["asked"] or "all"
        await open_form(interaction, changed_form(interaction, self.state["subscription"], asked))


class End(Press, template=END):
    """Undo, of a digest that was just set up: ends it, for those who may change it."""

    async def answer(self, interaction: Interaction) -> None:
        """End it."""
        await managing.end(interaction, await require_own(interaction, self.state["subscription"]))


class Revive(Press, template=REVIVE):
    """Undo, of a digest that was just ended: brings it back, for those who may change it."""

    async def answer(self, interaction: Interaction) -> None:
        """Bring it back, and say what it is."""
        services, subscription_id = interaction.client.services, self.state["subscription"]
        async with services.database.reading() as connection:
            found = await connection.run(find_ended, subscription_id, services.clock())
        await require_theirs(interaction, found)
        async with services.database.transaction() as connection:
            revived = await revive(connection, subscription_id, services.clock(), services.settings.limits)
        await answer(interaction, changed_view(revived, "back", services.clock()))


class Revert(Press, template=REVERT):
    """Undo, of a change: makes a digest what it was, for those who may change it."""

    async def answer(self, interaction: Interaction) -> None:
        """Undo the change, and say what the digest is; that can be undone, too."""
        services = interaction.client.services
        found = await require_own(interaction, self.state["subscription"])
        changed_at, now = datetime.fromtimestamp(self.state["changed"], UTC), services.clock()
        async with services.database.transaction() as connection:
            reverted = await revert(connection, found, changed_at, now)
        await answer(interaction, changed_view(reverted, "changed", now, undo=True))


class Manage(Press, template=MANAGE):
    """Manage …: does with a digest what was chosen, for those who may change it."""

    async def answer(self, interaction: Interaction) -> None:
        """Do it, or open the form for it."""
        data: Any = interaction.data
        (chosen,) = data.get("values") or [None]
        subscription_id = self.state["subscription"]
        if chosen in ("what", "where", "when", "language"):
            await open_form(interaction, changed_form(interaction, subscription_id, chosen))
        elif chosen == "mute":
            await open_form(interaction, outlets_form(interaction, subscription_id))
        elif chosen == "in":
            found = await require_own(interaction, subscription_id)
            async with interaction.client.services.database.reading() as connection:
                things = await connection.run(things_left_out, found)
            await answer(interaction, back_view(BACK_IN, things))
        elif chosen in DONE_AT_ONCE:
            await DONE_AT_ONCE[chosen](interaction, await require_own(interaction, subscription_id))
        else:
            raise not_a_button()


DIGEST_PRESSES = (SetUp, Example, SendFirst, Edit, End, Revive, Revert, Manage)
