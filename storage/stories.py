"""Stories and their articles, as lookups and editions read them: plain functions for Connection.run()."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from storage.engine import ReadConnection, Row, scalar
from storage.models import (
    BATCH,
    Article,
    Earlier,
    Extract,
    Headline,
    Page,
    Provider,
    Story,
    from_epoch,
    to_epoch,
)
from storage.sqlite.packing import key_of

_COLUMNS = (
    "SELECT article.id, article.story_id, url, title, excerpt, article.published_at, known_at,"
    " article.quality, type, name, domain, image_url, removed, own < 0 AS estimated"
)
ARTICLE_COLUMNS = 14
_TEXTS = "JOIN mention ON mention.id = article.mention_id JOIN provider ON provider.id = mention.provider_id"
_ARTICLES = f"{_COLUMNS} FROM article {_TEXTS} WHERE TRUE"
_SHOWN = (
    "FROM article AS other WHERE other.story_id = story.id AND other.mention_id IS NOT NULL"
    " AND NOT other.removed"
)


def best_first(article: str) -> str:
    """Return the terms of ORDER BY that rank articles, under that name, as coverage.rank() does."""
    return (
        f"{article}.quality DESC, {article}.published_at,"
        f" (SELECT domain FROM provider WHERE provider.id = {article}.provider_id),"
        f" (SELECT url FROM mention WHERE mention.id = {article}.mention_id)"
    )


_EARLIER = (
    "FROM article AS earlier JOIN mention ON mention.id = earlier.mention_id WHERE earlier.id = followed_id"
)
_BEST_FIRST = f"ORDER BY {best_first('other')}"
# The id of a story's pick by `:now`: of its newest chapter, or of all until then if that goes on after it.
PICK_BY_NOW = (
    "CASE WHEN newest_at <= :now THEN pick_id"
    f" ELSE (SELECT other.id {_SHOWN} AND other.published_at <= :now {_BEST_FIRST} LIMIT 1) END"
)
# Few stories begin after `:now`: to leave out those is quicker than to ask every story.
_FUTURE = "newest_at > :now AND first_at > :now"
_NEWEST_FIRST = "newest_at DESC, story.id"


def story(reader: ReadConnection, story_id: int) -> Story | None:
    """Return a story by its id, or by the id of a story that was merged into it."""
    found = stories(reader, [heir(reader, story_id)])
    return found[0] if found else None


def at_addresses(reader: ReadConnection, addresses: Sequence[str]) -> int | None:
    """Return the story of the article that was ever known by one of these addresses, the first one's first.

    None where there is no such article, or readers may see none of its story.
    """
    rows = reader.execute(
        "SELECT story.id FROM json_each(?) AS wanted CROSS JOIN address ON address.key = wanted.value"
        " CROSS JOIN article ON article.id = address.article_id"
        " CROSS JOIN story ON story.id = article.story_id AND pick_id IS NOT NULL"
        " ORDER BY wanted.key LIMIT 1",
        (json.dumps([key_of(address) for address in addresses]),),
    )
    row = rows.fetchone()
    return row[0] if row else None


def articles_at(reader: ReadConnection, addresses: Sequence[str]) -> list[int]:
    """Return the articles that were ever known by one of these addresses, the first one's first."""
    rows = reader.execute(
        "SELECT article_id FROM json_each(?) AS wanted CROSS JOIN address ON address.key = wanted.value"
        " ORDER BY wanted.key",
        (json.dumps([key_of(address) for address in addresses]),),
    )
    return [row[0] for row in rows]


def stories_of(reader: ReadConnection, articles: Iterable[int]) -> dict[int, int]:
    """Return the story of each of some articles, by article id."""
    rows = reader.execute(
        "SELECT id, story_id FROM article WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(articles)),),
    )
    return {row[0]: row[1] for row in rows}


def heir(reader: ReadConnection, story_id: int) -> int:
    """Return the id of the story that `story_id` was merged into, or itself."""
    row = reader.execute("SELECT story_id FROM story_alias WHERE id = ?", (story_id,)).fetchone()
    return row["story_id"] if row else story_id


def stories(reader: ReadConnection, ids: Sequence[int]) -> list[Story]:
    """Return stories in the order of `ids`; those of which no seed speaks any more are left out."""
    articles: defaultdict[int, list[Article]] = defaultdict(list)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        marks = ", ".join("?" * len(batch))
        for row in reader.execute(f"{_ARTICLES} AND story_id IN ({marks}) ORDER BY article.id", batch):
            articles[row["story_id"]].append(_article(row))
    return [Story(story_id, tuple(articles[story_id])) for story_id in ids if story_id in articles]


