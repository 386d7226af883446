"""Topics: found by any of their names, and as a tree, each after the topic that it is part of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz, process

from digests.errors import NothingLoadedError, TopicNotFoundError
from digests.lookup.choices import best
from digests.text import slugify
from storage import topics
from storage.engine import ReadConnection
from storage.models import Topic, TopicSummary
from storage.search.words import writings

MIN_SIMILARITY = 60.0
SLUG_ROOM = 100  # characters that a choice offered while typing has for a slug


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """A topic's place in the tree."""

    summary: TopicSummary
    depth: int


def find_topic(reader: ReadConnection, text: str, now: datetime) -> Topic:
    """Return the topic with this name, slug, short name, keyword or hashtag, however it is written.

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
    written = writings(text)
    for topic in known:
        if any(written & writings(name) for name in (topic.name, *topic.names)):
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
    """Return the topics one of whose names fits what is being typed, best first."""
    return best(text, topics.topics(reader, now), lambda topic: [topic.name, *topic.names])[:limit]


def topic_entries(
    reader: ReadConnection, now: datetime, limit: int, offset: int
) -> tuple[int, list[TopicEntry]]:
    """Return how many topics have stories, and some of them in the order of the tree."""
    known = topics.topics(reader, now, empty=False)
    ordered = list(_walk(known, _children(known)))
    chosen = ordered[offset : offset + limit]
    summaries = topics.summaries(reader, now, [topic.id for topic, _ in chosen])
    by_id = {summary.topic.id: summary for summary in summaries}
    return len(ordered), [TopicEntry(by_id[topic.id], depth) for topic, depth in chosen if topic.id in by_id]


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
