"""Topics: as an operator describes them, and whether they have something new."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from bot.locale import _, n_
from bot.views.text import age, brief
from digests.feeds.own_topics import OwnTopic
from storage.models import Topic

KEYWORDS = 1_000
STALE = timedelta(days=7)  # the age of a topic's newest story that is worth a warning


def own_topic_text(topic: OwnTopic, *, removed: bool = False) -> str:
    """Return what is said of a topic now, or that nothing is any more."""
    said = topic.description
    name = brief(said.name)
    if removed:
        return _("Done: {topic} is found by your keywords no longer.", topic=name)
    if not said.names:
        return n_(
            "{topic} is found by its name: {number:,} story.",
            "{topic} is found by its name: {number:,} stories.",
            topic.stories,
            topic=name,
        )
    return n_(
        "{topic} is found by {keywords}: {number:,} story.",
        "{topic} is found by {keywords}: {number:,} stories.",
        topic.stories,
        topic=name,
        keywords=brief(", ".join(said.names), KEYWORDS),
    )


def stale_notes(topics: Iterable[Topic], newest: Mapping[int, datetime], now: datetime) -> list[str]:
    """Return a warning for each topic whose newest story, by its id, is over a week old or isn't there."""
    return [note for topic in topics for note in _stale_note(topic, newest.get(topic.id), now)]


def _stale_note(topic: Topic, newest: datetime | None, now: datetime) -> list[str]:
    name = brief(topic.name)
    if newest is None:
        return [_("-# **Note:** {topic} has no stories yet.", topic=name)]
    if now - newest > STALE:
        return [_("-# **Note:** the newest {topic} story came out {when}.", topic=name, when=age(newest))]
    return []
