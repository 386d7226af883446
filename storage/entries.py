"""Entries of feeds that became records: what tells them apart, and when they were seen."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from storage.engine import Connection, ReadConnection, Row, scalar
from storage.models import from_epoch, to_epoch
from storage.sqlite.packing import key_of


class EntryKeys(NamedTuple):
    """What tells entries apart, as 64-bit keys; `said` is that of all that one says."""

    guid: int
    address: int
    title: int
    excerpt: int
    said: int


class SeenEntry(NamedTuple):
    """An entry as it was seen before; `dated` if it says itself when it was published."""

    key: str
    keys: EntryKeys
    dated: bool
    published_at: datetime


class StoredEntry(NamedTuple):
    """What is stored of an entry's article, to judge it anew."""

    key: str
    feed_id: int
    url: str
    title: str
    excerpt: str
    published_at: datetime
    quality: int
    outlet: str
    domain: str
    image_url: str | None
    image_width: int


def keys_of(guid: str, address: str, title: str, excerpt: str, said: str) -> EntryKeys:
    """Return the keys of what tells an entry apart."""
    return EntryKeys(key_of(guid), key_of(address), key_of(title), key_of(excerpt), key_of(said))


def like(reader: ReadConnection, feed_id: int, keys: Iterable[EntryKeys]) -> list[SeenEntry]:
    """Return the entries of a feed that share a guid, an address or a title with one of these."""
    known = list(keys)
    lists = {
        "feed": feed_id,
        "guids": json.dumps([each.guid for each in known]),
        "addresses": json.dumps([each.address for each in known]),
        "titles": json.dumps([each.title for each in known]),
    }
    rows = reader.execute(
        "SELECT key, guid, address, title, excerpt, said, dated, published_at FROM feed_entry WHERE id IN ("
        "SELECT id FROM feed_entry WHERE feed_id = :feed AND guid IN (SELECT value FROM json_each(:guids))"
        " UNION SELECT id FROM feed_entry WHERE feed_id = :feed"
        " AND address IN (SELECT value FROM json_each(:addresses))"
        " UNION SELECT id FROM feed_entry WHERE feed_id = :feed"
        " AND title IN (SELECT value FROM json_each(:titles))) ORDER BY key",
        lists,
    )
    return [SeenEntry(row[0], EntryKeys(*row[1:6]), bool(row[6]), from_epoch(row[7])) for row in rows]


def titles_by_excerpt(reader: ReadConnection, feed_id: int, excerpts: Iterable[int]) -> dict[int, int]:
    """Return under how many titles of a feed each excerpt stood, by the excerpts' keys."""
    rows = reader.execute(
        "SELECT excerpt, count(DISTINCT title) FROM feed_entry"
        " WHERE feed_id = ? AND excerpt IN (SELECT value FROM json_each(?)) GROUP BY 1",
        (feed_id, json.dumps(list(excerpts))),
    )
    return {row[0]: row[1] for row in rows}


def count_since(reader: ReadConnection, feed_id: int, since: datetime) -> int:
    """Return how many entries of a feed were published since a moment."""
    return int(
        scalar(
            reader,
            "SELECT count(*) FROM feed_entry WHERE feed_id = ? AND published_at > ?",
            (feed_id, to_epoch(since)),
        )
    )


async def note_seen(
    connection: Connection, seen: Iterable[tuple[int, Iterable[tuple[SeenEntry, int]]]], now: datetime
) -> None:
    """Note the entries of feeds, by id, each with the width of its picture, as seen just now."""
    await connection.executemany(
        "INSERT INTO feed_entry (id, feed_id, key, guid, address, title, excerpt, said, dated, published_at,"
        " image_width, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " guid = excluded.guid, address = excluded.address, title = excluded.title,"
        " excerpt = excluded.excerpt, said = excluded.said, dated = excluded.dated,"
        " image_width = excluded.image_width, seen_at = excluded.seen_at",
        [
            (
                key_of(each.key),
                feed_id,
                each.key,
                *each.keys,
                each.dated,
                to_epoch(each.published_at),
                width,
                to_epoch(now),
            )
            for feed_id, entries in seen
            for each, width in entries
        ],
    )


async def know_since_published(connection: Connection, keys: Sequence[str], now: datetime) -> None:
    """Date back to their publication the articles that these records just made known.

    They have their topics since then, too: they are nothing new to anybody.
    """
    rows = await connection.execute_fetchall(
        "SELECT id FROM article WHERE known_at = ? AND id IN"
        " (SELECT article_id FROM record JOIN mention ON mention.id = mention_id"
        " WHERE record.id IN (SELECT value FROM json_each(?)))",
        (to_epoch(now), json.dumps([key_of(key) for key in keys])),
    )
    ids = (json.dumps([row[0] for row in rows]),)
    listed = "(SELECT value FROM json_each(?))"
    await connection.execute(
        f"UPDATE article SET known_at = published_at WHERE known_at > published_at AND id IN {listed}", ids
    )
    await connection.execute(
        "UPDATE article_topic SET since = (SELECT known_at FROM article WHERE id = article_id)"
        f" WHERE article_id IN {listed} AND since > (SELECT known_at FROM article WHERE id = article_id)",
        ids,
    )


def old_keys(reader: ReadConnection, before: datetime, most: int) -> list[str]:
    """Return the keys of up to `most` entries that were seen last before a moment, and are in no feed now."""
    rows = reader.execute(
        "SELECT key FROM feed_entry LEFT JOIN feed ON feed.id = feed_id AND removed_at IS NULL"
        " WHERE seen_at < ? AND (feed.id IS NULL OR seen_at < read_at) ORDER BY seen_at LIMIT ?",
        (to_epoch(before), most),
    )
    return [row[0] for row in rows]


