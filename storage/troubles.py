"""Troubles of subscriptions: what blocks them or what they lost, and what their creators were told of it."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from storage.engine import Connection, ReadConnection
from storage.models import Subscription, kind_of, to_epoch
from storage.subscriptions import TELL_AGAIN


async def block(connection: Connection, subscription_id: int, reason: str, now: datetime) -> bool:
    """Block a subscription that isn't paused; return True if its maker should be told, and record that.

    For each kind of trouble one telling is enough for all that somebody made in a server, until an edition
    arrives again or another kind comes in between. Of one kind they hear once a day at most.
    """
    values = {
        "id": subscription_id,
        "reason": reason,
        "kind": kind_of(reason),
        "now": to_epoch(now),
        "yesterday": to_epoch(now - TELL_AGAIN),
    }
    rows = await connection.execute_fetchall(
        "SELECT EXISTS (SELECT 1 FROM subscription AS other WHERE other.told_kind = :kind"
        " AND other.created_by = this.created_by AND other.guild_id IS NOT DISTINCT FROM this.guild_id"
        " AND (other.id = this.id OR other.state = 'blocked')),"
        " EXISTS (SELECT 1 FROM telling WHERE subscription_id = this.id AND kind = :kind"
        " AND told_at > :yesterday AND told_at <= :now)"
        " FROM subscription AS this WHERE id = :id AND state <> 'paused'",
        values,
    )
    for knows, heard_today in rows:
        await connection.execute(
            "UPDATE subscription SET state = 'blocked', reason = :reason,"
            " told_kind = CASE WHEN :heard THEN told_kind ELSE :kind END WHERE id = :id",
            {**values, "heard": heard_today and not knows},
        )
        if not knows and not heard_today:
            await connection.execute(
                "INSERT INTO telling (subscription_id, kind, told_at) VALUES (:id, :kind, :now)"
                " ON CONFLICT (subscription_id, kind) DO UPDATE SET told_at = excluded.told_at",
                values,
            )
            return True
    return False


async def pause(connection: Connection, subscription_id: int, reason: str) -> None:
    """Pause a subscription that is blocked, until its maker resumes it."""
    await connection.execute(
        "UPDATE subscription SET state = 'paused', reason = ? WHERE id = ? AND state = 'blocked'",
        (reason, subscription_id),
    )


async def unblock(connection: Connection, subscription_ids: Iterable[int]) -> None:
    """Unblock subscriptions, changing nothing else about them."""
    await connection.executemany(
        "UPDATE subscription SET state = 'active', reason = NULL WHERE id = ? AND state = 'blocked'",
        [(each,) for each in subscription_ids],
    )


async def note_arrival(connection: Connection, subscription_id: int) -> None:
    """Note that an edition arrived, so that its maker is told if another can't."""
    await connection.execute(
        "UPDATE subscription SET told_kind = NULL WHERE id = ? AND told_kind IS NOT NULL", (subscription_id,)
    )


def warned(reader: ReadConnection, subscription_ids: Sequence[int]) -> dict[int, str]:
    """Return what these subscriptions have lost, as warn() noted it, by their ids."""
    rows = reader.execute(
        "SELECT id, warned FROM subscription WHERE warned IS NOT NULL"
        " AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(subscription_ids),),
    )
    return {row["id"]: row["warned"] for row in rows}


async def warn(connection: Connection, subscription: Subscription, loss: str | None) -> bool:
    """Note what a subscription has lost; return True if its creator is to be notified, and record it.

    One notice is enough for everything that somebody made in a server.
    """
    known = await connection.execute_fetchall(
        "SELECT 1 FROM subscription WHERE warned = ? AND created_by = ?"
        " AND guild_id IS NOT DISTINCT FROM ? LIMIT 1",
        (loss, subscription.created_by, subscription.guild_id),
    )
    cursor = await connection.execute(
        "UPDATE subscription SET warned = :loss WHERE id = :id AND warned IS DISTINCT FROM :loss",
        {"loss": loss, "id": subscription.id},
    )
    return cursor.rowcount == 1 and not list(known)
