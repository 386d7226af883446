"""Topics as an operator describes them, beside those of files."""

from collections.abc import Iterable
from dataclasses import dataclass

from digests.errors import TopicNotOwnError
from digests.text import clean, slugify
from storage import topics
from storage.engine import Connection, ReadConnection
from storage.models import TopicDescription


@dataclass(frozen=True, slots=True)
class OwnTopic:
    """A topic as the operator describes it, with how many stories it has."""

    description: TopicDescription
    in_excerpts: bool
    stories: int


async def describe(
    connection: Connection, name: str, keywords: Iterable[str], parent: str | None, *, in_excerpts: bool
) -> str:
    """Describe a topic, in place of what was said of it before, and return its slug."""
    name = clean(name)
    words = tuple(dict.fromkeys(filter(None, map(clean, keywords))))
    described = TopicDescription(slugify(name), name, clean(parent) if parent else None, words)
    await topics.describe_own(connection, described, in_excerpts=in_excerpts)
    if described.parent:
        await topics.store_topics(connection, {slugify(described.parent): described.parent})
    return described.slug


def own_topic(reader: ReadConnection, name: str) -> OwnTopic:
    """Return a topic that the operator has described; raises TopicNotOwnError."""
    found = topics.own(reader, slugify(clean(name)))
    if found is None:
        raise TopicNotOwnError(name)
    description, in_excerpts = found
    return OwnTopic(description, in_excerpts, topics.count_stories(reader, description.slug))
