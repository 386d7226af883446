"""Which servers are this process's: everything about a server is done by the owner of its shard."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

SHIFT = 22  # bits of an id that aren't its time, by which Discord spreads servers over shards


@dataclass(frozen=True, slots=True)
class Shards:
    """Some of a bot's shards: how many the bot has in all, and which of them these are."""

    count: int
    mine: frozenset[int]

    @classmethod
    def every(cls, count: int = 1) -> "Shards":
        """Return all of a bot's `count` shards."""
        return cls(count, frozenset(range(count)))

    @classmethod
    def of_group(cls, group: int, groups: int, count: int) -> "Shards":
        """Return the shards of a group, if `groups` groups split the bot's shards evenly."""
        return cls(count, frozenset(range(group * count // groups, (group + 1) * count // groups)))

    def owns(self, guild_id: int | None) -> bool:
        """Say whether a server's shard is one of these; DMs, which have no server, belong to shard 0."""
        return shard_of(guild_id, self.count) in self.mine


def shard_of(guild_id: int | None, count: int) -> int:
    """Return the shard to which Discord sends what happens in a server, of a bot that has so many."""
    return 0 if guild_id is None else (guild_id >> SHIFT) % count


# What a process owns now; None if it must not act, because it is a spare or its lease is in doubt.
Owned: TypeAlias = Callable[[], Shards | None]
EVERYTHING: Owned = Shards.every
