"""A stand-in for Discord's gateway: it asks for shards, and sends to each what is about its servers.

What Discord would mind is counted; a shard can be cut, or lose its session.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any

from aiohttp import WSMsgType, web

BOT = {"id": "10", "username": "Broadsheet", "discriminator": "0", "avatar": None, "bot": True}
DAY = 86_400_000  # milliseconds after which all sessions may be begun again
UNKNOWN_SHARD, SHARDS_WANTED = 4010, 4011  # what a connection is closed with
GONE = 60.0  # seconds without a heartbeat after which a connection is none any more
SLACK = 0.05  # seconds that a message may be faster on its way than the one before


@dataclass(slots=True)
class Session:
    """What the gateway knows of one shard's connection; what is sent while it is cut is kept for later."""

    id: str
    shard: int
    count: int
    socket: web.WebSocketResponse | None
    sequence: int = 0
    missed: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    heard_at: float = field(default_factory=monotonic)

    async def send(self, event: str, data: dict[str, Any]) -> None:
        """Send an event, or keep it until the connection is resumed."""
        if self.socket is None or self.socket.closed or monotonic() > self.heard_at + GONE:
            self.missed.append((event, data))
        else:
            self.sequence += 1
            await self.socket.send_json({"op": 0, "t": event, "s": self.sequence, "d": data})

    async def resume(self, socket: web.WebSocketResponse) -> None:
        """Go on over a new connection, with what was missed."""
        self.socket, self.heard_at = socket, monotonic()
        missed, self.missed = self.missed, []
        for event, data in missed:
            await self.send(event, data)
        await self.send("RESUMED", {})


