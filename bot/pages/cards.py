"""A story's card, read for the command that shows it, and for the buttons that open it or turn its pages."""

from bot.client import Interaction
from digests.lookup.stories import StoryCard, story_card


async def read_card(interaction: Interaction, story_id: int, *, private: bool) -> StoryCard:
    """Return all there is to say of a story; why each article is in it only if nobody but an owner reads it.

    Raises StoryNotFoundError.
    """
    client = interaction.client
    why = private and client.is_owner(interaction.user.id)
    async with client.services.database.reading() as connection:
        return await connection.run(story_card, story_id, client.services.clock(), why=why)