def extracts(reader: ReadConnection, ids: Iterable[int], now: datetime, best: int) -> list[Extract]:
    """Return the `best` articles of stories' newest chapters, and what to know of the others, as `ids` go.

    Stories that have no articles, or some that were published after `now`, are left out.
    """
    rows = reader.execute(
        f"{_COLUMNS}, story.articles, heat, begun_at, (SELECT mention.title {_EARLIER}),"
        f" (SELECT earlier.published_at {_EARLIER})"
        " FROM (SELECT key AS place, value AS id FROM json_each(:ids)) AS wanted"
        " CROSS JOIN story ON story.id = wanted.id AND newest_at <= :now"
        f" CROSS JOIN article ON article.id IN (SELECT id {_SHOWN} AND other.published_at >= begun_at"
        f" {_BEST_FIRST} LIMIT :best) {_TEXTS}"
        f" ORDER BY place, {best_first('article')}",
        {"ids": json.dumps(list(ids)), "now": to_epoch(now), "best": best},
    )
    held: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        held[row["story_id"]].append(row)
    return [_extract(story_id, found) for story_id, found in held.items()]


def repeated_excerpts(reader: ReadConnection, article_ids: Iterable[int], titles: int) -> set[int]:
    """Return those of some articles whose excerpt stands under more than so many titles of their outlet."""
    rows = reader.execute(
        "SELECT article.id FROM json_each(?) AS wanted CROSS JOIN article ON article.id = wanted.value"
        " JOIN mention ON mention.id = article.mention_id WHERE excerpt <> '' AND ? <"
        " (SELECT count(DISTINCT other.title) FROM mention AS other"
        " JOIN article AS its ON its.mention_id = other.id"  # a title of each article: the one in force
        " AND its.id = other.article_id WHERE other.provider_id = mention.provider_id"
        " AND length(other.excerpt) = length(mention.excerpt) AND other.excerpt = mention.excerpt"
        " AND other.excerpt <> '')",
        (json.dumps(list(article_ids)), titles),
    )
    return {row[0] for row in rows}


def withdrawn(reader: ReadConnection, article_ids: Iterable[int]) -> set[int]:
    """Return the ids of those articles that their sources have withdrawn."""
    rows = reader.execute(
        "SELECT id FROM article WHERE id IN (SELECT value FROM json_each(?)) AND removed",
        (json.dumps(list(article_ids)),),
    )
    return {row[0] for row in rows}


