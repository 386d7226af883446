"""Providers: the outlets that articles come from."""

import re

from storage.engine import ReadConnection
from storage.models import Provider

RECENT = 1_000  # stories whose picks say which outlets matter


def providers(reader: ReadConnection, text: str = "") -> list[Provider]:
    """Return the providers whose names or domains hold `text`, the one with most recent picks first.

    Case doesn't matter in ASCII, but accents do: if nothing is found, all providers are returned.
    """
    pattern = re.sub(r"([%_\\])", r"\\\1", text)
    found = _matching(reader, f"%{pattern}%")
    return found or _matching(reader, "%")


def _matching(reader: ReadConnection, pattern: str) -> list[Provider]:
    rows = reader.execute(
        "SELECT provider.id, name, domain, coalesce(picks, 0) AS picks FROM provider LEFT JOIN ("
        "SELECT provider_id, count(*) AS picks FROM (SELECT pick_id FROM story WHERE pick_id IS NOT NULL"
        " ORDER BY newest_at DESC, id LIMIT ?) CROSS JOIN article ON article.id = pick_id GROUP BY 1)"
        " ON provider_id = provider.id WHERE name LIKE ? ESCAPE '\\' OR domain LIKE ? ESCAPE '\\'"
        " ORDER BY picks DESC, domain, name",
        (RECENT, pattern, pattern),
    )
    return [Provider(row["name"], row["domain"], row["id"]) for row in rows]
