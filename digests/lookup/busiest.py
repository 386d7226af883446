"""The topics with most news, for those who are to choose some."""

from datetime import datetime, timedelta

from digests.errors import NothingLoadedError
from storage import topics
from storage.engine import ReadConnection
from storage.models import Topic

LATELY = timedelta(days=7)


def busiest_topics(reader: ReadConnection, now: datetime) -> list[Topic]:
    """Return every topic, those with most stories of the last week first; raises NothingLoadedError."""
    known = topics.topics(reader, now)
    if not known:
        raise NothingLoadedError
    stories = topics.count_since(reader, now - LATELY, now)
    return sorted(known, key=lambda topic: -stories.get(topic.id, 0))
