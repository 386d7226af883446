"""The writes that turn mentions into articles and articles into stories."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from storage.dialect import dialect_of
from storage.engine import Connection, ReadConnection
from storage.models import Summary, to_epoch
from storage.search import entries
from storage.sqlite.packing import key_of

# Which of several mentions speaks for an article: its own record's, then the newest, then the best.
_IN_FORCE = """
SELECT id, article_id FROM (
    SELECT id, article_id, row_number() OVER (
        PARTITION BY article_id ORDER BY own DESC, published_at DESC, quality DESC, digest
    ) AS rank FROM mention WHERE article_id IN (SELECT id FROM touched_article)
) AS ranked WHERE rank = 1
"""
_TOUCH_STORIES = (
    "INSERT INTO touched_story SELECT story_id FROM article"
    " WHERE id IN (SELECT id FROM touched_article) ON CONFLICT DO NOTHING"
)

_TAGS = (
    "FROM article JOIN mention ON mention.article_id = article.id"
    " JOIN record ON record.mention_id = mention.id JOIN record_topic ON record_topic.record_id = record.id"
    " WHERE article.story_id IN (SELECT id FROM touched_story)"
)


async def begin(connection: Connection) -> None:
    """Empty the lists of what this change touches; they are this connection's own."""
    for table in ("touched_article", "touched_story"):
        await connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY)")
        await connection.execute(dialect_of(connection).emptying.format(table))


async def touch_stories_of(connection: Connection, keys: Iterable[str]) -> None:
    """Mark the stories of records, given by their keys: their topics may be about to change."""
    await connection.executemany(
        "INSERT INTO touched_story SELECT article.story_id FROM record"
        " JOIN mention ON mention.id = record.mention_id"
        " JOIN article ON article.id = mention.article_id WHERE record.id = ? ON CONFLICT DO NOTHING",
        [(key_of(key),) for key in keys],
    )


def last_ids(reader: ReadConnection) -> tuple[int, int]:
    """Return the highest article id and the highest story id ever given."""
    rows = reader.execute("SELECT name, seq FROM sqlite_sequence")
    given = {row["name"]: row["seq"] for row in rows}
    return given.get("article", 0), given.get("story", 0)


def mentions_of(reader: ReadConnection, articles: Iterable[int]) -> list[int]:
    """Return the ids of the mentions of articles."""
    rows = reader.execute(
        "SELECT id FROM mention WHERE article_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(articles)),),
    )
    return [row[0] for row in rows]


async def assign_articles(
    connection: Connection, articles: Mapping[int, int | None], before: Iterable[int | None]
) -> None:
    """Tie mentions to articles: mention id to article id, None for one that no record makes any more.

    The articles that they were tied to `before` and those that they join are touched, and so are their
    stories.
    """
    await _touch(connection, {key for key in (*before, *articles.values()) if key is not None})
    await connection.executemany(
        "UPDATE mention SET article_id = ? WHERE id = ?",
        [(article, key) for key, article in articles.items()],
    )
    await connection.execute(_TOUCH_STORIES)


async def note_addresses(connection: Connection, articles: Mapping[int, int]) -> None:
    """Remember which articles have these addresses, each of which had at most one: key to article id."""
    await connection.executemany(
        "INSERT INTO address (key, article_id) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET article_id = excluded.article_id",
        sorted(articles.items()),  # in order, rows fill their pages
    )


def find_changed_articles(reader: ReadConnection) -> list[tuple[int, int]]:
    """Find the touched articles that are new or worded by another mention now: (article id, mention id)."""
    rows = reader.execute(
        f"SELECT article_id, id FROM ({_IN_FORCE}) AS in_force WHERE NOT EXISTS (SELECT 1 FROM article"
        " WHERE article.id = in_force.article_id AND article.mention_id = in_force.id)"
    )
    return [(row[0], row[1]) for row in rows]


