"""Which event each article tells of that came by feed, and why."""

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from storage.engine import Connection, ReadConnection, scalar

_COLUMNS = "article_id, event_id, like_id, likeness, own_likeness, length, outlet, published_at, words"


class EventArticle(NamedTuple):
    """An article's event, named by the id of the article that began it, and what clustering goes by.

    `like_id` is the article that it is most like, None if it began the event, `likeness` is to that one;
    `own_likeness` is to the likest of its outlet that tells of another event. `length` is that of what its
    words weighed, when it came. `outlet` is a key of its
    domain, `published_at` in epoch seconds, `words` as digests/stories/bags.py packs them.
    """

    article_id: int
    event_id: int
    like_id: int | None
    likeness: float
    own_likeness: float
    length: float
    outlet: int
    published_at: int
    words: bytes


def article(reader: ReadConnection, article_id: int) -> EventArticle | None:
    """Return what is known of an article."""
    row = reader.execute(
        f"SELECT {_COLUMNS} FROM event_article WHERE article_id = ?", (article_id,)
    ).fetchone()
    return EventArticle(*row) if row else None


def articles(reader: ReadConnection, after: int) -> Iterator[EventArticle]:
    """Yield the articles with ids above `after`, by id."""
    rows = reader.execute(
        f"SELECT {_COLUMNS} FROM event_article WHERE article_id > ? ORDER BY article_id", (after,)
    )
    yield from (EventArticle(*row) for row in rows)


def before_last(reader: ReadConnection, seconds: int, least: int) -> int:
    """Return the id after which stand the articles of the last `seconds` before the newest, and `least`."""
    fresh = scalar(
        reader,
        "SELECT min(article_id) FROM event_article"
        " WHERE published_at >= (SELECT max(published_at) FROM event_article) - ?",
        (seconds,),
    )
    last = scalar(
        reader, "SELECT article_id FROM event_article ORDER BY article_id DESC LIMIT 1 OFFSET ?", (least,)
    )
    return min((fresh or 1) - 1, last or 0)


def told(reader: ReadConnection, ids: Iterable[int]) -> dict[int, tuple[int, int | None]]:
    """Return the event of each of some articles that has one, and the article that it is most like."""
    rows = reader.execute(
        "SELECT article_id, event_id, like_id FROM event_article"
        " WHERE article_id IN (SELECT value FROM json_each(?)) ORDER BY 1",
        (json.dumps(list(ids)),),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def entries(reader: ReadConnection, ids: Iterable[int]) -> dict[int, int]:
    """Return how many entries of feeds speak of each of some articles."""
    rows = reader.execute(
        "SELECT article_id, count(*) FROM mention JOIN record ON record.mention_id = mention.id"
        " JOIN feed_entry ON feed_entry.id = record.id"
        " WHERE article_id IN (SELECT value FROM json_each(?)) GROUP BY 1",
        (json.dumps(list(ids)),),
    )
    return {row[0]: row[1] for row in rows}


async def note(connection: Connection, found: Iterable[EventArticle]) -> None:
    """Note which events articles tell of."""
    await connection.executemany(
        f"INSERT INTO event_article ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", list(found)
    )
