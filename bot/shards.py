"""The bot's shards: when each may identify, which are connected, and which servers a new session has."""

import asyncio
from typing import TYPE_CHECKING, Any

import discord
from discord.state import AutoShardedConnectionState

from digests.ownership import Shards, shard_of

if TYPE_CHECKING:
    from discord.types.gateway import ReadyEvent
    from discord.types.guild import Guild as GuildData

EVERY = 5.25  # seconds between two shards of a bucket that identify: Discord's 5, and differences on the way


class Gate:
    """Says when a shard may identify: one at a time of those that are equal modulo `width`."""

    def __init__(self, width: int = 1) -> None:
        self.width = width
        self._free_at: dict[int, float] = {}

    def take(self, shard: int, now: float) -> float:
        """Take the next turn, and return in how many seconds that is."""
        bucket = shard % self.width
        at = max(now, self._free_at.get(bucket, now))
        self._free_at[bucket] = at + EVERY
        return at - now

    async def wait(self, shard: int) -> None:
        """Wait until a shard may identify."""
        await asyncio.sleep(self.take(shard, asyncio.get_running_loop().time()))


class State(AutoShardedConnectionState["ShardedClient"]):
    """What discord.py knows of Discord; a shard's new session says which of its servers the bot has left.

    Otherwise discord.py would keep those for ever. A server that is still there stays the same object: the
    garbage collector doesn't look at what was frozen, so one that was replaced would never be freed.
    """

    def parse_ready(self, data: "ReadyEvent") -> None:
        """Take a shard's servers from its new session."""
        shard, count = data["shard"]
        named = {int(each["id"]) for each in data["guilds"]}
        left = [each for each in self.guilds if shard_of(each.id, count) == shard and each.id not in named]
        for guild in left:
            self._remove_guild(guild)
            self.dispatch("guild_remove", guild)
        super().parse_ready(data)

    def _add_guild_from_data(self, data: "GuildData") -> discord.Guild:
        known = self._get_guild(int(data["id"]))
        if known is None or not data.get("unavailable"):
            return super()._add_guild_from_data(data)
        known.unavailable = True
        return known

    def _get_create_guild(self, data: "GuildData") -> discord.Guild:
        known = self._get_guild(int(data["id"]))
        if known is not None:  # what isn't named again is gone
            known._channels.clear()  # noqa: SLF001
            known._threads.clear()  # noqa: SLF001
        return super()._get_create_guild(data)


class ShardedClient(discord.AutoShardedClient):
    """A client that knows which of its shards are connected; `gate` lets them identify."""

    def __init__(self, gate: Gate, **options: Any) -> None:
        super().__init__(**options)
        self.gate = gate
        self._connected: set[int] = set()
        self._starting: set[int] = set()  # whose servers aren't all known yet

    def _get_state(self, **options: Any) -> State:
        return State(
            dispatch=self.dispatch, handlers=self._handlers, hooks=self._hooks, http=self.http, **options
        )

    @property
    def owned(self) -> Shards:
        """The shards of this process."""
        count = self.shard_count or 1
        return Shards(count, frozenset(self.shard_ids or range(count)))

    def away(self) -> list[int]:
        """Return the shards that aren't connected, in order; safe in any thread."""
        return sorted(shard for shard in self.owned.mine if not self._is_connected(shard))

    def is_starting(self, shard: int) -> bool:
        """Say whether a shard has a new session and is still being told of its servers."""
        return shard in self._starting

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002
        """Wait until a shard may identify."""
        await self.gate.wait(shard_id or 0)

    async def on_shard_connect(self, shard_id: int) -> None:
        """Note that a shard has a new session."""
        self._connected.add(shard_id)
        self._starting.add(shard_id)

    async def on_shard_ready(self, shard_id: int) -> None:
        """Note that all servers of a shard are known."""
        self._starting.discard(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        """Note that a shard's connection is back."""
        self._connected.add(shard_id)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Note that a shard's connection is lost; discord.py tries to get it back."""
        self._connected.discard(shard_id)

    def _is_connected(self, shard: int) -> bool:
        found = self.get_shard(shard)  # which knows at once; events come when discord.py gets to it
        return shard in self._connected and not (found and found.is_closed())