def heirs(reader: ReadConnection, ids: Collection[int]) -> dict[int, int]:
    """Return those of some stories that were merged, each with the story that it is part of."""
    rows = reader.execute(
        "SELECT id, story_id FROM story_alias WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return {row[0]: row[1] for row in rows}


async def add_stories(connection: Connection, ids: Iterable[int]) -> None:
    """Add stories with these ids."""
    rows = [(story_id,) for story_id in ids]
    await connection.executemany("INSERT INTO story (id) VALUES (?)", rows)
    await connection.executemany("INSERT INTO touched_story VALUES (?) ON CONFLICT DO NOTHING", rows)


async def unmerge_stories(connection: Connection, ids: Iterable[int]) -> None:
    """Undo the merging of stories."""
    await connection.executemany("DELETE FROM story_alias WHERE id = ?", [(story_id,) for story_id in ids])


async def reset_origins(connection: Connection, stories: Mapping[int, int]) -> None:
    """Set the story that each article first belonged to: article id to story id."""
    await connection.executemany(
        "UPDATE article SET origin_id = ? WHERE id = ?",
        [(story, article) for article, story in stories.items()],
    )


async def merge_stories(connection: Connection, absorbed: Mapping[int, int]) -> None:
    """Point the ids of merged stories to the story that took them in."""
    rows = [(heir, old) for old, heir in absorbed.items()]
    await connection.executemany("UPDATE story_alias SET story_id = ? WHERE story_id = ?", rows)
    await connection.executemany(
        "INSERT INTO story_alias (story_id, id) VALUES (?, ?)"
        " ON CONFLICT (id) DO UPDATE SET story_id = excluded.story_id",
        rows,
    )


async def move_articles(connection: Connection, stories: Mapping[int, int]) -> None:
    """Put articles into other stories: article id to story id."""
    await _touch_only(connection, stories)
    await connection.execute(_TOUCH_STORIES)
    await connection.executemany(
        "UPDATE article SET story_id = ? WHERE id = ?",
        [(story, article) for article, story in stories.items()],
    )
    await connection.execute(_TOUCH_STORIES)


async def write_articles(
    connection: Connection, articles: Sequence[tuple[int, int, int, int]], now: datetime
) -> None:
    """Word articles as (article, story, mention, address key) say; new ones are known since `now`."""
    ids = [article_id for article_id, *_ in articles]
    await _touch_only(connection, ids)
    await entries.remove(connection, ids)
    await connection.executemany(
        "INSERT INTO past_quality (article_id, until, quality)"
        " SELECT article.id, ?, article.quality FROM article JOIN mention ON mention.id = ?"
        " WHERE article.id = ? AND article.quality <> mention.quality ON CONFLICT DO NOTHING",
        [(to_epoch(now), mention_id, article_id) for article_id, _, mention_id, _ in articles],
    )
    await connection.executemany(
        "INSERT INTO article (id, story_id, origin_id, mention_id, address, published_at, quality,"
        " provider_id, removed, known_at)"
        " SELECT ?, ?, ?, id, ?, published_at, quality, provider_id, FALSE, ? FROM mention WHERE id = ?"
        " ON CONFLICT (id) DO UPDATE SET story_id = excluded.story_id, mention_id = excluded.mention_id,"
        " address = excluded.address, published_at = excluded.published_at, quality = excluded.quality,"
        " provider_id = excluded.provider_id",
        [
            (article_id, story_id, story_id, address, to_epoch(now), mention_id)
            for article_id, story_id, mention_id, address in articles
        ],
    )
    await entries.add(connection, ids)
    await connection.execute(_TOUCH_STORIES)


async def hide_articles(connection: Connection, ids: Collection[int]) -> None:
    """Take articles that no mention is tied to any more out of lookups and digests."""
    await _touch_only(connection, ids)
    await entries.remove(connection, ids)
    await connection.execute(_TOUCH_STORIES)
    await connection.execute(
        "UPDATE article SET mention_id = NULL WHERE id IN (SELECT id FROM touched_article)"
    )


async def _touch(connection: Connection, article_ids: Iterable[int]) -> None:
    """Touch these articles as well."""
    await connection.execute(
        "INSERT INTO touched_article SELECT value FROM json_each(?) WHERE TRUE ON CONFLICT DO NOTHING",
        (json.dumps(list(article_ids)),),
    )


async def _touch_only(connection: Connection, article_ids: Iterable[int]) -> None:
    """Replace the set of touched articles."""
    await connection.execute("DELETE FROM touched_article")
    await _touch(connection, article_ids)


async def delete_orphaned_mentions(connection: Connection) -> None:
    """Drop the mentions that are tied to no article: no record makes them any more."""
    await connection.execute("DELETE FROM mention WHERE article_id IS NULL")


async def mark_withdrawn(connection: Connection, ids: Collection[int]) -> None:
    """Mark those of some articles whose own record says that the source withdrew them; unmark the others."""
    await _touch_only(connection, ids)
    withdrawn = (
        "SELECT 1 FROM mention JOIN record ON record.mention_id = mention.id"
        " WHERE mention.article_id = article.id AND record.removed"
    )
    changed = f"id IN (SELECT id FROM touched_article) AND removed <> EXISTS ({withdrawn})"
    await connection.execute(
        f"INSERT INTO touched_story SELECT story_id FROM article WHERE {changed} ON CONFLICT DO NOTHING"
    )
    await connection.execute(f"UPDATE article SET removed = NOT removed WHERE {changed}")


def touched_stories(reader: ReadConnection) -> list[int]:
    """Return the ids of the stories that were touched."""
    return [row[0] for row in reader.execute("SELECT id FROM touched_story ORDER BY id")]


async def write_summaries(connection: Connection, summaries: Iterable[Summary]) -> None:
    """Store what lists need of the touched stories; those without a summary have nothing to show."""
    await connection.execute(
        "UPDATE story SET articles = 0, pick_id = NULL, first_at = 0, begun_at = 0, newest_at = 0, heat = 0,"
        " followed_id = NULL WHERE id IN (SELECT id FROM touched_story) AND pick_id IS NOT NULL"
    )
    await connection.executemany(
        "UPDATE story SET articles = :articles, pick_id = :pick_id, first_at = :first_at,"
        " begun_at = :begun_at, newest_at = :newest_at, heat = :heat, followed_id = :followed_id"
        " WHERE id = :story_id",
        (summary._asdict() for summary in summaries),
    )


async def tag_stories(connection: Connection, now: datetime) -> None:
    """Give the touched stories the topics of their records; what an article got is noted with the time."""
    await connection.execute("DELETE FROM story_topic WHERE story_id IN (SELECT id FROM touched_story)")
    await connection.execute(
        f"INSERT INTO story_topic (topic_id, story_id) SELECT DISTINCT topic_id, story_id {_TAGS}"
        " ORDER BY 1, 2"
    )
    await connection.execute(
        f"INSERT INTO article_topic (article_id, topic_id, since) SELECT article.id, topic_id, ?"
        f" {_TAGS} ORDER BY 1, 2 ON CONFLICT DO NOTHING",
        (to_epoch(now),),
    )
