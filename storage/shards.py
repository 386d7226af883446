"""Shards, into which Discord divides a bot's servers: whose row is whose, and how many there are."""

import json
from dataclasses import dataclass
from typing import Any, Protocol

from storage.engine import Connection, ReadConnection


class Owner(Protocol):
    """What a process owns: the servers of the shards `mine`, of `count` in all."""

    @property
    def count(self) -> int:
        """How many shards there are."""

    @property
    def mine(self) -> frozenset[int]:
        """The numbers of those that are the process's, from 0."""


def owned(owner: Owner | None) -> tuple[str, dict[str, Any]]:
    """Return a condition on guild_id for what is the owner's, which begins with AND, and its named values.

    What belongs to no server, a DM, is the owner's of shard 0. Without an owner, or where everything is its
    own, there is no condition.
    """
    if owner is None or len(owner.mine) == owner.count:
        return "", {}
    condition = " AND coalesce((guild_id >> 22) % :shards, 0) IN (SELECT value FROM json_each(:shards_owned))"
    return condition, {"shards": owner.count, "shards_owned": json.dumps(sorted(owner.mine))}


@dataclass(frozen=True, slots=True)
class Layout:
    """How processes share a bot's servers: how many shards there are, and how many groups of them."""

    shards: int
    groups: int


def layout(reader: ReadConnection) -> Layout | None:
    """Return how processes share the servers, None if that was never noted."""
    row = reader.execute("SELECT shard_count, group_count FROM layout").fetchone()
    return Layout(row[0], row[1]) if row else None


async def note_layout(connection: Connection, new: Layout) -> None:
    """Note how processes share the servers from now on."""
    await connection.execute(
        "INSERT INTO layout (id, shard_count, group_count) VALUES (1, :shards, :groups) ON CONFLICT (id)"
        " DO UPDATE SET shard_count = excluded.shard_count, group_count = excluded.group_count",
        {"shards": new.shards, "groups": new.groups},
    )


async def forget_layout(connection: Connection) -> None:
    """Forget how processes shared the servers: those who begin now agree anew."""
    await connection.execute("DELETE FROM layout")
