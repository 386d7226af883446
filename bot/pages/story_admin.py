"""The articles of a story to part, and what came of a decision, for commands and buttons alike."""

from collections.abc import Sequence

from bot.services import Services
from bot.views.layout import View
from bot.views.story_admin import MOST_STORIES, articles_view, decided_view
from digests.lookup.stories import story_card


async def articles_page(services: Services, story_id: int, page: int) -> View:
    """Return a page, counted from 0, of a story's articles to choose from; raises StoryNotFoundError."""
    async with services.database.reading() as connection:
        card = await connection.run(story_card, story_id, services.clock(), why=True)
    return articles_view(card, page)


async def decided_page(
    services: Services, said: str, stories: Sequence[int], decision: int | None = None
) -> View:
    """Return what somebody decided and the stories that came of it, with a button that undoes `decision`."""
    async with services.database.reading() as connection:
        now = services.clock()
        cards = [await connection.run(story_card, story, now) for story in stories[:MOST_STORIES]]
    return decided_view(said, cards, decision)