def keys_of_feed(reader: ReadConnection, feed_id: int, most: int) -> list[str]:
    """Return the keys of up to `most` entries of a feed."""
    rows = reader.execute("SELECT key FROM feed_entry WHERE feed_id = ? LIMIT ?", (feed_id, most))
    return [row[0] for row in rows]


async def forget(connection: Connection, keys: Iterable[str]) -> None:
    """Forget entries; their records are another matter."""
    await connection.executemany("DELETE FROM feed_entry WHERE id = ?", [(key_of(key),) for key in keys])


def urls_of(reader: ReadConnection, keys: Iterable[str]) -> dict[str, str]:
    """Return where the articles of records lead, by the records' keys."""
    by_id = {key_of(key): key for key in keys}
    rows = reader.execute(
        "SELECT record.id, url FROM record JOIN mention ON mention.id = mention_id"
        " WHERE record.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(by_id)),),
    )
    return {by_id[row[0]]: row[1] for row in rows}


def articles_of(reader: ReadConnection, keys: Iterable[str]) -> list[int]:
    """Return the ids of the articles of records."""
    rows = reader.execute(
        "SELECT article_id FROM record JOIN mention ON mention.id = mention_id"
        " WHERE record.id IN (SELECT value FROM json_each(?)) AND article_id IS NOT NULL",
        (json.dumps([key_of(key) for key in keys]),),
    )
    return [row[0] for row in rows]


def topics_of(reader: ReadConnection, keys: Iterable[str]) -> dict[str, set[str]]:
    """Return the slugs of records' topics, by the records' keys."""
    by_id = {key_of(key): key for key in keys}
    found: dict[str, set[str]] = {key: set() for key in by_id.values()}
    for row in reader.execute(
        "SELECT record_id, slug FROM record_topic JOIN topic ON topic.id = topic_id"
        " WHERE record_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(by_id)),),
    ):
        found[by_id[row[0]]].add(row[1])
    return found


async def forget_silent_articles(connection: Connection, ids: Iterable[int]) -> None:
    """Delete those of some articles that nothing speaks of any more, and stories that have none left."""
    silent = {"ids": json.dumps(list(ids))}
    gone = "SELECT id FROM article WHERE mention_id IS NULL AND id IN (SELECT value FROM json_each(:ids))"
    stories = await connection.execute_fetchall(
        f"SELECT DISTINCT story_id FROM article WHERE id IN ({gone})", silent
    )
    await connection.execute(
        f"DELETE FROM address WHERE key IN (SELECT address FROM article WHERE id IN ({gone}))", silent
    )
    await connection.execute(f"DELETE FROM article WHERE id IN ({gone})", silent)
    await connection.execute(
        "DELETE FROM story WHERE id IN (SELECT value FROM json_each(?))"
        " AND NOT EXISTS (SELECT 1 FROM article WHERE story_id = story.id OR origin_id = story.id)",
        (json.dumps([row[0] for row in stories]),),
    )


def stored(
    reader: ReadConnection, after: int, most: int, feed_id: int | None = None
) -> list[tuple[int, StoredEntry]]:
    """Return up to `most` entries with ids above `after`, by id, of one feed or of all."""
    rows = reader.execute(
        f"SELECT feed_entry.id, {_STORED} FROM feed_entry"
        " JOIN record USING (id) JOIN mention ON mention.id = mention_id"
        " JOIN provider ON provider.id = provider_id WHERE feed_entry.id > :after"
        " AND (CAST(:feed AS bigint) IS NULL OR feed_id = :feed) ORDER BY feed_entry.id LIMIT :most",
        {"after": after, "most": most, "feed": feed_id},
    )
    return [(row[0], _stored(row)) for row in rows]


def stored_of(reader: ReadConnection, ids: Iterable[int]) -> list[tuple[int, StoredEntry]]:
    """Return entries by their ids."""
    rows = reader.execute(
        f"SELECT feed_entry.id, {_STORED} FROM feed_entry"
        " JOIN record USING (id) JOIN mention ON mention.id = mention_id"
        " JOIN provider ON provider.id = provider_id"
        " WHERE feed_entry.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return [(row[0], _stored(row)) for row in rows]


def speaking_for(reader: ReadConnection, article_ids: Iterable[int]) -> dict[int, StoredEntry]:
    """Return the entries that speak for articles, by the articles' ids; seeds speak for the others."""
    rows = reader.execute(
        f"SELECT article.id, {_STORED} FROM json_each(?) AS wanted CROSS JOIN article"
        " ON article.id = wanted.value CROSS JOIN mention ON mention.article_id = article.id"
        " CROSS JOIN record ON record.mention_id = mention.id"
        " CROSS JOIN feed_entry ON feed_entry.id = record.id"
        " CROSS JOIN provider ON provider.id = mention.provider_id WHERE mention.id = article.mention_id",
        (json.dumps(list(article_ids)),),
    )
    return {row[0]: _stored(row) for row in rows}


_STORED = (
    "feed_entry.key, feed_id, url, mention.title, mention.excerpt, mention.published_at, mention.quality,"
    " name, domain, image_url, image_width"
)


def _stored(row: Row) -> StoredEntry:
    return StoredEntry(row[1], row[2], row[3], row[4], row[5], from_epoch(row[6]), *row[7:])
