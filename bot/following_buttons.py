"""What the buttons, menus and forms of what one follows do; only the person whose digests they are may."""

from discord import ui

from bot.access.places import require_own
from bot.answers import answer, chosen, turn
from bot.buttons import Press
from bot.client import Interaction
from bot.following import follow
from bot.forms import Form, not_a_form, open_form
from bot.pages.following import following_page
from bot.pages.tuning import things_left_out
from bot.views.buttons import not_a_button, topic_ids_in
from bot.views.digest import changed_view
from bot.views.follow_buttons import (
    BACK_IN,
    BRING_BACK,
    BRING_IN,
    END,
    FOLLOW_TOPICS,
    FOLLOW_WORDS,
    FOLLOWING_PAGE,
    MANAGE,
    PAUSE,
    RESUME,
    TIME,
    WHEN,
    WHEN_FORM,
    ZONE,
    when_form,
)
from bot.views.tuning import back_view
from digests.editions.timetable import EVERY_DAY, parse_time, parse_zone
from digests.lookup.topics import subject_of
from digests.subscriptions.edit import edit, pause, resume
from digests.subscriptions.subjects import tidy_words
from digests.subscriptions.subscribe import usual_stories
from digests.subscriptions.undo import find_ended, revive
from storage import undo
from storage.models import DigestOptions, Subject, Subscription


def _usual_options() -> DigestOptions:
    return DigestOptions("09:00", "UTC", EVERY_DAY, usual_stories(EVERY_DAY))


class FollowTopics(Press, template=FOLLOW_TOPICS):
    """Send it to my DMs: a digest of topics."""

    async def answer(self, interaction: Interaction) -> None:
        """Let the person have it."""
        async with interaction.client.services.database.reading() as connection:
            subject = await connection.run(subject_of, topic_ids_in(self.said["topics"]))
        await answer(interaction, await follow(interaction, subject, _usual_options()))


class FollowWords(Press, template=FOLLOW_WORDS):
    """Send it to my DMs: a digest of a search."""

    async def answer(self, interaction: Interaction) -> None:
        """Let the person have it."""
        subject = Subject(words=tidy_words(self.said["words"]))
        await answer(interaction, await follow(interaction, subject, _usual_options()))


class TurnFollowing(Press, template=FOLLOWING_PAGE):
    """Turns the pages of what a person follows."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Replace the page by the one asked for."""
        await turn(
            interaction,
            await following_page(interaction.client.services, interaction.user.id, self.state["page"]),
        )


class ManageMine(Press, template=MANAGE):
    """Manage …: pauses, resumes or ends a digest, or opens the form for its time."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Do what was chosen, and show the page as it is then."""
        wanted = chosen(interaction)
        if wanted == WHEN:
            await open_form(interaction, self._form(interaction))
            return
        found = await require_own(interaction, self.state["subscription"])
        if wanted == BRING_IN:
            async with interaction.client.services.database.reading() as connection:
                things = await connection.run(things_left_out, found)
            await turn(interaction, back_view(BACK_IN, things))
            return
        await self._change(interaction, found, wanted)
        view = await following_page(
            interaction.client.services,
            interaction.user.id,
            self.state["page"],
            found if wanted == END else None,
        )
        await turn(interaction, view)

    async def _form(self, interaction: Interaction) -> ui.Modal:
        return when_form(await require_own(interaction, self.state["subscription"]))

    async def _change(self, interaction: Interaction, found: Subscription, wanted: str) -> None:
        services = interaction.client.services
        async with services.database.transaction() as connection:
            if wanted == PAUSE:
                await pause(connection, found)
            elif wanted == RESUME:
                await resume(connection, found, services.clock())
            elif wanted == END:
                await undo.end(connection, found.id, services.clock())
            else:
                raise not_a_button()


class BringBack(Press, template=BRING_BACK):
    """Undo: brings back a digest that was just ended."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Bring it back, and show the page with it."""
        services, user_id = interaction.client.services, interaction.user.id
        now, ended_id = services.clock(), self.state["ended"]
        async with services.database.transaction() as connection:
            found = await connection.run(find_ended, ended_id, now)
            if found.created_by != user_id:
                raise not_a_button()
            await revive(connection, ended_id, now, services.settings.limits)
        await turn(interaction, await following_page(services, user_id, self.state["page"]))


class ChangeWhen(Form, template=WHEN_FORM):
    """When should it come?: changes a digest's time and zone."""

    async def answer(self, interaction: Interaction) -> None:
        """Change it, and say when it comes now."""
        found = await require_own(interaction, self.state["subscription"])
        if not self.filled.get(TIME) or not self.filled.get(ZONE):
            raise not_a_form()
        changes = {
            "issue_time": f"{parse_time(self.filled[TIME][0]):%H:%M}",
            "zone": parse_zone(self.filled[ZONE][0]).key,
        }
        services = interaction.client.services
        async with services.database.transaction() as connection:
            changed = await edit(connection, found, changes, services.clock())
        await answer(interaction, changed_view(changed, "changed"))


FOLLOWING_PRESSES = (FollowTopics, FollowWords, TurnFollowing, ManageMine, BringBack)
FOLLOWING_FORMS = (ChangeWhen,)
