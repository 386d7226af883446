"""Topics as an operator describes them."""

from bot.locale import _, n_
from bot.views.text import brief
from digests.feeds.own_topics import OwnTopic

KEYWORDS = 1_000


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
