"""The writes of a reload that turn mentions into articles and articles into stories."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from storage.models import Mention, to_epoch


@dataclass(frozen=True, slots=True)
class MentionKey:
    """What ties a mention to its article: its canonical addresses, and the article it had."""

    id: int
    addresses: tuple[str, ...]
    article_id: int | None


@dataclass(frozen=True, slots=True)
class Wording:
    """A mention that speaks for its article, with its text."""

    article_id: int
    mention_id: int
    digest: bytes
    own: bool
    compressed: bytes

    @property
    def raw(self) -> bytes:
        """The mention's text in its file."""
        return zlib.decompress(self.compressed)


# Which of several mentions speaks for an article: its own record's, then the newest, then the best.
IN_FORCE = """
SELECT id, article_id, digest, own, raw FROM (
    SELECT *, row_number() OVER (
        PARTITION BY article_id ORDER BY own DESC, published_at DESC, quality DESC, digest
    ) AS rank FROM mention
) WHERE rank = 1
"""


async def begin(connection: aiosqlite.Connection) -> None:
    """Make the lists of what this reload touches; they belong to the connection and are emptied here."""
    for table in ("touched_article", "touched_story"):
        await connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY)")
        await connection.execute(f"DELETE FROM {table}")


async def touch_stories_of(connection: aiosqlite.Connection, paths: Iterable[str]) -> None:
    """Mark the stories of the records at `paths`: their topics or articles may be about to change."""
    await connection.executemany(
        "INSERT OR IGNORE INTO touched_story SELECT article.story_id FROM record"
        " JOIN record_mention ON record_id = record.id JOIN mention ON mention.id = record_mention.mention_id"
        " JOIN article ON article.id = mention.article_id WHERE record.path = ?",
        [(path,) for path in paths],
    )


async def mention_keys(connection: aiosqlite.Connection) -> list[MentionKey]:
    """Return every mention's addresses and article."""
    rows = await connection.execute_fetchall("SELECT id, addresses, article_id FROM mention ORDER BY id")
    return [MentionKey(row["id"], tuple(row["addresses"].split("\n")), row["article_id"]) for row in rows]


async def silent_articles(connection: aiosqlite.Connection) -> dict[str, int]:
    """Return, by address, the articles that no mention speaks of: gone ones that may come back."""
    rows = await connection.execute_fetchall(
        "SELECT address, id FROM article WHERE NOT EXISTS"
        " (SELECT 1 FROM mention WHERE article_id = article.id) ORDER BY id DESC"
    )
    return {row["address"]: row["id"] for row in rows}


async def last_ids(connection: aiosqlite.Connection) -> tuple[int, int]:
    """Return the highest article id and the highest story id ever given."""
    rows = await connection.execute_fetchall("SELECT name, seq FROM sqlite_sequence")
    given = {row["name"]: row["seq"] for row in rows}
    return given.get("article", 0), given.get("story", 0)


async def assign_articles(connection: aiosqlite.Connection, articles: Mapping[int, int]) -> None:
    """Tie mentions to articles: mention id to article id."""
    await connection.executemany(
        "UPDATE mention SET article_id = ? WHERE id = ?",
        [(article, key) for key, article in articles.items()],
    )


async def new_wordings(connection: aiosqlite.Connection) -> list[Wording]:
    """Return the mentions that speak for their article now and didn't before, with their texts."""
    rows = await connection.execute_fetchall(
        f"SELECT article_id, id, digest, own, raw FROM ({IN_FORCE}) AS in_force"
        " WHERE NOT EXISTS (SELECT 1 FROM article"
        " WHERE article.id = in_force.article_id AND article.mention_id = in_force.id)"
    )
    return [Wording(row[0], row[1], row[2], bool(row[3]), row[4]) for row in rows]


