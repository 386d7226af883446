"""Outlets' levels: the operator's, and what the seeds' articles say of them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from storage import judging
from storage.engine import Connection, ReadConnection


@dataclass(frozen=True, slots=True)
class OutletArticles:
    """An outlet with how many articles there are of it."""

    domain: str
    name: str
    articles: int


def given_levels(reader: ReadConnection) -> dict[str, int]:
    """Return the operator's levels, by domain."""
    return {row[0]: row[1] for row in reader.execute("SELECT domain, quality FROM outlet_level")}


async def set_level(connection: Connection, domain: str, quality: int | None) -> None:
    """Set the operator's level of an outlet; None takes it back."""
    if quality is None:
        await connection.execute("DELETE FROM outlet_level WHERE domain = ?", (domain,))
    else:
        await connection.execute(
            "INSERT INTO outlet_level (domain, quality) VALUES (?, ?)"
            " ON CONFLICT (domain) DO UPDATE SET quality = excluded.quality",
            (domain, quality),
        )
    await judging.judge_all(connection)


def learned_levels(reader: ReadConnection) -> dict[str, tuple[int, int]]:
    """Return how many articles of each outlet seeds judge, and the sum of their qualities, by domain."""
    rows = reader.execute(
        "SELECT domain, count(*), CAST(sum(article.quality) AS bigint) FROM article"
        " JOIN mention ON mention.id = mention_id JOIN provider ON provider.id = article.provider_id"
        " WHERE own >= 0 GROUP BY domain"
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def names_by_domain(reader: ReadConnection, domains: Iterable[str]) -> dict[str, str]:
    """Return what outlets were first called, by their domains."""
    rows = reader.execute(
        "SELECT domain, name FROM json_each(?, '$') AS wanted CROSS JOIN provider"
        " ON domain = wanted.value ->> 0 ORDER BY provider.id DESC",
        (json.dumps([[domain] for domain in domains]),),
    )
    return {row[0]: row[1] for row in rows}


def busiest(reader: ReadConnection) -> list[OutletArticles]:
    """Return every outlet that has articles or a level of the operator's, that with most articles first."""
    rows = reader.execute(
        "SELECT domain, max(name), CAST(sum(articles) AS bigint) AS articles FROM ("
        "SELECT domain, name, articles FROM provider JOIN (SELECT provider_id, count(*) AS articles"
        " FROM article WHERE mention_id IS NOT NULL GROUP BY provider_id) AS counted"
        " ON provider_id = provider.id UNION ALL SELECT domain, '', 0 FROM outlet_level) AS known"
        " GROUP BY domain ORDER BY articles DESC, domain"
    )
    return [OutletArticles(*row) for row in rows]
