"""What a change of some mentions reaches: all that may have to be grouped anew with them, and nothing else.

Plain functions for Connection.run().
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from storage.engine import ReadConnection, scalar
from storage.sqlite.packing import key_of, unpack_ids, unpack_keys

_LISTED = "(SELECT value FROM json_each(?))"


class Wording(NamedTuple):
    """What ties a mention to an article, and the article that it has; `published_at` is in epoch seconds.

    `addresses` are keys, its own first; `former` are addresses that the article had before they were
    corrected, each with its title of then. `own` is that of the mention, see storage/models.py.
    """

    id: int
    article_id: int | None
    addresses: Sequence[int]
    former: Sequence[tuple[str, str]]
    url: str
    title: str
    published_at: int
    own: int


class Placed(NamedTuple):
    """An article's story, the story that it came with, and its address; no mention words one that is gone."""

    id: int
    story_id: int
    origin_id: int
    address: int
    mention_id: int | None


@dataclass(slots=True)
class Reach:
    """Mentions and articles by id; records as the ids of their mentions, their own first."""

    mentions: dict[int, Wording] = field(default_factory=dict)
    articles: dict[int, Placed] = field(default_factory=dict)
    records: list[list[int]] = field(default_factory=list)


def reach(reader: ReadConnection, changed: Iterable[int], addresses: Iterable[str]) -> Reach:
    """Return what `changed` mentions reach, and the articles that have one of `addresses`.

    It is closed: whoever shares an address, a record, a story, the story that they came with, an event or a
    person's decision is in it, and so are articles that are gone and may return. So nothing outside it is
    grouped otherwise than it was.
    """
    found = Reach()
    is_empty = scalar(reader, "SELECT 1 FROM article LIMIT 1") is None  # a first load has nothing to meet
    articles = set() if is_empty else set(_having(reader, map(key_of, addresses)))
    _close(reader, found, set(changed), articles, is_empty=is_empty)
    return found


def reach_events(reader: ReadConnection, found: Reach, told: Iterable[int]) -> None:
    """Add to what was found what the events of articles reach that were `told` since."""
    _close(reader, found, set(), set(_of_events(reader, told)), is_empty=False)


def _close(
    reader: ReadConnection, found: Reach, wanted: set[int], articles: set[int], *, is_empty: bool
) -> None:
    """Add mentions and articles to what was found, and all that they reach."""
    stories = {story for each in found.articles.values() for story in (each.story_id, each.origin_id)}
    while wanted or articles - found.articles.keys():
        new = _mentions(reader, wanted)
        found.mentions |= new
        if not is_empty:
            keys = [key for each in new.values() for key in each.addresses]
            articles |= {each.article_id for each in new.values() if each.article_id is not None}
            articles |= {*_having(reader, keys), *_gone(reader, keys)}
        while articles := articles - found.articles.keys():
            placed = _placed(reader, articles)
            found.articles |= placed
            met = {story for each in placed.values() for story in (each.story_id, each.origin_id)} - stories
            stories |= met
            articles = {*_of_stories(reader, met), *_of_events(reader, placed), *_of_groups(reader, placed)}
            wanted |= set(_wordings(reader, placed))
        records = _records(reader, new)
        found.records += records
        wanted = (wanted | set(chain.from_iterable(records))) - found.mentions.keys()


def _mentions(reader: ReadConnection, ids: Iterable[int]) -> dict[int, Wording]:
    rows = reader.execute(
        "SELECT id, article_id, addresses, former, url, title, published_at, own FROM mention"
        f" WHERE id IN {_LISTED} ORDER BY id",
        (_list(ids),),
    )
    return {
        id_: Wording(id_, article_id, unpack_keys(keys), json.loads(former or "[]"), *said)
        for id_, article_id, keys, former, *said in rows
    }


def _having(reader: ReadConnection, keys: Iterable[int]) -> list[int]:
    """Return the articles that have these addresses."""
    return _ids(reader, f"SELECT article_id FROM address WHERE key IN {_LISTED}", keys)


def _gone(reader: ReadConnection, keys: Iterable[int]) -> list[int]:
    """Return the articles that are gone and had these addresses."""
    return _ids(reader, f"SELECT id FROM article WHERE mention_id IS NULL AND address IN {_LISTED}", keys)


def _placed(reader: ReadConnection, ids: Iterable[int]) -> dict[int, Placed]:
    rows = reader.execute(
        f"SELECT id, story_id, origin_id, address, mention_id FROM article WHERE id IN {_LISTED}",
        (_list(ids),),
    )
    return {row[0]: Placed(*row) for row in rows}


def _of_stories(reader: ReadConnection, ids: Iterable[int]) -> list[int]:
    """Return the articles that are in these stories or came with them."""
    return _ids(
        reader,
        f"SELECT id FROM article WHERE story_id IN {_LISTED} UNION ALL"
        f" SELECT id FROM article WHERE origin_id <> story_id AND origin_id IN {_LISTED}",
        ids,
        ids,
    )


def _of_events(reader: ReadConnection, articles: Iterable[int]) -> list[int]:
    """Return the articles that tell of the events that these tell of."""
    return _ids(
        reader,
        "SELECT article_id FROM event_article JOIN article ON article.id = article_id WHERE event_id IN"
        f" (SELECT event_id FROM event_article WHERE article_id IN {_LISTED})",
        articles,
    )


def _of_groups(reader: ReadConnection, articles: Iterable[int]) -> list[int]:
    """Return the articles that a person put into one story with these."""
    return _ids(
        reader,
        "SELECT article_id FROM decided_article WHERE (decision_id, part) IN"
        f" (SELECT decision_id, part FROM decided_article WHERE article_id IN {_LISTED})",
        articles,
    )


def _wordings(reader: ReadConnection, articles: Iterable[int]) -> list[int]:
    """Return the mentions of these articles."""
    return _ids(reader, f"SELECT id FROM mention WHERE article_id IN {_LISTED}", articles)


def _records(reader: ReadConnection, mentions: Iterable[int]) -> list[list[int]]:
    """Return the records whose own article these mentions word."""
    rows = reader.execute(
        f"SELECT mention_id, related FROM record WHERE mention_id IN {_LISTED}", (_list(mentions),)
    )
    return [[row[0], *unpack_ids(row[1])] for row in rows]


def _ids(reader: ReadConnection, sql: str, *listed: Iterable[int]) -> list[int]:
    return [row[0] for row in reader.execute(sql, [_list(each) for each in listed])]


def _list(ids: Iterable[int]) -> str:
    return json.dumps(list(ids))
