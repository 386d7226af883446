"""What places remember: which chapters a channel, thread, forum or DM was shown, and how good they were."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from storage.engine import Connection, ReadConnection
from storage.models import Shown, Subject, to_epoch
from storage.topics import DESCRIBED


def recall(
    reader: ReadConnection, channel_ids: Iterable[int], article_ids: Iterable[int]
) -> dict[int, frozenset[Shown]]:
    """Return what places were or are about to be shown of these articles.

    What never arrived doesn't count.
    """
    articles: defaultdict[int, set[int]] = defaultdict(set)
    for row in reader.execute(
        "SELECT showing_id, article_id FROM json_each(?) AS wanted CROSS JOIN showing_article"
        " ON article_id = wanted.value",
        (json.dumps(list(article_ids)),),
    ):
        articles[row[0]].add(row[1])
    rows = reader.execute(
        "SELECT channel_id, showing_id, pick_id, quality, coalesce(described.name, topic.name), words"
        " FROM json_each(:channels) AS place CROSS JOIN shown"
        # A place remembers less than there are showings: the plus lets SQLite go through what it does.
        " ON channel_id = place.value AND +showing_id IN (SELECT value FROM json_each(:showings))"
        " CROSS JOIN showing ON showing.id = showing_id"
        " LEFT JOIN delivery ON delivery.id = delivery_id"  # old ones are forgotten before what they showed
        f" LEFT JOIN topic ON topic.id = topic_id {DESCRIBED}"
        " WHERE delivery.id IS NULL OR state NOT IN ('failed', 'skipped') OR parts_sent > 0",
        {"channels": json.dumps(list(channel_ids)), "showings": json.dumps(list(articles))},
    )
    found: defaultdict[int, set[Shown]] = defaultdict(set)
    for channel_id, showing_id, pick_id, quality, topic, words in rows:
        # What a person follows was shown for neither.
        by = topic or (Subject(words=words).name if words else "")
        found[channel_id].add(Shown(frozenset(articles[showing_id]), pick_id, quality, by))
    return {channel_id: frozenset(shown) for channel_id, shown in found.items()}


async def add(connection: Connection, shows: Iterable[Shown], shown_at: datetime) -> tuple[int, ...]:
    """Store the chapters that an edition shows, for remember(), and return their ids."""
    ids = []
    for shown in shows:
        rows = await connection.execute_fetchall(
            "INSERT INTO showing (pick_id, quality, shown_at) VALUES (?, ?, ?) RETURNING id",
            (shown.pick_id, shown.quality, to_epoch(shown_at)),
        )
        (showing_id,) = next(iter(rows))
        await connection.execute(
            "INSERT INTO showing_article (article_id, showing_id) SELECT value, ? FROM json_each(?)",
            (showing_id, json.dumps(sorted(shown.article_ids))),
        )
        ids.append(showing_id)
    return tuple(ids)


class Memory(NamedTuple):
    """What a place remembers: a showing, the delivery that shows it, and for which topic or which search."""

    channel_id: int
    showing_id: int
    delivery_id: int
    topic_id: int | None
    words: str | None = None


async def remember(connection: Connection, memories: Iterable[Memory]) -> None:
    """Store what places have shown."""
    await connection.executemany(
        "INSERT INTO shown (channel_id, showing_id, delivery_id, topic_id, words) VALUES (?, ?, ?, ?, ?)",
        memories,
    )


async def hand_on(connection: Connection, articles: Mapping[int, int]) -> None:
    """Move what was shown of articles to those that they became part of: old article id to new."""
    await connection.executemany(
        "INSERT INTO showing_article (article_id, showing_id)"
        " SELECT ?, showing_id FROM showing_article WHERE article_id = ? ON CONFLICT DO NOTHING",
        [(new, old) for old, new in articles.items()],
    )


async def forget(connection: Connection, delivery_id: int, pick_ids: Iterable[int]) -> None:
    """Forget chapters, given by their picks, that a delivery was to show: it won't."""
    await connection.execute(
        "DELETE FROM shown WHERE delivery_id = ? AND showing_id IN"
        " (SELECT id FROM showing WHERE pick_id IN (SELECT value FROM json_each(?)))",
        (delivery_id, json.dumps(list(pick_ids))),
    )
