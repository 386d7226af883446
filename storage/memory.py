"""What subscriptions remember: the stories that they were shown, and how good the picks were then."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

from storage.engine import Connection, ReadConnection
from storage.models import Shown


def recall(
    reader: ReadConnection,
    subscription_ids: Sequence[int],
    story_ids: Sequence[int],
    article_ids: Sequence[int],
) -> dict[int, frozenset[Shown]]:
    """Return what subscriptions were or are about to be shown of these stories and articles.

    A merged story stands under its heir's id. What never arrived doesn't count.
    """
    remembered = (
        "SELECT shown.subscription_id, coalesce(story_alias.story_id, shown.story_id), article_id, quality"
        " FROM json_each(:subscriptions) AS wanted CROSS JOIN shown ON shown.subscription_id = wanted.value"
        " LEFT JOIN delivery ON delivery.id = delivery_id"  # old ones are forgotten, what they showed isn't
        " LEFT JOIN story_alias ON story_alias.id = shown.story_id"
        " WHERE (delivery.id IS NULL OR state NOT IN ('failed', 'skipped') OR parts_sent) AND"
    )
    rows = reader.execute(
        f"{remembered} shown.story_id IN (SELECT value FROM json_each(:stories) UNION ALL"
        " SELECT story_alias.id FROM json_each(:stories) AS heir"
        " JOIN story_alias ON story_alias.story_id = heir.value)"
        f" UNION {remembered} article_id IN (SELECT value FROM json_each(:articles))",
        {
            "subscriptions": json.dumps(list(subscription_ids)),
            "stories": json.dumps(list(story_ids)),
            "articles": json.dumps(list(article_ids)),
        },
    )
    found: defaultdict[int, set[Shown]] = defaultdict(set)
    for row in rows:
        found[row[0]].add(Shown(*row[1:]))
    return {subscription_id: frozenset(shown) for subscription_id, shown in found.items()}


async def forget(connection: Connection, delivery_id: int, story_ids: Iterable[int]) -> None:
    """Take stories that a delivery was to show out of its subscription's memory: it won't show them."""
    await connection.execute(
        "DELETE FROM shown WHERE delivery_id = ? AND story_id IN (SELECT value FROM json_each(?))",
        (delivery_id, json.dumps(list(story_ids))),
    )


async def remember(connection: Connection, shown: Iterable[tuple[int, int, Shown]]) -> None:
    """Add to memories: (subscription's id, id of the delivery that shows it, what is shown)."""
    await connection.executemany(
        "INSERT INTO shown (subscription_id, delivery_id, story_id, article_id, quality)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (subscription, delivery, s.story_id, s.article_id, s.quality)
            for subscription, delivery, s in shown
        ],
    )
