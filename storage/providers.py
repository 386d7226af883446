"""Providers: the outlets that articles come from."""

import aiosqlite

from storage.models import Outlet

RECENT = 1_000  # stories whose picks say which outlets matter


async def outlets(connection: aiosqlite.Connection) -> list[Outlet]:
    """Return every outlet, the one with most picks among the newest stories first."""
    rows = await connection.execute_fetchall(
        "SELECT provider.id, name, domain, coalesce(picks, 0) AS picks FROM provider LEFT JOIN ("
        "SELECT provider_id, count(*) AS picks FROM (SELECT pick_id FROM story WHERE pick_id IS NOT NULL"
        " ORDER BY newest_at DESC, id LIMIT ?) CROSS JOIN article ON article.id = pick_id GROUP BY 1)"
        " ON provider_id = provider.id ORDER BY picks DESC, domain, name",
        (RECENT,),
    )
    return [Outlet(row["id"], row["name"], row["domain"]) for row in rows]
