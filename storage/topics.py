"""Topics: who carries them, what describes them, by what names they are found."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime

from storage import judging
from storage.engine import Connection, ReadConnection, Row, scalar
from storage.models import Topic, TopicDescription, TopicSummary, from_epoch, to_epoch
from storage.sqlite.packing import key_of

# For the SELECT list and the FROM clause of every statement that reads topics, see topic_from().
COLUMNS = (
    "topic.id AS topic_id, topic.slug, coalesce(described.name, topic.name) AS topic_name,"
    " described.parent, described.names"
)
DESCRIBED = "LEFT JOIN topic_description AS described ON described.slug = topic.slug"


async def store_topics(connection: Connection, topics: Mapping[str, str]) -> None:
    """Add the topics that aren't there yet: slug to name. Those are looked for in all that is stored."""
    written = await connection.executemany(
        "INSERT INTO topic (slug, name) VALUES (?, ?) ON CONFLICT (slug) DO NOTHING", list(topics.items())
    )
    if written.rowcount > 0:
        await judging.judge_all(connection)


async def tag_records(connection: Connection, tags: Iterable[tuple[str, str]]) -> None:
    """Say which topics records carry: (record key, topic slug)."""
    await connection.executemany(
        "INSERT INTO record_topic SELECT ?, id FROM topic WHERE slug = ? ON CONFLICT DO NOTHING",
        sorted((key_of(key), slug) for key, slug in tags),  # in order, rows fill their pages
    )


async def respell_topics(connection: Connection, spellings: Mapping[tuple[str, str], int]) -> None:
    """Name topics as most of their records spell them: (slug, name) to how many new records do.

    The topics of stories must be up to date: records are counted by them, and only as far as it matters.
    """
    await connection.executemany(
        "UPDATE topic SET name = :name WHERE slug = :slug AND name <> :name AND 2 * :records >"
        " (SELECT count(*) FROM (SELECT 1 FROM story_topic CROSS JOIN article USING (story_id)"
        " CROSS JOIN mention ON mention.article_id = article.id"
        " CROSS JOIN record ON record.mention_id = mention.id"
        " CROSS JOIN record_topic ON record_id = record.id AND record_topic.topic_id = topic.id"
        " WHERE story_topic.topic_id = topic.id LIMIT 2 * :records) AS carried)",
        [{"slug": slug, "name": name, "records": count} for (slug, name), count in spellings.items()],
    )


def slugs(reader: ReadConnection) -> dict[str, str]:
    """Return the slug of every topic, with the name that records give it."""
    return {row["slug"]: row["name"] for row in reader.execute("SELECT slug, name FROM topic")}


async def rename(connection: Connection, old: str, new: str, name: str) -> None:
    """Give a topic another slug and name."""
    await connection.execute("UPDATE topic SET slug = ?, name = ? WHERE slug = ?", (new, name, old))


def is_named_by_seeds(reader: ReadConnection, slug: str) -> bool:
    """Say whether a seed carries a topic, or a file describes it."""
    return bool(
        scalar(
            reader,
            "SELECT EXISTS (SELECT 1 FROM topic_file WHERE slug = :slug) OR EXISTS (SELECT 1 FROM topic"
            " JOIN record_topic ON topic_id = topic.id JOIN record ON record.id = record_id"
            " JOIN mention ON mention.id = mention_id WHERE slug = :slug AND own >= 0)",
            {"slug": slug},
        )
    )


async def rename_slugs(connection: Connection, renamed: Mapping[str, str]) -> None:
    """Give topics other slugs: old slug to new one."""
    for table in ("topic", "topic_file"):
        await connection.executemany(
            f"UPDATE {table} SET slug = ? WHERE slug = ?", [(new, old) for old, new in renamed.items()]
        )


async def describe_topics(connection: Connection, descriptions: Mapping[str, TopicDescription]) -> None:
    """Store what topic files say, by the path of the file."""
    await store_topics(connection, {topic.slug: topic.name for topic in descriptions.values()})
    await connection.executemany(
        "INSERT INTO topic_file (file_id, slug, name, parent, names, language, in_excerpts)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (key_of(path), t.slug, t.name, t.parent, json.dumps(t.names), t.language, t.in_excerpts)
            for path, t in descriptions.items()
        ],
    )


