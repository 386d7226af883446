"""What a server may see: feeds and topics may be limited to some servers, and show nowhere else.

A reader that is narrowed to a viewer, see narrowing.py of each engine, finds views in place of tables.
"""

from storage.engine import ReadConnection, scalar

DIRECT = 0  # the viewer in direct messages: the id of no server

_LIMITED = "servers <> '[]' AND NOT EXISTS (SELECT 1 FROM json_each(servers) WHERE value = :viewer)"
# An article is hidden if nothing but hidden records speaks of it (seeds' own mentions are numbered from 0), a
# story if it has no other articles.
HIDDEN = {
    "hidden_record": (
        f"SELECT feed_entry.id FROM feed CROSS JOIN feed_entry ON feed_id = feed.id WHERE {_LIMITED}"
    ),
    "hidden_article": (
        "SELECT DISTINCT said.article_id AS id FROM record"
        " CROSS JOIN mention AS said ON said.id = record.mention_id"
        " WHERE record.id IN (SELECT id FROM hidden_record) AND said.article_id IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM mention AS other WHERE other.article_id = said.article_id"
        " AND (other.own >= 0 OR EXISTS (SELECT 1 FROM record WHERE mention_id = other.id"
        " AND record.id NOT IN (SELECT id FROM hidden_record))))"
    ),
    "hidden_story": (
        "SELECT DISTINCT story_id AS id FROM article AS own WHERE id IN (SELECT id FROM hidden_article)"
        " AND NOT EXISTS (SELECT 1 FROM article WHERE story_id = own.story_id"
        " AND mention_id IS NOT NULL AND id NOT IN (SELECT id FROM hidden_article))"
    ),
    "hidden_topic": f"SELECT slug FROM own_topic WHERE {_LIMITED}",
}
# What is seen of a table.
SEEN = {
    "article": "id NOT IN (SELECT id FROM hidden_article)",
    "story": "id NOT IN (SELECT id FROM hidden_story)",
    "topic": "slug NOT IN (SELECT slug FROM hidden_topic)",
}


def is_limited(reader: ReadConnection) -> bool:
    """Say whether any feed or topic is limited to some servers."""
    return bool(
        scalar(
            reader,
            "SELECT EXISTS (SELECT 1 FROM feed WHERE servers <> '[]')"
            " OR EXISTS (SELECT 1 FROM own_topic WHERE servers <> '[]')",
        )
    )


def servers(reader: ReadConnection) -> frozenset[int]:
    """Return the servers that have something of their own: feeds or topics limited to them."""
    rows = reader.execute(
        "SELECT value FROM feed, json_each(servers) UNION SELECT value FROM own_topic, json_each(servers)"
    )
    return frozenset(row[0] for row in rows)
