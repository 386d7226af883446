"""The very first schema, changed into what its one migration was edited to: keys for texts, no text twice."""

import json
import sqlite3
import zlib

from storage.sqlite.packing import compress, key_of, pack_ids, pack_keys
from storage.sqlite.schema import migrations, statements

# In an order in which they can be dropped: what refers to others first.
_CHANGED = (
    "record_mention",
    "record_topic",
    "record",
    "mention",
    "article",
    "topic_file",
    "fault",
    "seed_file",
)
_NAMES = "SELECT name FROM sqlite_master"

# The next reload reads every file anew: a mention that isn't its article's wording in force has that one's
# title until then.
_FILLING = """
INSERT INTO seed_file (id, path, size, mtime_ns, digest, kind)
SELECT key_of(path), path, size, -1, digest, kind FROM first_seed_file;
INSERT OR IGNORE INTO fault (file_id, line, field, error)
SELECT key_of(path), line, field, error FROM first_fault ORDER BY line;
INSERT INTO article (id, story_id, mention_id, address, published_at, quality, provider_id, removed, known_at)
SELECT id, story_id, mention_id, key_of(address), published_at, quality, provider_id, removed, known_at
FROM first_article;
-- Ids are never given twice.
UPDATE sqlite_sequence SET seq = (SELECT seq FROM first_sequence WHERE name = 'article')
WHERE name = 'article';
INSERT INTO mention (id, digest, article_id, own, published_at, quality, provider_id, type, url, title,
    excerpt, image_url, addresses, raw)
SELECT said.id, digest, article_id, own, said.published_at, said.quality, provider_id, type, url, title,
    excerpt, image_url, keys_of(addresses), packed(raw, image_url, url, name, domain, title, excerpt)
FROM first_mention AS said JOIN first_article AS article ON article.id = article_id
JOIN provider ON provider.id = provider_id;
INSERT INTO record (id, category, heat, published, removed, mention_id, related, related_at)
SELECT key_of(path), category, heat, published, removed, own.mention_id, packed_ids((
    SELECT json_group_array(mention_id) FROM (
        SELECT mention_id FROM first_record_mention WHERE record_id = made.id AND position > 0
        AND mention_id IN (SELECT id FROM mention) ORDER BY position
    )
)), related_at
FROM first_record AS made JOIN first_record_mention AS own ON record_id = made.id AND position = 0
WHERE own.mention_id IN (SELECT id FROM mention) AND path IN (SELECT path FROM seed_file);
INSERT INTO topic_file (file_id, slug, name, parent, names)
SELECT key_of(path), slug, name, parent, names FROM first_topic_file;
INSERT INTO record_topic (record_id, topic_id)
SELECT key_of(path), topic_id FROM first_record_topic JOIN first_record ON first_record.id = record_id
WHERE key_of(path) IN (SELECT id FROM record);
"""


def convert(connection: sqlite3.Connection) -> None:
    """Change a database of the very first schema into one of version 1, within the open transaction."""
    connection.create_function("key_of", 1, key_of, deterministic=True)
    connection.create_function("keys_of", 1, _keys_of, deterministic=True)
    connection.create_function("packed", -1, _packed, deterministic=True)
    connection.create_function("packed_ids", 1, _packed_ids, deterministic=True)
    connection.execute("CREATE TEMP TABLE first_sequence AS SELECT * FROM sqlite_sequence")
    for table in _CHANGED:
        connection.execute(f"CREATE TEMP TABLE first_{table} AS SELECT * FROM {table}")
    connection.execute("CREATE INDEX temp.first_position ON first_record_mention (record_id, position)")
    connection.execute("DROP VIEW article_text")
    for table in _CHANGED:
        connection.execute(f"DROP TABLE {table}")
    for statement in migrations()[0].statements:
        if _name_in(statement) not in {row[0] for row in connection.execute(_NAMES)}:
            connection.execute(statement)
    for statement in statements(_FILLING):
        connection.execute(statement)
    for table in ("sequence", *_CHANGED):
        connection.execute(f"DROP TABLE temp.first_{table}")


def _name_in(statement: str) -> str:
    """Return the name of what a statement creates."""
    words = statement[statement.index("CREATE ") :].split()
    kind = next(at for at, word in enumerate(words) if word in {"TABLE", "INDEX", "VIEW"})
    return words[kind + 1]


def _keys_of(addresses: str) -> bytes:
    return pack_keys(map(key_of, addresses.split("\n")))


def _packed(raw: bytes, *known: str | None) -> bytes:
    return compress(zlib.decompress(raw), known)


def _packed_ids(ids: str) -> bytes:
    return pack_ids(json.loads(ids))
