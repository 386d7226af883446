"""Providers: the outlets that articles come from."""

from storage.engine import ReadConnection
from storage.models import Provider

RECENT = 1_000  # stories whose picks say which outlets matter


def providers(reader: ReadConnection) -> list[Provider]:
    """Return all providers, the one with most recent picks first."""
    rows = reader.execute(
        "SELECT provider.id, name, domain, coalesce(picks, 0) AS picks FROM provider LEFT JOIN ("
        "SELECT provider_id, count(*) AS picks FROM (SELECT pick_id FROM story WHERE pick_id IS NOT NULL"
        " ORDER BY newest_at DESC, id LIMIT ?) AS recent"
        " CROSS JOIN article ON article.id = pick_id GROUP BY 1) AS counted"
        " ON provider_id = provider.id ORDER BY picks DESC, domain, name",
        (RECENT,),
    )
    return [Provider(row["name"], row["domain"], row["id"]) for row in rows]