def described(reader: ReadConnection) -> list[Topic]:
    """Return every topic that there is, whether it has stories or a description or neither."""
    rows = reader.execute(f"SELECT {COLUMNS} FROM topic {DESCRIBED} ORDER BY topic_name")
    return [topic_from(row) for row in rows]


def in_excerpts(reader: ReadConnection) -> list[str]:
    """Return the slugs of the topics that are looked for in excerpts as well."""
    return [row[0] for row in reader.execute("SELECT slug FROM topic_description WHERE in_excerpts")]


def count_stories(reader: ReadConnection, slug: str) -> int:
    """Return how many stories a topic has."""
    return int(
        scalar(
            reader,
            "SELECT count(*) FROM topic JOIN story_topic ON topic_id = topic.id"
            " JOIN story ON story.id = story_id WHERE slug = ? AND pick_id IS NOT NULL",
            (slug,),
        )
    )


def topics(reader: ReadConnection, now: datetime, *, empty: bool = True) -> list[Topic]:
    """Return every topic that has stories by `now`, by name, and the `empty` ones that have a description."""
    rows = reader.execute(
        f"SELECT {COLUMNS} FROM topic {DESCRIBED} WHERE (:empty AND described.slug IS NOT NULL)"
        " OR EXISTS (SELECT 1 FROM story_topic JOIN story ON story.id = story_id"
        " WHERE story_topic.topic_id = topic.id AND pick_id IS NOT NULL AND first_at <= :now)"
        " ORDER BY topic_name",
        {"now": to_epoch(now), "empty": empty},
    )
    return [topic_from(row) for row in rows]


def summaries(reader: ReadConnection, now: datetime, ids: Sequence[int] | None = None) -> list[TopicSummary]:
    """Return the topics that have stories by `now` or a description, the one with most stories first.

    `ids` narrows it down to these topics.
    """
    chosen = "" if ids is None else " WHERE topic.id IN (SELECT value FROM json_each(:ids))"
    rows = reader.execute(
        f"SELECT stories, {COLUMNS}, latest FROM (SELECT topic.id, count(story.id) AS stories,"
        " max(story.newest_at) FILTER (WHERE story.newest_at <= :now) AS latest"
        " FROM topic LEFT JOIN story_topic ON story_topic.topic_id = topic.id"
        " LEFT JOIN story ON story.id = story_id AND pick_id IS NOT NULL AND first_at <= :now"
        f"{chosen} GROUP BY topic.id) AS counted CROSS JOIN topic ON topic.id = counted.id {DESCRIBED}"
        " WHERE stories > 0 OR described.slug IS NOT NULL ORDER BY stories DESC, topic_name",
        {"now": to_epoch(now), "ids": json.dumps(ids)},
    )
    return [TopicSummary(topic_from(row), row["stories"], _moment(row["latest"])) for row in rows]


def count_since(reader: ReadConnection, since: datetime, now: datetime) -> dict[int, int]:
    """Return how many stories each topic has whose newest article is of that time, by the topic's id."""
    rows = reader.execute(
        "SELECT topic_id, count(*) FROM story CROSS JOIN story_topic ON story_id = story.id"
        " WHERE pick_id IS NOT NULL AND newest_at BETWEEN ? AND ? GROUP BY topic_id",
        (to_epoch(since), to_epoch(now)),
    )
    return dict(rows.fetchall())


def get(reader: ReadConnection, topic_id: int) -> Topic | None:
    """Return a topic by its id."""
    rows = reader.execute(f"SELECT {COLUMNS} FROM topic {DESCRIBED} WHERE topic.id = ?", (topic_id,))
    return next((topic_from(row) for row in rows), None)


