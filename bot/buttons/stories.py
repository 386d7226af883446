"""What the buttons and menus do that follow a story, and that leave something out of one's digests."""

from bot.access.viewer import viewer_of
from bot.answers import answer, chosen, turn
from bot.buttons.press import Press
from bot.client import Interaction
from bot.pages.card import card_page
from bot.pages.tuning import Thing, thing_of, things_brought
from bot.views.buttons import IDS, not_a_button
from bot.views.follow_buttons import BACK_IN, FOLLOW_STORY, LESS, LESS_OF, MORE_OF, OPEN_FOLLOWED, UNFOLLOW
from bot.views.following import followed_view, unfollowed_view
from bot.views.notice import notice
from bot.views.text import brief
from bot.views.tuning import back_in_text, left_out_view, less_view
from digests.lookup.stories import story_card
from digests.subscriptions.follows import follow_story
from digests.subscriptions.tuning import bring_back, leave_out
from storage import follows, subscriptions


class FollowStory(Press, template=FOLLOW_STORY):
    """Follow: what is new of a story comes with the person's next digest by DM."""

    async def answer(self, interaction: Interaction) -> None:
        """Follow it, and say what comes, and what they need for that."""
        services, user_id = interaction.client.services, interaction.user.id
        now = services.clock()
        async with services.database.transaction() as connection:
            followed = await follow_story(connection, user_id, self.state["story"], now)
        async with services.database.reading(viewer_of(interaction)) as connection:
            card = await connection.run(story_card, followed.story_id, now)
            digests = await connection.run(subscriptions.count_of_person, user_id)
        await answer(interaction, followed_view(card, has_digest=digests > 0))


class Unfollow(Press, template=UNFOLLOW):
    """Stop following: nothing more comes of a story."""

    async def answer(self, interaction: Interaction) -> None:
        """Follow it no longer, and offer to undo that."""
        story_id = self.state["story"]
        async with interaction.client.services.database.transaction() as connection:
            await follows.remove(connection, interaction.user.id, story_id)
        await answer(interaction, unfollowed_view(story_id))


class OpenFollowed(Press, template=OPEN_FOLLOWED):
    """See or stop following …: opens the chosen story's card, only for this person."""

    async def answer(self, interaction: Interaction) -> None:
        """Send the first page of the card."""
        said = chosen(interaction)
        if not said.isdecimal() or int(said) not in IDS:
            raise not_a_button()
        await answer(interaction, await card_page(interaction, int(said)))


class OpenLess(Press, template=LESS):
    """Less of this: opens a menu of what a person can leave out of their digests."""

    async def answer(self, interaction: Interaction) -> None:
        """Send the outlets and topics of what the delivery brought."""
        await answer(
            interaction, less_view(LESS_OF, await things_brought(interaction, self.state["delivery"]))
        )


class ChooseLess(Press, template=LESS_OF):
    """Leaves the chosen outlet or topic out of all of a person's digests."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Leave it out, and offer to undo that."""
        said = chosen(interaction)
        thing = await _thing(interaction, said)
        async with interaction.client.services.database.transaction() as connection:
            await leave_out(connection, interaction.user.id, thing.domains, thing.topic_ids)
        await turn(interaction, left_out_view(said, brief(thing.name)))


class BringIn(Press, template=MORE_OF):
    """Undo: brings back what was just left out."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Bring it back, and say so."""
        await _bring_back(interaction, self.said["of"])


class ChooseBack(Press, template=BACK_IN):
    """Brings the chosen outlet or topic back into all of a person's digests."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Bring it back, and say so."""
        await _bring_back(interaction, chosen(interaction))


async def _bring_back(interaction: Interaction, said: str) -> None:
    thing = await _thing(interaction, said)
    async with interaction.client.services.database.transaction() as connection:
        await bring_back(connection, interaction.user.id, thing.domains, thing.topic_ids)
    await turn(interaction, notice(back_in_text(brief(thing.name))))


async def _thing(interaction: Interaction, said: str) -> Thing:
    async with interaction.client.services.database.reading(viewer_of(interaction)) as connection:
        return await connection.run(thing_of, said)


STORY_PRESSES = (FollowStory, Unfollow, OpenFollowed, OpenLess, ChooseLess, BringIn, ChooseBack)
