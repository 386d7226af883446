"""What a person decided of stories: which articles are one story, and which never are."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from storage.engine import Connection, ReadConnection
from storage.models import to_epoch

_LISTED = "(SELECT value FROM json_each(?))"


LEFT = 0  # the part that a split left


class Group(NamedTuple):
    """A part of a decision: its articles are one story, and no others of the decision are in it."""

    decision: int
    part: int


def groups(reader: ReadConnection, ids: Iterable[int]) -> dict[int, Group]:
    """Return the group of each of some articles that is in one, by article id."""
    rows = reader.execute(
        f"SELECT article_id, decision_id, part FROM decided_article WHERE article_id IN {_LISTED} ORDER BY 1",
        (json.dumps(list(ids)),),
    )
    return {row[0]: Group(row[1], row[2]) for row in rows}


async def decide(connection: Connection, together: Iterable[int], left: Iterable[int], now: datetime) -> int:
    """Decide that articles are one story, without those that are `left`; return the decision's id."""
    placed = dict.fromkeys(left, LEFT) | dict.fromkeys(together, LEFT + 1)
    before = await connection.run(groups, placed)
    rows = await connection.execute_fetchall(
        "INSERT INTO decision (decided_at, before) VALUES (?, ?) RETURNING id",
        (to_epoch(now), json.dumps(before)),
    )
    (decision,) = [row[0] for row in rows]
    await _put(connection, {article: Group(decision, part) for article, part in placed.items()})
    return int(decision)


def is_followed(reader: ReadConnection, decision: int) -> bool:
    """Say whether a later decision, which still holds, took articles out of this one."""
    later = reader.execute("SELECT before FROM decision WHERE id > ?", (decision,))
    return any(earlier == decision for row in later for earlier, _ in json.loads(row[0]).values())


async def undo(connection: Connection, decision: int) -> list[int] | None:
    """Put the articles of a decision back into the groups that they were in before; return their ids.

    None if there is nothing to undo: it was undone before, or its articles are gone.
    """
    rows = await connection.execute_fetchall("SELECT before FROM decision WHERE id = ?", (decision,))
    told = [row[0] for row in rows]
    rows = await connection.execute_fetchall(
        "SELECT article_id FROM decided_article WHERE decision_id = ?", (decision,)
    )
    articles = [row[0] for row in rows]
    if not told or not articles:
        return None
    before = {int(key): Group(*group) for key, group in json.loads(told[0]).items()}
    await connection.execute("DELETE FROM decided_article WHERE decision_id = ?", (decision,))
    await _put(connection, {article: before[article] for article in articles if article in before})
    await connection.execute("DELETE FROM decision WHERE id = ?", (decision,))
    return articles


async def _put(connection: Connection, placed: Mapping[int, Group]) -> None:
    await connection.executemany(
        "INSERT INTO decided_article (article_id, decision_id, part) VALUES (?, ?, ?)"
        " ON CONFLICT (article_id) DO UPDATE SET decision_id = excluded.decision_id, part = excluded.part",
        [(article, *group) for article, group in placed.items()],
    )
