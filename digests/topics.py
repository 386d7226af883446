"""The topics as a tree: each after the topic that it is part of, as topic files tell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digests.wording import slugify
from storage import topics
from storage.database import Connection
from storage.models import Topic, TopicSummary


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """A topic's place in the tree; `children` are the names of the topics that are part of it."""

    summary: TopicSummary
    depth: int
    children: tuple[str, ...]


async def topic_entries(
    connection: Connection, now: datetime, limit: int, offset: int
) -> tuple[int, list[TopicEntry]]:
    """Return how many topics there are, and some of them in the order of the tree."""
    known = await topics.topics(connection, now)
    children = _children(known)
    ordered = list(_walk(known, children))
    chosen = ordered[offset : offset + limit]
    summaries = await topics.summaries(connection, now, [topic.id for topic, _ in chosen])
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
