"""Topics: found by any of their names, and as a tree, each after the topic that it is part of."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz, process

from digests.errors import (
    NothingLoadedError,
    TopicGoneError,
    TopicNotFoundError,
    TopicsLimitError,
    TopicTwiceError,
)
from digests.lookup.choices import best
from digests.text import slugify
from storage import topics
from storage.engine import ReadConnection
from storage.models import Subject, Topic, TopicSummary
from storage.search.words import writings

MIN_SIMILARITY = 60.0
MAX_TOPICS = 10  # of one digest
MAX_TYPED = 2_000  # characters looked at of what names them
COMMA = re.compile("[,\u060c\u3001\uff0c;]")
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
    return _named(topics.topics(reader, now), text)


def find_topics(reader: ReadConnection, text: str, now: datetime) -> tuple[Topic, ...]:
    """Return the topics that are named, with commas between, in their order; a name may hold a comma itself.

    Raises find_topic()'s errors, TopicsLimitError, or TopicTwiceError.
    """
    known = topics.topics(reader, now)
    slugs = _by_slug(known)
    parts = [part.strip() for part in COMMA.split(text[:MAX_TYPED]) if part.strip()]
    found: dict[int, Topic] = {}
    while parts or not found:
        topic, length = _longest(slugs, parts) or (_named(known, parts[0] if parts else text), 1)
        if topic.id in found:
            raise TopicTwiceError(topic.name)
        if len(found) == MAX_TOPICS:
            raise TopicsLimitError(MAX_TOPICS)
        found[topic.id] = topic
        parts = parts[length:]
    return tuple(found.values())


def _by_slug(known: Iterable[Topic]) -> dict[str, Topic]:
    return {slug: topic for topic in known for slug in (slugify(topic.name), topic.slug)}


def _longest(slugs: Mapping[str, Topic], parts: Sequence[str]) -> tuple[Topic, int] | None:
    """Return the topic that as many of the first parts as possible name, and how many those are."""
    for length in range(len(parts), 0, -1):
        if topic := slugs.get(slugify(", ".join(parts[:length]))):
            return topic, length
    return None


def _named(known: Sequence[Topic], text: str) -> Topic:
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


def subject_of(reader: ReadConnection, topic_ids: Sequence[int]) -> Subject:
    """Return the subject that has these topics; raises TopicGoneError."""
    known = topics.by_ids(reader, topic_ids)
    if len(known) < len(topic_ids):
        raise TopicGoneError
    return Subject(tuple(known[each] for each in topic_ids))


def complete_topics(reader: ReadConnection, text: str, now: datetime, limit: int) -> list[Topic]:
    """Return the topics one of whose names fits what is being typed, best first."""
    return best(text, topics.topics(reader, now), _names_of)[:limit]


def complete_last(
    reader: ReadConnection, text: str, now: datetime, limit: int
) -> tuple[tuple[str, ...], list[Topic]]:
    """Return the names before the last comma, as topics are called, and the topics that may come after it.

    What names no topic stays as it was typed. There are none where a digest has as many topics as it may.
    """
    *parts, last = COMMA.split(text[:MAX_TYPED])
    known = topics.topics(reader, now)
    slugs = _by_slug(known) if parts else {}
    before: list[str] = []
    taken: set[int] = set()
    while parts := [part.strip() for part in parts if part.strip()]:
        topic, length = _longest(slugs, parts) or (None, 1)
        before.append(topic.name if topic else parts[0])
        taken |= {topic.id} if topic else set()
        parts = parts[length:]
    if len(before) >= MAX_TOPICS:
        return tuple(before), []
    free = [topic for topic in known if topic.id not in taken]
    return tuple(before), best(last, free, _names_of)[:limit]


def _names_of(topic: Topic) -> list[str]:
    return [topic.name, *topic.names]


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
