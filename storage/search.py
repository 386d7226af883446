"""Full-text search: the one place that knows FTS5."""

from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from storage.models import to_epoch

# Negative: parts of any size are merged, a page being 4 KB; the work of one call stays small.
MERGE_PAGES = -2_000
# The title says most, then the excerpt; an outlet's name finds its articles too.
WEIGHTS = (10.0, 3.0, 4.0)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to; None leaves a side open. `until` is included."""

    topic_id: int | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    min_quality: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A story that was found, and the article of it that matches best."""

    story_id: int
    article_id: int


async def search(
    connection: aiosqlite.Connection, expression: str, filters: Filters, limit: int, offset: int
) -> tuple[int, list[Hit]]:
    """Return how many stories match an FTS5 expression, and a page of them, the best match first.

    One result a story: it ranks by its best-matching article, then by that article's quality and age.
    """
    conditions, values = _conditions(filters)
    matches = (
        "SELECT article.story_id, article.id AS article_id, article.quality, article.published_at,"
        f" bm25(article_search, {', '.join(map(str, WEIGHTS))}) AS score"
        " FROM article_search JOIN article ON article.id = article_search.rowid"
        " JOIN provider ON provider.id = article.provider_id"
        f" WHERE article_search MATCH ? AND NOT removed{conditions}"
    )
    rows = list(
        await connection.execute_fetchall(
            f"WITH matches AS MATERIALIZED ({matches})"
            " SELECT story_id, article_id, min(score) AS best, count(*) OVER () AS total FROM matches"
            " GROUP BY story_id ORDER BY best, quality DESC, published_at DESC, story_id LIMIT ? OFFSET ?",
            (expression, *values, limit, offset),
        )
    )
    return (rows[0]["total"] if rows else 0), [Hit(row["story_id"], row["article_id"]) for row in rows]


def _conditions(filters: Filters) -> tuple[str, list[object]]:
    """Return the SQL conditions, and their values, that `filters` ask for."""
    found: list[tuple[str, object]] = []
    if filters.topic_id is not None:
        found.append(
            (
                "EXISTS (SELECT 1 FROM story_topic s WHERE s.story_id = article.story_id AND topic_id = ?)",
                filters.topic_id,
            )
        )
    if filters.source is not None:
        found.append(("? IN (provider.domain, lower(provider.name))", filters.source.casefold()))
    if filters.since is not None:
        found.append(("article.published_at >= ?", to_epoch(filters.since)))
    if filters.until is not None:
        found.append(("article.published_at <= ?", to_epoch(filters.until)))
    if filters.min_quality:
        found.append(("article.quality >= ?", filters.min_quality))
    return "".join(f" AND {condition}" for condition, _ in found), [value for _, value in found]


async def tidy(connection: aiosqlite.Connection) -> None:
    """Merge the parts that writing leaves the index in, some at a time."""
    await connection.execute(
        "INSERT INTO article_search (article_search, rank) VALUES ('merge', ?)", (MERGE_PAGES,)
    )