@dataclass
class Gateway:
    """The gateway's state; bots must come with `shards` shards, and may begin sessions as Discord allows.

    Of the shards that are equal modulo `max_concurrency`, one may identify in `identify_every` seconds.
    """

    guilds: list[dict[str, Any]] = field(default_factory=list)
    shards: int = 1
    max_concurrency: int = 1
    identify_every: float = 5.0
    remaining: int = 1_000  # sessions that may still be begun
    held: dict[int, asyncio.Event] = field(default_factory=dict)  # shards that are answered once it is set
    url: str = ""
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict)
    identified: int = 0
    identified_at: list[tuple[float, int]] = field(default_factory=list)  # (when, shard), as it was asked for
    violations: list[str] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    async def until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        """Wait until something that requests bring about is so."""
        async with asyncio.timeout(seconds):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    def shard_of(self, guild_id: int | str | None) -> int:
        """Return the shard that hears of a server, or of DMs."""
        return (int(guild_id) >> 22) % self.shards if guild_id else 0

    def whole(self, guild: dict[str, Any]) -> dict[str, Any]:
        """Return all that a shard is told of a server."""
        return guild

    def connected(self) -> set[int]:
        """Return the shards that have a session and a connection."""
        return {each.shard for each in self.sessions.values() if each.socket and not each.socket.closed}

    def recommendation(self) -> dict[str, Any]:
        """Return what /gateway/bot says."""
        limit = {
            "total": 1_000,
            "remaining": self.remaining,
            "reset_after": DAY,
            "max_concurrency": self.max_concurrency,
        }
        return {"url": self._address(), "shards": self.shards, "session_start_limit": limit}

    async def dispatch(self, event: str, data: dict[str, Any]) -> None:
        """Send an event to the shard whose server it is about; an event of no server goes to shard 0."""
        await self._send(self.shard_of(data.get("guild_id")), event, data)

    async def add_guild(self, guild: dict[str, Any]) -> None:
        """Let the bot be added to a server."""
        self.guilds.append(guild)
        await self._send(self.shard_of(guild["id"]), "GUILD_CREATE", guild)

    async def remove_guild(self, guild_id: int) -> None:
        """Let the bot be removed from a server."""
        self.guilds[:] = [each for each in self.guilds if each["id"] != str(guild_id)]
        await self._send(self.shard_of(guild_id), "GUILD_DELETE", {"id": str(guild_id)})

    async def cut(self, shard: int) -> None:
        """Cut a shard's connection; its session can be resumed."""
        for session in self._of(shard):
            if session.socket and not session.socket.closed:
                await session.socket.close(code=4000)

    async def lose(self, shard: int) -> None:
        """Let a shard lose its session: it has to begin a new one, and hears of nothing until then."""
        for session in self._of(shard):
            del self.sessions[session.id]
            if session.socket and not session.socket.closed:
                await session.socket.send_json({"op": 9, "d": False})

    def hold(self, shard: int) -> None:
        """Let a shard that connects wait for an answer."""
        self.held[shard] = asyncio.Event()

    def release(self, shard: int) -> None:
        """Answer a shard that was held."""
        self.held.pop(shard).set()

    async def close(self) -> None:
        """Close every connection."""
        for socket in self.sockets:
            await socket.close()

    async def gateway(self, request: web.Request) -> web.WebSocketResponse:
        """Speak as much of the gateway as a bot needs to be ready and to hear of commands."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41_250}})
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            said = json.loads(message.data)
            match said["op"]:
                case 1:
                    self._note_heartbeat(socket)
                    await socket.send_json({"op": 11})
                case 2:
                    await self._identify(socket, said["d"])
                case 6:
                    await self._resume(socket, said["d"])
        return socket

    def _note_heartbeat(self, socket: web.WebSocketResponse) -> None:
        for session in self.sessions.values():
            if session.socket is socket:
                session.heard_at = monotonic()

    async def _identify(self, socket: web.WebSocketResponse, said: dict[str, Any]) -> None:
        shard, number = said.get("shard", (0, 1))
        if shard in self.held:
            await self.held[shard].wait()
        if number != self.shards:
            await socket.close(code=SHARDS_WANTED)
        elif not 0 <= shard < number:
            await socket.close(code=UNKNOWN_SHARD)
        elif self._is_too_soon(shard):
            await socket.send_json({"op": 9, "d": False})
        else:
            await self._welcome(socket, shard, number)
        self.changed.set()

    def _is_too_soon(self, shard: int) -> bool:
        """Count an IDENTIFY, and say whether Discord refuses it; both of what it minds is noted."""
        now, bucket = monotonic(), shard % self.max_concurrency
        before = [(when, each) for when, each in self.identified_at if each % self.max_concurrency == bucket]
        self.identified_at.append((now, shard))
        if before and now - before[-1][0] < self.identify_every - SLACK:
            when, other = before[-1]
            self.violations.append(f"shard {shard} identified {now - when:.2f} s after shard {other}")
            return True
        if self.remaining < 1:
            self.violations.append(f"shard {shard} identified though no session was left")
        self.remaining -= 1
        return False

    async def _welcome(self, socket: web.WebSocketResponse, shard: int, number: int) -> None:
        session = Session(f"session-{next(self._numbers)}", shard, number, socket)
        self.sessions[session.id] = session
        guilds = [each for each in self.guilds if self.shard_of(each["id"]) == shard]
        ready = {
            "v": 10,
            "user": BOT,
            "guilds": [{"id": guild["id"], "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self._address(),
            "application": {"id": BOT["id"], "flags": 0},
            "shard": [shard, number],
        }
        await session.send("READY", ready)
        for guild in guilds:
            if not guild.get("unavailable"):
                await session.send("GUILD_CREATE", self.whole(guild) | {"unavailable": False})
        self.identified += 1

    async def _resume(self, socket: web.WebSocketResponse, said: dict[str, Any]) -> None:
        session = self.sessions.get(said["session_id"])
        if session is None:
            await socket.send_json({"op": 9, "d": False})
        else:
            if session.shard in self.held:
                await self.held[session.shard].wait()
            await session.resume(socket)
        self.changed.set()

    async def _send(self, shard: int, event: str, data: dict[str, Any]) -> None:
        for session in self._of(shard):
            await session.send(event, data)

    def _of(self, shard: int) -> list[Session]:
        return [each for each in self.sessions.values() if each.shard == shard]

    def _address(self) -> str:
        return f"{self.url.replace('http', 'ws')}/gateway"


def server(guild_id: int) -> dict[str, Any]:
    """Return what the gateway says of a server with nothing in it."""
    return {
        "id": str(guild_id),
        "name": "Harbour Town",
        "owner_id": "11",
        "roles": [{"id": str(guild_id), "name": "@everyone", "permissions": "0", "position": 0, "color": 0}],
        "emojis": [],
        "stickers": [],
        "features": [],
        "channels": [],
        "threads": [],
        "members": [{"user": BOT, "roles": [], "joined_at": "2026-01-01T00:00:00+00:00", "flags": 0}],
        "member_count": 1,
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_progress_bar_enabled": False,
        "system_channel_flags": 0,
        "afk_timeout": 300,
        "preferred_locale": "en-US",
        "incidents_data": None,
        "large": False,
    }
