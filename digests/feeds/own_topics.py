"""Topics as an operator describes them, beside those of files: every change can be undone."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from digests.errors import TopicChangedError, TopicKnownError, TopicNotOwnError, TopicOfSeedsError
from digests.text import clean, slugify
from storage import feeds, own_topics, topics
from storage.engine import Connection, ReadConnection
from storage.models import TopicDescription
from storage.own_topics import TopicChange
from storage.search.letters import fold


@dataclass(frozen=True, slots=True)
class OwnTopic:
    """A topic as the operator describes it, with how many stories it has."""

    description: TopicDescription
    stories: int


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be said of a topic from now on; None leaves it, an empty `parent` takes it back."""

    name: str | None = None
    keywords: Iterable[str] | None = None
    parent: str | None = None
    in_excerpts: bool | None = None
    servers: tuple[int, ...] | None = None


def own_topic(reader: ReadConnection, name: str) -> OwnTopic:
    """Return a topic that the operator has described; raises TopicNotOwnError."""
    found = own_topics.get(reader, slugify(clean(name)))
    if found is None:
        raise TopicNotOwnError(name)
    return OwnTopic(found, topics.count_stories(reader, found.slug))


async def add(connection: Connection, name: str, said: Edit, now: datetime) -> int:
    """Describe a topic, in place of what was said of it before, and return the change's id.

    If it shows in some servers alone, that stays so.
    """
    name = clean(name)
    before = await connection.run(own_topics.get, slugify(name))
    servers = before.servers if before else ()
    after = _edited(TopicDescription(slugify(name), name, None, (), servers=servers), said)
    return await _change(connection, before, after, now)


async def edit(connection: Connection, name: str, said: Edit, now: datetime) -> int:
    """Change what is said of a topic, by the operator or else by files, and return the change's id.

    Raises TopicNotOwnError if there is none of that name; and for a new name TopicKnownError if another topic
    has it, TopicOfSeedsError if it's seeds that give this topic its name.
    """
    slug = slugify(clean(name))
    before = await connection.run(own_topics.get, slug)
    found = before or await connection.run(_seen, slug)
    if found is None:
        raise TopicNotOwnError(name)
    after = _edited(found, said)
    await _rename(connection, found, after)
    if found.slug != after.slug:
        before = found  # to undo that, its old name must be known
    return await _change(connection, before, after, now)


async def remove(connection: Connection, name: str, now: datetime) -> int:
    """Forget what the operator says of a topic, and return the change's id; raises TopicNotOwnError."""
    found = await connection.run(own_topic, name)
    return await _change(connection, found.description, None, now)


async def undo(connection: Connection, change_id: int, now: datetime) -> int:
    """Take a change back, and return the id of the change that did it.

    Raises TopicChangedError if another change came after it, or it is forgotten.
    """
    found = await connection.run(own_topics.change, change_id)
    if found is None:
        raise TopicChangedError
    before, after = found
    if await connection.run(_said, before, after) != after:
        raise TopicChangedError
    if before and after:
        await _rename(connection, after, before)
    return await _change(connection, after, before, now)


def complete(reader: ReadConnection, typed: str, limit: int, *, own: bool = False) -> list[str]:
    """Return the names of topics that hold a text, or of `own` ones, those first that begin with it."""
    known = own_topics.every(reader) if own else topics.described(reader)
    wanted = fold(typed.strip())
    found = [topic.name for topic in known if wanted in fold(topic.name)]
    return sorted(found, key=lambda name: (not fold(name).startswith(wanted), fold(name)))[:limit]


def _said(
    reader: ReadConnection, before: TopicDescription | None, after: TopicDescription | None
) -> TopicDescription | None:
    """Return what is said just now of the topic that a change was about."""
    about = after or before
    return own_topics.get(reader, about.slug) if about else None


def _seen(reader: ReadConnection, slug: str) -> TopicDescription | None:
    """Return what files say of a topic that people see; None if there is none."""
    topic = topics.by_slugs(reader, [slug]).get(slug)
    if topic is None or not (topics.is_described(reader, topic.id) or topics.count_stories(reader, slug)):
        return None
    in_excerpts = slug in topics.in_excerpts(reader)
    return TopicDescription(slug, topic.name, topic.parent, topic.names, in_excerpts=in_excerpts)


def _edited(topic: TopicDescription, said: Edit) -> TopicDescription:
    if said.name is not None and (name := clean(said.name)):
        topic = replace(topic, name=name, slug=slugify(name))
    if said.keywords is not None:
        topic = replace(topic, names=tuple(dict.fromkeys(filter(None, map(clean, said.keywords)))))
    if said.parent is not None:
        topic = replace(topic, parent=clean(said.parent) or None)
    if said.in_excerpts is not None:
        topic = replace(topic, in_excerpts=said.in_excerpts)
    return topic if said.servers is None else replace(topic, servers=said.servers)


async def _change(
    connection: Connection, before: TopicDescription | None, after: TopicDescription | None, now: datetime
) -> int:
    """Say of a topic what is said `after` a change, and remember the change."""
    if before and (after is None or before.slug != after.slug):
        await own_topics.forget(connection, before.slug)
    if after:
        await own_topics.describe(connection, after)
        if after.parent:
            await topics.store_topics(connection, {slugify(after.parent): after.parent})
    return await own_topics.note_change(connection, TopicChange(before, after), now)


async def _rename(connection: Connection, old: TopicDescription, new: TopicDescription) -> None:
    """Give a topic another name, whoever names it: it stays the same topic, with its stories and digests."""
    if old.slug == new.slug:
        return
    if await connection.run(topics.by_slugs, [new.slug]):
        raise TopicKnownError(new.name)
    if await connection.run(topics.is_named_by_seeds, old.slug):
        raise TopicOfSeedsError(old.name)
    await topics.rename(connection, old.slug, new.slug, new.name)
    for each in await connection.run(own_topics.every):
        if each.parent and slugify(each.parent) == old.slug:
            await own_topics.describe(connection, replace(each, parent=new.name))
    for feed_id, given in (await connection.run(feeds.topics_given)).items():
        if any(slugify(name) == old.slug for name in given):
            names = tuple(new.name if slugify(name) == old.slug else name for name in given)
            await feeds.give_topics(connection, feed_id, names)
