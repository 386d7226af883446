"""Providers: the outlets that articles come from."""

import re

from storage.engine import ReadConnection
from storage.models import Outlet

RECENT = 1_000  # stories whose picks say which outlets matter


def outlets(reader: ReadConnection, text: str = "") -> list[Outlet]:
    """Return the outlets whose names or domains hold `text`, the one with most picks of late first.

    Case does not matter in ASCII, accents do: where nothing is found, all are returned.
    """
    pattern = re.sub(r"([%_\\])", r"\\\1", text)
    found = _outlets(reader, f"%{pattern}%")
    return found or _outlets(reader, "%")


def _outlets(reader: ReadConnection, pattern: str) -> list[Outlet]:
    rows = reader.execute(
        "SELECT provider.id, name, domain, coalesce(picks, 0) AS picks FROM provider LEFT JOIN ("
        "SELECT provider_id, count(*) AS picks FROM (SELECT pick_id FROM story WHERE pick_id IS NOT NULL"
        " ORDER BY newest_at DESC, id LIMIT ?) CROSS JOIN article ON article.id = pick_id GROUP BY 1)"
        " ON provider_id = provider.id WHERE name LIKE ? ESCAPE '\\' OR domain LIKE ? ESCAPE '\\'"
        " ORDER BY picks DESC, domain, name",
        (RECENT, pattern, pattern),
    )
    return [Outlet(row["id"], row["name"], row["domain"]) for row in rows]