async def record_links(connection: aiosqlite.Connection) -> list[tuple[int, int]]:
    """Return which records speak of which articles: (record id, article id), by record."""
    rows = await connection.execute_fetchall(
        "SELECT record_id, article_id FROM record_mention"
        " JOIN mention ON mention.id = record_mention.mention_id ORDER BY record_id"
    )
    return [(row[0], row[1]) for row in rows]


async def stories_of_articles(connection: aiosqlite.Connection) -> dict[int, int]:
    """Return every article's story, gone articles' too; a merged story's heir stands for it."""
    rows = await connection.execute_fetchall(
        "SELECT article.id, coalesce(story_alias.story_id, article.story_id)"
        " FROM article LEFT JOIN story_alias ON story_alias.id = article.story_id"
    )
    return {row[0]: row[1] for row in rows}


async def add_stories(connection: aiosqlite.Connection, ids: Iterable[int]) -> None:
    """Make stories with these new ids."""
    rows = [(story_id,) for story_id in ids]
    await connection.executemany("INSERT INTO story (id) VALUES (?)", rows)
    await connection.executemany("INSERT OR IGNORE INTO touched_story VALUES (?)", rows)


async def merge_stories(connection: aiosqlite.Connection, absorbed: Mapping[int, int]) -> None:
    """Make the ids of merged stories resolve to the story that took them in."""
    rows = [(heir, old) for old, heir in absorbed.items()]
    await connection.executemany("UPDATE story_alias SET story_id = ? WHERE story_id = ?", rows)
    await connection.executemany(
        "INSERT INTO story_alias (story_id, id) VALUES (?, ?)"
        " ON CONFLICT (id) DO UPDATE SET story_id = excluded.story_id",
        rows,
    )


async def move_articles(connection: aiosqlite.Connection, stories: Mapping[int, int]) -> None:
    """Put articles into stories: article id to story id."""
    ids = [(article,) for article in stories]
    await connection.executemany(_TOUCH_STORY_OF_ARTICLE, ids)
    await connection.executemany(
        "UPDATE article SET story_id = ? WHERE id = ?",
        [(story, article) for article, story in stories.items()],
    )
    await connection.executemany(_TOUCH_STORY_OF_ARTICLE, ids)


_TOUCH_STORY_OF_ARTICLE = "INSERT OR IGNORE INTO touched_story SELECT story_id FROM article WHERE id = ?"


async def write_articles(
    connection: aiosqlite.Connection, articles: Sequence[tuple[int, int, int, Mention]], now: datetime
) -> None:
    """Write articles as (article id, story id, mention id, mention); new ones are known since `now`."""
    mentions = [mention for _, _, _, mention in articles]
    await connection.executemany(
        "INSERT OR IGNORE INTO provider (name, domain) VALUES (?, ?)",
        list({(mention.provider.name, mention.provider.domain) for mention in mentions}),
    )
    await _unindex(connection, [article_id for article_id, *_ in articles])
    await connection.executemany(
        "INSERT INTO article (id, story_id, mention_id, address, url, title, excerpt, published_at, quality,"
        " type, provider_id, image_url, removed, known_at)"
        " SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, provider.id, ?, 0, ? FROM provider"
        " WHERE name = ? AND domain = ?"
        " ON CONFLICT (id) DO UPDATE SET story_id = excluded.story_id, mention_id = excluded.mention_id,"
        " address = excluded.address, url = excluded.url, title = excluded.title,"
        " excerpt = excluded.excerpt, published_at = excluded.published_at, quality = excluded.quality,"
        " type = excluded.type, provider_id = excluded.provider_id, image_url = excluded.image_url",
        [
            (
                article_id,
                story_id,
                mention_id,
                mention.addresses[0],
                mention.url,
                mention.title,
                mention.excerpt,
                to_epoch(mention.published_at),
                mention.quality,
                mention.type,
                mention.image_url,
                to_epoch(now),
                mention.provider.name,
                mention.provider.domain,
            )
            for article_id, story_id, mention_id, mention in articles
        ],
    )
    await connection.executemany(
        "INSERT INTO article_search (rowid, title, excerpt, provider)"
        " SELECT id, title, excerpt, provider FROM article_text WHERE id = ?",
        [(article_id,) for article_id, *_ in articles],
    )
    await connection.executemany(_TOUCH_STORY_OF_ARTICLE, [(article_id,) for article_id, *_ in articles])


