"""What the buttons do that send a digest to one's DMs, and that turn the pages of what one follows."""

from dataclasses import replace

from bot.answers import answer, turn
from bot.buttons.press import Press
from bot.client import Interaction
from bot.following import follow
from bot.forms.filled import USUAL
from bot.pages.following import following_page
from bot.views.buttons import topic_ids_in
from bot.views.follow_buttons import FOLLOW_TOPICS, FOLLOW_WORDS, FOLLOWING_PAGE
from digests.lookup.topics import subject_of
from digests.subscriptions.subjects import tidy_words
from digests.subscriptions.subscribe import usual_stories
from storage.models import Subject


async def _follow(interaction: Interaction, subject: Subject) -> None:
    options = replace(USUAL, stories=usual_stories(USUAL.days))
    await answer(interaction, await follow(interaction, subject, options))


class FollowTopics(Press, template=FOLLOW_TOPICS):
    """Send it to my DMs: a digest of topics."""

    async def answer(self, interaction: Interaction) -> None:
        """Let the person have it."""
        async with interaction.client.services.database.reading() as connection:
            subject = await connection.run(subject_of, topic_ids_in(self.said["topics"]))
        await _follow(interaction, subject)


class FollowWords(Press, template=FOLLOW_WORDS):
    """Send it to my DMs: a digest of a search."""

    async def answer(self, interaction: Interaction) -> None:
        """Let the person have it."""
        await _follow(interaction, Subject(words=tidy_words(self.said["words"])))


class TurnFollowing(Press, template=FOLLOWING_PAGE):
    """Turns the pages of what a person follows."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Replace the page by the one asked for."""
        await turn(
            interaction,
            await following_page(interaction, self.state["page"]),
        )


FOLLOWING_PRESSES = (FollowTopics, FollowWords, TurnFollowing)
