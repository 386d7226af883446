"""What a topic is found by after a change, for the command that made it and the button that undoes it."""

from bot.client import Client
from bot.views.layout import View
from bot.views.topics import changed_topic_view
from digests.errors import TopicNotOwnError
from digests.feeds.own_topics import OwnTopic, own_topic
from storage import own_topics
from storage.engine import ReadConnection
from storage.own_topics import TopicChange


async def changed_page(client: Client, change_id: int) -> View:
    """Return what came of a change, with a button that undoes it.

    Stored articles are judged anew in the background, if that takes longer.
    """
    is_done = await client.judging.begin()
    async with client.services.database.reading() as connection:
        change = await connection.run(own_topics.change, change_id) or TopicChange(None, None)
        topic = await connection.run(_topic, change)
    return changed_topic_view(topic, change, change_id, is_done=is_done)


def _topic(reader: ReadConnection, change: TopicChange) -> OwnTopic | None:
    try:
        return own_topic(reader, change.after.name) if change.after else None
    except TopicNotOwnError:  # somebody else was quicker
        return None
