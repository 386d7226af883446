"""Topics: found by any of their names, and as a tree, each after the topic that it is part of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from rapidfuzz import fuzz, process

from digests.errors import NothingLoadedError, TopicNotFoundError
from digests.text import fold, slugify
from storage import topics
from storage.engine import ReadConnection
from storage.models import Topic, TopicSummary

MIN_SIMILARITY = 60.0
NO_FIT = 99
SLUG_ROOM = 100  # characters that a choice offered while typing has for a slug

Named = TypeVar("Named")


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """A topic's place in the tree; `children` are the names of the topics that are part of it."""

    summary: TopicSummary
    depth: int
    children: tuple[str, ...]


def find_topic(reader: ReadConnection, text: str, now: datetime) -> Topic:
    """Return the topic with this name, slug, short name, keyword or hashtag, in any case.

    The first SLUG_ROOM characters of a longer slug do, where no other begins so. Raises TopicNotFoundError,
    or NothingLoadedError where there are no topics.
    """
    known = topics.topics(reader, now)
    wanted = slugify(text)
    for topic in known:
        if wanted in {topic.slug, slugify(topic.name)}:
            return topic
    for topic in known:
        if wanted in {slugify(name) for name in topic.names}:
            return topic
    cut = [topic for topic in known if len(text) == SLUG_ROOM and topic.slug.startswith(text)]
    if len(cut) == 1:
        return cut[0]
    names = [topic.name for topic in known]
    if not names:
        raise NothingLoadedError
    similar = [
        name
        for name, *_ in process.extract(text, names, scorer=fuzz.WRatio, score_cutoff=MIN_SIMILARITY, limit=3)
    ]
    raise TopicNotFoundError(text, tuple(similar), tuple(names))


def complete_topics(reader: ReadConnection, text: str, now: datetime, limit: int) -> list[Topic]:
    """Return the topics one of whose names begins with or holds `text`, best first."""
    known = {topic: (topic.name, *topic.names) for topic in topics.topics(reader, now)}
    return fitting(text, known)[:limit]


def fitting(text: str, named: Mapping[Named, Sequence[str]]) -> list[Named]:
    """Return what has a name that begins with or holds `text`, best first; its first name goes before others.

    Case, accents and a "#" in front don't matter.
    """
    typed = fold(text.strip().removeprefix("#"))
    ranked = [(_rank(typed, [fold(name).removeprefix("#") for name in named[each]]), each) for each in named]
    ranked.sort(key=lambda each: each[0])
    return [each for fit, each in ranked if fit < NO_FIT]


def _rank(typed: str, names: Sequence[str]) -> int:
    """Return how well names fit what was typed, 0 being best."""
    if typed in names:
        return 0 if typed == names[0] else 1
    fits = [
        2 if name.startswith(typed) else 4 if f" {typed}" in name else 6 if typed in name else NO_FIT
        for name in names
    ]
    return min(fit + (place > 0) for place, fit in enumerate(fits))


def topic_entries(
    reader: ReadConnection, now: datetime, limit: int, offset: int
) -> tuple[int, list[TopicEntry]]:
    """Return how many topics there are, and some of them in the order of the tree."""
    known = topics.topics(reader, now)
    children = _children(known)
    ordered = list(_walk(known, children))
    chosen = ordered[offset : offset + limit]
    summaries = topics.summaries(reader, now, [topic.id for topic, _ in chosen])
    by_id = {summary.topic.id: summary for summary in summaries}
    return len(ordered), [
        TopicEntry(by_id[topic.id], depth, tuple(child.name for child in children.get(topic.id, ())))
        for topic, depth in chosen
        if topic.id in by_id
    ]


def _children(known: Sequence[Topic]) -> dict[int, list[Topic]]:
    """Return the topics that are part of each, by its id; a parent is named by its name or slug."""
    ids = {slugify(name): topic.id for topic in known for name in (topic.name, topic.slug)}
    found: dict[int, list[Topic]] = {}
    for topic in known:
        parent = ids.get(slugify(topic.parent)) if topic.parent else None
        if parent is not None and parent != topic.id:
            found.setdefault(parent, []).append(topic)
    return found


def _walk(known: Sequence[Topic], children: Mapping[int, Sequence[Topic]]) -> Iterator[tuple[Topic, int]]:
    """Yield every topic once with its depth, also topics that are said to be part of each other."""
    parts = {child.id for each in children.values() for child in each}
    seen: set[int] = set()
    roots = sorted(known, key=lambda topic: topic.id in parts)
    stack = [(topic, 0) for topic in reversed(roots)]
    while stack:
        topic, depth = stack.pop()
        if topic.id not in seen:
            seen.add(topic.id)
            yield topic, depth
            stack += [(child, depth + 1) for child in reversed(children.get(topic.id, ()))]
