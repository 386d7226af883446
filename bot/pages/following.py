"""The list of what a person follows, built for the command, and again for everything pressed in it."""

from bot.access.viewer import viewer_of
from bot.client import Interaction
from bot.views.following import PER_PAGE, STORIES_PER_PAGE, Followed, following_view
from bot.views.layout import View
from bot.views.paging import page_count
from digests.subscriptions.follows import followed_by
from digests.subscriptions.subscribe import statuses
from storage import subscriptions
from storage.stories import headlines


async def following_page(interaction: Interaction, page: int) -> View:
    """Return a page, counted from 0, of a person's digests and stories."""
    services, user_id = interaction.client.services, interaction.user.id
    now = services.clock()
    async with services.database.reading(viewer_of(interaction)) as connection:
        found = await connection.run(subscriptions.of_person, user_id)
        followed = list((await connection.run(followed_by, user_id, now)).values())
        pages = max(page_count(len(found), PER_PAGE), page_count(len(followed), STORIES_PER_PAGE))
        page = min(page, pages - 1)
        shown = await connection.run(statuses, found[page * PER_PAGE : (page + 1) * PER_PAGE])
        listed = followed[page * STORIES_PER_PAGE : (page + 1) * STORIES_PER_PAGE]
        titles = await connection.run(headlines, [each.story_id for each in listed], now)
    newest = {each.story_id: each.newest_at for each in listed if each.newest_at <= now}
    return following_view(shown, Followed(titles, newest, len(followed)), now, page, pages)
