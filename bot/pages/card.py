"""A story's card, built for commands, and again for every button that opens one or turns its pages."""

from bot.access.viewer import viewer_of
from bot.client import Interaction
from bot.views.card import card_view, page_with
from bot.views.layout import View
from digests.lookup.stories import story_card
from storage import follows


async def card_page(
    interaction: Interaction,
    story_id: int,
    page: int = 0,
    *,
    article_id: int | None = None,
    is_private: bool = True,
) -> View:
    """Return a page of a story's card for a person: that which lists an article, or else the one named.

    The bot's owners see why each article is in it, if nobody else sees the answer. Raises StoryNotFoundError.
    """
    client, user_id = interaction.client, interaction.user.id
    why = is_private and client.is_owner(user_id)
    async with client.services.database.reading(viewer_of(interaction)) as connection:
        card = await connection.run(story_card, story_id, client.services.clock(), why=why)
        is_followed = await connection.run(follows.has, user_id, story_id)
    if article_id is not None:
        page = page_with(card, article_id)
    return card_view(card, page, user_id, is_followed=is_followed)
