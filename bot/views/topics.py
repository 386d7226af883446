"""Topics: as an operator describes them, and whether they have something new."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from discord import ui

from bot.locale import _, n_
from bot.locale.cldr import enumerated
from bot.views.layout import View, framed, row, text
from bot.views.text import age, brief
from digests.feeds.own_topics import OwnTopic
from digests.stories.topics import TopicMatch
from storage.models import Topic
from storage.own_topics import TopicChange

KEYWORDS = 1_000
TITLE = 200
MOST_FOUND = 20
STALE = timedelta(days=7)  # the age of a topic's newest story that is worth a warning


def changed_topic_view(topic: OwnTopic | None, change: TopicChange, change_id: int, *, is_done: bool) -> View:
    """Return what a topic is found by after a change, and how to undo it.

    Unless `is_done`, stored articles are still being looked at.
    """
    lines = _described(topic) if topic else [_forgotten(change)]
    if not is_done:
        lines.append(_("-# I'm still going through the articles that I have, so that may change."))
    undo = ui.Button[Any](label=_("Undo"), custom_id=f"topic-undo:{change_id}")
    return framed(text(*lines), row(undo))


def tried_topics_view(words: str, found: Sequence[TopicMatch]) -> View:
    """Return which topics a title has, and by which keyword."""
    title = _("### Test: {title}", title=brief(words, TITLE))
    lines = [
        _("- {topic}, by “{keyword}”", topic=brief(each.topic), keyword=brief(each.keyword))
        for each in found[:MOST_FOUND]
    ]
    if len(found) > MOST_FOUND:
        lines.append(n_("- {number:,} more", "- {number:,} more", len(found) - MOST_FOUND))
    nothing = _("No topic's name or keyword is in these words.")
    return framed(text(title, *(lines or [nothing])))


def _described(topic: OwnTopic) -> list[str]:
    said = topic.description
    name, number = brief(said.name), topic.stories
    if said.names:
        line = n_(
            "{topic} is found by {keywords}: {number:,} story.",
            "{topic} is found by {keywords}: {number:,} stories.",
            number,
            topic=name,
            keywords=brief(enumerated(said.names), KEYWORDS),
        )
    else:
        line = n_(
            "{topic} is found by its name: {number:,} story.",
            "{topic} is found by its name: {number:,} stories.",
            number,
            topic=name,
        )
    return [
        line,
        *([_("-# Part of {parent}", parent=brief(said.parent))] if said.parent else []),
        *([_("-# Excerpts count as well as titles.")] if said.in_excerpts else []),
    ]


def _forgotten(change: TopicChange) -> str:
    name = brief(change.before.name) if change.before else ""
    return _("Done: {topic} is found by your keywords no longer.", topic=name)


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