async def silence_articles(connection: aiosqlite.Connection) -> None:
    """Take the articles that no mention speaks of any more out of lookups and digests."""
    rows = await connection.execute_fetchall(
        "SELECT id FROM article WHERE mention_id IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM mention WHERE article_id = article.id)"
    )
    ids = [row["id"] for row in rows]
    await _unindex(connection, ids)
    await connection.executemany(_TOUCH_STORY_OF_ARTICLE, [(article_id,) for article_id in ids])
    await connection.executemany(
        "UPDATE article SET mention_id = NULL WHERE id = ?", [(article_id,) for article_id in ids]
    )


async def _unindex(connection: aiosqlite.Connection, article_ids: Iterable[int]) -> None:
    # An index over another table's content must be told the words that it forgets.
    await connection.executemany(
        "INSERT INTO article_search (article_search, rowid, title, excerpt, provider)"
        " SELECT 'delete', article_text.id, article_text.title, article_text.excerpt, article_text.provider"
        " FROM article_text JOIN article USING (id) WHERE id = ? AND mention_id IS NOT NULL",
        [(article_id,) for article_id in article_ids],
    )


async def mark_withdrawn(connection: aiosqlite.Connection) -> None:
    """Mark the articles whose own record says that the source withdrew them, and no others."""
    withdrawn = (
        "SELECT mention.article_id FROM record JOIN record_mention ON record_id = record.id AND position = 0"
        " JOIN mention ON mention.id = record_mention.mention_id WHERE record.removed"
    )
    changed = f"removed <> (id IN ({withdrawn}))"
    await connection.execute(
        f"INSERT OR IGNORE INTO touched_story SELECT story_id FROM article WHERE {changed}"
    )
    await connection.execute(f"UPDATE article SET removed = NOT removed WHERE {changed}")


async def summarize_stories(connection: aiosqlite.Connection) -> None:
    """Bring the touched stories' picks, counts, times and topics up to date."""
    await connection.execute(
        "UPDATE story SET articles = 0, pick_id = NULL, first_at = 0, newest_at = 0"
        " WHERE id IN (SELECT id FROM touched_story)"
    )
    await connection.execute(
        "UPDATE story SET articles = found.articles, pick_id = found.pick_id,"
        " first_at = found.first_at, newest_at = found.newest_at"
        " FROM (SELECT story_id, count(*) OVER story AS articles, article.id AS pick_id,"
        " min(published_at) OVER story AS first_at, max(published_at) OVER story AS newest_at,"
        " row_number() OVER (PARTITION BY story_id"
        " ORDER BY quality DESC, published_at DESC, domain, article.id) AS rank"
        " FROM article JOIN provider ON provider.id = provider_id"
        " WHERE story_id IN (SELECT id FROM touched_story) AND mention_id IS NOT NULL AND NOT removed"
        " WINDOW story AS (PARTITION BY story_id)) AS found"
        " WHERE found.story_id = story.id AND found.rank = 1"
    )
    await connection.execute("DELETE FROM story_topic WHERE story_id IN (SELECT id FROM touched_story)")
    await connection.execute(
        "INSERT INTO story_topic (topic_id, story_id) SELECT DISTINCT record_topic.topic_id, article.story_id"
        " FROM article JOIN mention ON mention.article_id = article.id"
        " JOIN record_mention ON record_mention.mention_id = mention.id AND position = 0"
        " JOIN record_topic ON record_topic.record_id = record_mention.record_id"
        " WHERE article.story_id IN (SELECT id FROM touched_story)"
    )