def by_ids(reader: ReadConnection, ids: Iterable[int]) -> dict[int, Topic]:
    """Return those of some topics that there are, by id."""
    rows = reader.execute(
        f"SELECT {COLUMNS} FROM topic {DESCRIBED} WHERE topic.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return {row["topic_id"]: topic_from(row) for row in rows}


def by_slugs(reader: ReadConnection, slugs: Iterable[str]) -> dict[str, Topic]:
    """Return those of some topics that there are, by slug."""
    rows = reader.execute(
        f"SELECT {COLUMNS} FROM topic {DESCRIBED}"
        " WHERE topic.slug IN (SELECT value ->> 0 FROM json_each(?, '$'))",
        (json.dumps([[slug] for slug in slugs]),),
    )
    return {row["slug"]: topic_from(row) for row in rows}


def carried(reader: ReadConnection, paths: Iterable[str]) -> set[tuple[int, int]]:
    """Return which topics the stories of these records carry: (story id, topic id)."""
    rows = reader.execute(
        "SELECT DISTINCT story_topic.story_id, topic_id FROM record"
        " JOIN mention ON mention.id = record.mention_id JOIN article ON article.id = mention.article_id"
        " JOIN story_topic ON story_topic.story_id = article.story_id"
        " WHERE record.id IN (SELECT value FROM json_each(?))",
        (json.dumps([key_of(path) for path in paths]),),
    )
    return {(row[0], row[1]) for row in rows}


async def note_heirs(connection: Connection, before: Set[tuple[int, int]]) -> None:
    """Note the heirs of topics that have lost all their stories: what these carry that they didn't `before`.

    Of several topics it is the one of most of these stories.
    """
    known = await connection.run(_empty, {topic_id for _, topic_id in before})
    for topic_id in known:
        stories = [story_id for story_id, carried_id in before if carried_id == topic_id]
        now = await connection.run(_carried_by, stories)
        gained = Counter(carried_id for _, carried_id in now - before)
        heir_id = min(gained, key=lambda each: (-gained[each], each), default=None)
        await connection.execute("UPDATE topic SET heir_id = ? WHERE id = ?", (heir_id, topic_id))


def lost(reader: ReadConnection, ids: Iterable[int]) -> dict[int, Topic | None]:
    """Return those of some topics that have no stories any more, each with the topic that has them now.

    A topic that a file describes, and that has no heir, may never have had any: it isn't among them.
    """
    found: dict[int, Topic | None] = {}
    for topic_id in _empty(reader, ids):
        heir = _heir(reader, topic_id)
        if heir or not is_described(reader, topic_id):
            found[topic_id] = heir
    return found


def _heir(reader: ReadConnection, topic_id: int) -> Topic | None:
    """Return the topic that has a topic's stories now: its heir, or that one's where it is empty as well."""
    passed = {topic_id}
    while (heir_id := scalar(reader, "SELECT heir_id FROM topic WHERE id = ?", (topic_id,))) not in passed:
        if heir_id is None:
            return None
        if not _empty(reader, [heir_id]):
            return get(reader, heir_id)
        passed.add(heir_id)
        topic_id = heir_id
    return None


def _empty(reader: ReadConnection, ids: Iterable[int]) -> list[int]:
    """Return those of some topics that have no stories."""
    rows = reader.execute(
        "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM story_topic"
        " JOIN story ON story.id = story_id WHERE topic_id = value AND pick_id IS NOT NULL) ORDER BY value",
        (json.dumps(list(ids)),),
    )
    return [row[0] for row in rows]


def is_described(reader: ReadConnection, topic_id: int) -> bool:
    """Say whether the operator or a file describes a topic."""
    return bool(
        scalar(
            reader, "SELECT 1 FROM topic JOIN topic_description USING (slug) WHERE topic.id = ?", (topic_id,)
        )
    )


def _carried_by(reader: ReadConnection, story_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Return which topics stories carry, as carried(); those that were merged go by their old ids."""
    rows = reader.execute(
        "SELECT value, topic_id FROM json_each(?) LEFT JOIN story_alias ON story_alias.id = value"
        " JOIN story_topic ON story_topic.story_id = coalesce(story_alias.story_id, value)",
        (json.dumps(story_ids),),
    )
    return {(row[0], row[1]) for row in rows}


def topics_of_story(reader: ReadConnection, story_id: int) -> list[Topic]:
    """Return the topics that a story's records carry, by name; for Connection.run()."""
    rows = reader.execute(
        f"SELECT {COLUMNS} FROM topic {DESCRIBED}"
        " JOIN story_topic ON story_topic.topic_id = topic.id WHERE story_id = ? ORDER BY topic_name",
        (story_id,),
    )
    return [topic_from(row) for row in rows]


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_epoch(seconds)


def topic_from(row: Row) -> Topic:
    """Return the topic in a row that selects COLUMNS."""
    names = tuple(json.loads(row["names"])) if row["names"] else ()
    return Topic(row["topic_id"], row["slug"], row["topic_name"], row["parent"], names)
