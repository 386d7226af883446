"""Topics as the operator describes them, which goes before what files say, and how that changed."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

from storage import judging, topics
from storage.engine import Connection, ReadConnection
from storage.models import TopicDescription, to_epoch


class TopicChange(NamedTuple):
    """What was said of a topic before a change, and after it; None where nothing was."""

    before: TopicDescription | None
    after: TopicDescription | None


def get(reader: ReadConnection, slug: str) -> TopicDescription | None:
    """Return what the operator says of a topic."""
    rows = reader.execute(f"{_DESCRIBED} WHERE slug = ?", (slug,))
    return next((_description(*row) for row in rows), None)


def every(reader: ReadConnection) -> list[TopicDescription]:
    """Return what the operator says of topics, by name."""
    return [_description(*row) for row in reader.execute(f"{_DESCRIBED} ORDER BY name")]


async def describe(connection: Connection, topic: TopicDescription) -> None:
    """Describe a topic as the operator does, in place of what was said of it before."""
    await topics.store_topics(connection, {topic.slug: topic.name})
    await connection.execute(
        "INSERT INTO own_topic (slug, name, parent, names, in_excerpts, servers) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (slug) DO UPDATE SET name = excluded.name, parent = excluded.parent,"
        " names = excluded.names, in_excerpts = excluded.in_excerpts, servers = excluded.servers",
        (
            topic.slug,
            topic.name,
            topic.parent,
            json.dumps(topic.names),
            topic.in_excerpts,
            json.dumps(topic.servers),
        ),
    )
    await judging.judge_all(connection)


async def forget(connection: Connection, slug: str) -> None:
    """Forget what the operator says of a topic."""
    await connection.execute("DELETE FROM own_topic WHERE slug = ?", (slug,))
    await judging.judge_all(connection)


async def note_change(connection: Connection, change: TopicChange, now: datetime) -> int:
    """Remember a change, so that it can be undone, and return its id."""
    before, after = (None if each is None else json.dumps(asdict(each)) for each in change)
    rows = await connection.execute_fetchall(
        "INSERT INTO topic_change (before, after, changed_at) VALUES (?, ?, ?) RETURNING id",
        (before, after, to_epoch(now)),
    )
    return int(next(iter(rows))[0])


def change(reader: ReadConnection, change_id: int) -> TopicChange | None:
    """Return a change by its id."""
    row = reader.execute("SELECT before, after FROM topic_change WHERE id = ?", (change_id,)).fetchone()
    return None if row is None else TopicChange(*map(_from_json, row))


async def forget_changes(connection: Connection, before: datetime) -> None:
    """Forget the changes that were made before a moment."""
    await connection.execute("DELETE FROM topic_change WHERE changed_at < ?", (to_epoch(before),))


_DESCRIBED = "SELECT slug, name, parent, names, in_excerpts, servers FROM own_topic"


def _description(
    slug: str, name: str, parent: str | None, names: str, in_excerpts: int, servers: str
) -> TopicDescription:
    return TopicDescription(
        slug,
        name,
        parent,
        tuple(json.loads(names)),
        in_excerpts=bool(in_excerpts),
        servers=tuple(json.loads(servers)),
    )


def _from_json(text: str | None) -> TopicDescription | None:
    if text is None:
        return None
    said = json.loads(text)
    lists = {each: tuple(said.get(each, ())) for each in ("names", "servers")}
    return TopicDescription(**said | lists)
