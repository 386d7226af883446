"""Full-text search: what matches, and in what order.

Nothing is scored here: that takes an engine longer than all the rest, and most of what matches can't win. Few
matches are handed out as they are; of many, those that hold the words where they count most come first,
of equal ones the story with most heat, then the newest. Plain functions for Connection.run().
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from storage.dialect import dialect_of
from storage.engine import ReadConnection, Row, scalar
from storage.models import Order, Page, Provider, to_epoch
from storage.search.engine import First, Search
from storage.search.terms import Terms, expression, in_titles, tiers_of
from storage.search.words import as_words
from storage.stories import PICK_BY_NOW

UNSORTED_MATCHES = 60  # so many matches are quicker to look at than to sort
COMMON_WORD = 10_000  # so many titles are more than need sorting: the hottest stories are tried in turn
STORIES_TRIED = 3_000  # stories tried before that is given up
NEWEST_TITLES = 2_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to; None leaves a side open. `until` is included.

    no `provider_ids` leave that open too.
    """

    topic_id: int | None = None
    provider_ids: tuple[int, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    min_quality: int = 0


class Match(NamedTuple):
    """An article that matches, and what ranks it; heat and newest_at are its story's, times in seconds."""

    story_id: int
    article_id: int
    title: str
    excerpt: str
    provider: str
    quality: int
    published_at: int
    heat: int
    newest_at: int


@dataclass(frozen=True, slots=True)
class Found:
    """How many stories match, and some of them: `first` is the place of the first one in the order."""

    total: int
    first: int
    matches: tuple[Match, ...]


_SHOWN = (
    "SELECT article.story_id, article.id AS article_id, mention.title, mention.excerpt,"
    " provider.name AS provider, article.quality, article.published_at, heat, newest_at"
)
_TEXTS = (
    "CROSS JOIN mention ON mention.id = article.mention_id CROSS JOIN story ON story.id = article.story_id"
    " CROSS JOIN provider ON provider.id = article.provider_id"
)
_HOTTEST = "ORDER BY heat DESC, newest_at DESC, story_id"
_PICKS = {
    Order.NEWEST: "pick.published_at DESC, pick.quality DESC",
    Order.QUALITY: "pick.quality DESC, pick.published_at DESC",
}


def search(
    reader: ReadConnection,
    terms: Terms,
    filters: Filters,
    limit: int,
    offset: int = 0,
) -> Found:
    """Return how many stories have an article that matches, and the stretch of them that `offset` is in.

    Where few articles match, the stretch is all of them, in no order and several to a story. Else the
    stretches are `limit` long and follow each other in order, but for the fine order within each, which is
    the caller's to find, and a story has one article in them.
    """
    engine = dialect_of(reader).search
    tiers = tiers_of(engine, terms)
    conditions, values = _conditions(filters)
    values |= {"any": tiers[-1], "few": UNSORTED_MATCHES}
    few = (
        f"WITH hit AS MATERIALIZED ({engine.ids(':any')} LIMIT :few + 1) {_SHOWN}"
        " FROM (SELECT 1 WHERE (SELECT count(*) FROM hit) <= :few) AS few CROSS JOIN hit ON TRUE"
        f" CROSS JOIN article ON article.id = hit.id {_TEXTS} WHERE NOT removed{conditions}"
    )
    if rows := reader.execute(few, values).fetchall():
        return Found(len({row["story_id"] for row in rows}), 0, tuple(map(_match, rows)))
    first = offset - offset % limit
    values |= {f"tier{number}": tier for number, tier in enumerate(tiers)}
    values |= {
        "limit": limit,
        "first": first,
        "needed": first + limit,
        "common": COMMON_WORD,
        "tried": STORIES_TRIED,
    }
    narrowed = replace(filters, until=None) != Filters()
    statement = _stretch(engine, len(tiers), conditions, walk=not narrowed)
    rows = reader.execute(statement, values).fetchall()
    return Found(rows[0]["total"] if rows else 0, first, tuple(map(_match, rows)))


def search_titles(reader: ReadConnection, terms: Terms, now: datetime, limit: int) -> tuple[Match, ...]:
    """Return an article of each of some stories that have the words in a title or outlet, the hottest first.

    Of a great many, only the NEWEST_TITLES that became known take part: this is for every keystroke.
    """
    engine = dialect_of(reader).search
    conditions, values = _conditions(Filters(until=now))
    hits = f"hit CROSS JOIN article ON article.id = hit.id WHERE NOT removed{conditions}"
    rows = reader.execute(
        f"WITH hit AS MATERIALIZED (SELECT id FROM ({engine.ids(':titles')} ORDER BY id DESC LIMIT :newest)"
        " AS newest ORDER BY id LIMIT :newest),"
        f" matched AS ({engine.first(hits, First.BEST)}), taken AS (SELECT article_id FROM matched"
        f" CROSS JOIN story ON story.id = story_id {_HOTTEST} LIMIT :limit)"
        f" {_SHOWN} FROM taken CROSS JOIN article ON article.id = taken.article_id {_TEXTS}",
        values | {"titles": in_titles(engine, terms), "newest": NEWEST_TITLES, "limit": limit},
    )
    return tuple(map(_match, rows))


def search_in_order(
    reader: ReadConnection,
    terms: Terms,
    filters: Filters,
    order: Order,
    page: Page,
) -> Found:
    """Return how many stories have an article that matches, and a page of them, by their picks of then."""
    engine = dialect_of(reader).search
    conditions, values = _conditions(filters)
    matched = engine.first(f"{engine.matching} WHERE {_found(engine, ':any', conditions)}", First.BEST)
    rows = reader.execute(
        f"WITH matched AS (SELECT *, count(*) OVER () AS total FROM ({matched}) AS each),"
        f" taken AS (SELECT article_id, total,"
        f" row_number() OVER (ORDER BY {_PICKS[order]}, story.id) AS place FROM matched"
        " CROSS JOIN story ON story.id = matched.story_id CROSS JOIN article AS pick"
        f" ON pick.id = {PICK_BY_NOW} ORDER BY place LIMIT :limit OFFSET :offset) {_SHOWN}, total FROM taken"
        f" CROSS JOIN article ON article.id = taken.article_id {_TEXTS} ORDER BY place",
        values
        | {
            "any": expression(engine, terms),
            "now": to_epoch(page.now),
            "limit": page.limit,
            "offset": page.offset,
        },
    )
    found = rows.fetchall()
    return Found(found[0]["total"] if found else 0, page.offset, tuple(map(_match, found)))


def from_providers(reader: ReadConnection, providers: Sequence[Provider], page: Page) -> Found:
    """Return how many stories these providers have an article of by then, and a page of their newest ones.

    The index knows providers by the words of their names; one whose name has none is looked for in all
    articles.
    """
    engine = dialect_of(reader).search
    names = [as_words(each.name) for each in providers]
    source = f"{engine.matching} WHERE {engine.matches(':named')} AND" if all(names) else "article WHERE"
    listed = (
        f"{source} NOT removed AND mention_id IS NOT NULL AND article.published_at <= :now"
        " AND provider_id IN (SELECT value FROM json_each(:ids))"
    )
    rows = reader.execute(
        "WITH taken AS (SELECT *, count(*) OVER () AS total"
        f" FROM ({engine.first(listed, First.NEWEST)}) AS newest"
        f" ORDER BY published_at DESC, story_id LIMIT :limit OFFSET :offset) {_SHOWN}, total FROM taken"
        f" CROSS JOIN article ON article.id = taken.article_id {_TEXTS}"
        " ORDER BY article.published_at DESC, article.story_id",
        {
            "named": engine.joined("OR", map(engine.outlet, names)),
            "ids": json.dumps([each.id for each in providers]),
            "now": to_epoch(page.now),
            "limit": page.limit,
            "offset": page.offset,
        },
    )
    found = rows.fetchall()
    return Found(found[0]["total"] if found else 0, page.offset, tuple(map(_match, found)))


def _match(row: Row) -> Match:
    return Match(*row[: len(Match._fields)])  # what _SHOWN selects


def _found(engine: Search, expression: str, conditions: str) -> str:
    """Return the condition that an article matches and isn't left out."""
    return f"{engine.matches(expression)} AND NOT removed{conditions}"


def _stretch(engine: Search, tiers: int, conditions: str, *, walk: bool) -> str:
    """Return the statement that takes tier after tier until there are as many stories as are needed."""
    parts = {"walked": _walk(engine, conditions)} if walk else {}
    for number in range(tiers):
        parts[f"taken{number}"] = _tier(engine, number, list(parts), conditions)
    ctes = ", ".join(f"{name} AS MATERIALIZED ({sql})" for name, sql in parts.items())
    taken = " UNION ALL ".join(f"SELECT * FROM {name}" for name in parts)
    return (
        f"WITH {ctes} {_SHOWN}, (SELECT count(*) FROM (SELECT DISTINCT story_id FROM {engine.matching}"
        f" WHERE {_found(engine, ':any', conditions)}) AS every) AS total"
        f" FROM (SELECT * FROM ({taken}) AS taken LIMIT :limit OFFSET :first) AS taken"
        f" CROSS JOIN article ON article.id = taken.article_id {_TEXTS}"
    )


def _tier(engine: Search, number: int, before: list[str], conditions: str) -> str:
    """Return the statement for the stories of a tier that none `before` holds, as many as may be needed."""
    enough = " + ".join(f"(SELECT count(*) FROM {name})" for name in before) or "0"
    new = "".join(f" AND article.story_id NOT IN (SELECT story_id FROM {name})" for name in before)
    best = engine.best(f":tier{number}", f" AND NOT removed{conditions}{new}", f"{enough} < :needed")
    return (
        f"SELECT story_id, article_id FROM ({best}) AS best CROSS JOIN story ON story.id = story_id"
        f" {_HOTTEST} LIMIT :needed"
    )


def _walk(engine: Search, conditions: str) -> str:
    """Return the statement that tries the hottest stories in turn, where a great many titles match."""
    best = engine.best_of("story.id", ":tier0", f" AND NOT removed{conditions}")
    return (
        f"SELECT story_id, article_id FROM (SELECT id AS story_id, ({best}) AS article_id FROM story"
        " WHERE pick_id IS NOT NULL ORDER BY heat DESC, newest_at DESC, id LIMIT CASE WHEN"
        f" (SELECT count(*) FROM ({engine.ids(':tier0')} LIMIT :common + 1) AS titled) > :common"
        " THEN :tried ELSE 0 END) AS hottest WHERE article_id IS NOT NULL LIMIT :needed"
    )


def _conditions(filters: Filters) -> tuple[str, dict[str, object]]:
    """Return the SQL conditions, and their values, that `filters` ask for."""
    found: list[tuple[str, str, object]] = []
    if filters.topic_id is not None:
        in_topic = "SELECT 1 FROM story_topic s WHERE s.story_id = article.story_id AND topic_id = :topic"
        found.append((f"EXISTS ({in_topic})", "topic", filters.topic_id))
    if filters.provider_ids:
        listed = "article.provider_id IN (SELECT value FROM json_each(:providers))"
        found.append((listed, "providers", json.dumps(filters.provider_ids)))
    if filters.since is not None:
        found.append(("article.published_at >= :since", "since", to_epoch(filters.since)))
    if filters.until is not None:
        found.append(("article.published_at <= :until", "until", to_epoch(filters.until)))
    if filters.min_quality:
        found.append(("article.quality >= :quality", "quality", filters.min_quality))
    return "".join(f" AND {condition}" for condition, *_ in found), {name: value for _, name, value in found}


def matching(reader: ReadConnection, alternatives: Sequence[Terms]) -> list[int]:
    """Return how many articles each of some searches finds, at most UNSORTED_MATCHES."""
    engine = dialect_of(reader).search
    count = f"SELECT count(*) FROM ({engine.ids(':any')} LIMIT :most) AS found"
    return [
        scalar(reader, count, {"any": expression(engine, terms), "most": UNSORTED_MATCHES})
        for terms in alternatives
    ]