def taken_back(reader: ReadConnection, titles: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Return which articles, given by their stories and titles, were withdrawn since."""
    rows = reader.execute(
        "SELECT DISTINCT wanted.story, wanted.title FROM (SELECT CAST(value ->> 0 AS bigint) AS story,"
        " value ->> 1 AS title FROM json_each(?, '$')) AS wanted"
        " LEFT JOIN story_alias ON story_alias.id = wanted.story"
        " CROSS JOIN article ON article.story_id = coalesce(story_alias.story_id, wanted.story) AND removed"
        " CROSS JOIN mention ON mention.id = article.mention_id AND mention.title = wanted.title",
        (json.dumps(list(titles)),),
    )
    return {(row[0], row[1]) for row in rows}


def newest_picks(reader: ReadConnection, topic_ids: Iterable[int], now: datetime) -> dict[int, datetime]:
    """Return when the newest of each topic's picks of `now` was published, by the topic's id."""
    rows = reader.execute(
        "SELECT topic_id, max(published_at) FROM story_topic JOIN story ON story.id = story_topic.story_id"
        f" JOIN article ON article.id = {PICK_BY_NOW}"
        " WHERE topic_id IN (SELECT value FROM json_each(:topics)) GROUP BY topic_id",
        {"topics": json.dumps(list(topic_ids)), "now": to_epoch(now)},
    )
    return {row[0]: from_epoch(row[1]) for row in rows}


def is_empty(reader: ReadConnection) -> bool:
    """Say whether there is no story at all."""
    return not scalar(reader, "SELECT EXISTS (SELECT 1 FROM story WHERE pick_id IS NOT NULL)")


def newest_article(reader: ReadConnection, now: datetime) -> datetime | None:
    """Return when the newest article that may be shown was published, up to `now`; None without any."""
    newest_at = scalar(
        reader,
        "SELECT max(published_at) FROM article"
        " WHERE mention_id IS NOT NULL AND NOT removed AND published_at <= ?",
        (to_epoch(now),),
    )
    return None if newest_at is None else from_epoch(newest_at)


def image_urls(reader: ReadConnection) -> list[str]:
    """Return the addresses of all pictures."""
    rows = reader.execute("SELECT DISTINCT image_url FROM mention WHERE image_url IS NOT NULL")
    return [row[0] for row in rows]


def latest(reader: ReadConnection, topic_id: int | None, page: Page) -> tuple[int, list[int]]:
    """Return how many stories there are, and the ids of a page of them, the newest article's first."""
    return _listed(reader, topic_id, None, _NEWEST_FIRST, page)


def newest(reader: ReadConnection, now: datetime, limit: int) -> list[int]:
    """Return the ids of the stories that latest() begins with, without counting the others."""
    rows = reader.execute(
        f"SELECT id FROM story WHERE pick_id IS NOT NULL AND NOT ({_FUTURE}) ORDER BY {_NEWEST_FIRST}"
        " LIMIT :limit",
        {"now": to_epoch(now), "limit": limit},
    )
    return [row[0] for row in rows]


def top(
    reader: ReadConnection, topic_id: int | None, since: datetime | None, page: Page
) -> tuple[int, list[int]]:
    """Return how many stories had an article since then, and the ids of some, those with most heat first."""
    return _listed(reader, topic_id, since, "heat DESC, newest_at DESC, story.id", page)


def _listed(
    reader: ReadConnection, topic_id: int | None, since: datetime | None, order: str, page: Page
) -> tuple[int, list[int]]:
    source = "story" if topic_id is None else "story_topic JOIN story ON story.id = story_id"
    existing = "pick_id IS NOT NULL" + ("" if topic_id is None else " AND topic_id = :topic")
    if since is not None:
        existing += " AND newest_at >= :since"
    rows = reader.execute(
        f"SELECT story.id, (SELECT count(*) FROM {source} WHERE {existing})"
        f" - (SELECT count(*) FROM {source} WHERE {existing} AND {_FUTURE}) AS total"
        f" FROM {source} WHERE {existing} AND NOT ({_FUTURE}) ORDER BY {order} LIMIT :limit OFFSET :offset",
        {
            "topic": topic_id,
            "since": since and to_epoch(since),
            "now": to_epoch(page.now),
            "limit": page.limit,
            "offset": page.offset,
        },
    )
    found = rows.fetchall()
    return (found[0]["total"] if found else 0), [row["id"] for row in found]


def headlines(reader: ReadConnection, ids: Sequence[int], now: datetime) -> list[Headline]:
    """Return the titles of stories, of those that have articles by `now`, in the order of `ids`."""
    rows = reader.execute(
        "SELECT story.id AS story_id, title, name FROM json_each(:ids) AS wanted CROSS JOIN story"
        f" ON story.id = wanted.value CROSS JOIN article ON article.id = {PICK_BY_NOW} {_TEXTS}"
        " ORDER BY wanted.key",
        {"ids": json.dumps(ids), "now": to_epoch(now)},
    )
    return [Headline(row["story_id"], row["title"], row["name"]) for row in rows]


def _extract(story_id: int, rows: Sequence[Row]) -> Extract:
    articles, heat, begun_at, title, published_at = rows[0][ARTICLE_COLUMNS:]
    follows = None if title is None else Earlier(title, from_epoch(published_at))
    story = Story(story_id, tuple(map(_article, rows)))
    return Extract(story, articles, heat, from_epoch(begun_at), follows)


def _article(row: Row) -> Article:
    # By place, as _COLUMNS selects: a page of stories is dozens of rows.
    id_, story_id, url, title, excerpt, published, known, quality, type_, *rest = row[:ARTICLE_COLUMNS]
    name, domain, image, gone, estimated = rest
    return Article(
        id_,
        story_id,
        url,
        title,
        excerpt,
        from_epoch(published),
        from_epoch(known),
        quality,
        type_,
        _provider(name, domain),
        image,
        bool(gone),
        bool(estimated),
    )


@lru_cache(maxsize=4096)
def _provider(name: str, domain: str) -> Provider:
    return Provider(name, domain)
