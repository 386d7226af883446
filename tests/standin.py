"""A stand-in for Discord: the few REST calls that delivery and answers make, with limits and faults.

It keeps what was posted, so that tests can count what arrived. It enforces nonces as Discord does.
"""

import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any

from aiohttp import web

from tests.gateway import BOT, Gateway, server

APPLICATION = {
    "id": "10",
    "name": "Broadsheet",
    "icon": None,
    "description": "",
    "summary": "",
    "bot_public": True,
    "bot_require_code_grant": False,
    "verify_key": "",
    "owner": {"id": "11", "username": "olga", "discriminator": "0", "avatar": None},
    "team": None,
    "flags": 0,
}
__all__ = ["APPLICATION", "BOT", "Fault", "Limits", "Standin", "serve", "server"]
EPOCH = 1_420_070_400_000
PUBLISHED = 1  # a message's flag
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Limits:
    """How many requests Discord takes: in all a second, a channel's messages in five seconds, in an hour
    its publications (the stand-in's hour never ends)."""

    everything: int = 50
    channel: int = 5
    seconds: float = 5.0
    publications: int = 10


@dataclass(slots=True)
class Fault:
    """What goes wrong with one request: the answer's status, or none at all; before or after it is done."""

    status: int | None
    done: bool
    retry_after: float = 0.01  # what an answer of 429 says


@dataclass
class Standin(Gateway):
    """Discord's state and what it was asked; `meddle` may spoil a request, or stop the one who asks."""

    limits: Limits | None = None
    meddle: Callable[[web.Request], Awaitable[Fault | None]] | None = None
    messages: defaultdict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    closed: dict[int, tuple[int, int]] = field(default_factory=dict)  # channel: status, code
    requests: list[tuple[float, str, str]] = field(default_factory=list)
    refused: int = 0  # answers of 429
    nonces: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)  # interaction: when it was acknowledged
    answers: defaultdict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))  # by its token
    forums: set[int] = field(default_factory=set)
    commands: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by the path they are kept at
    synced: list[str] = field(default_factory=list)  # the paths, each time that commands were written there
    _recent: deque[float] = field(default_factory=deque)
    _by_channel: defaultdict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _last_id: int = 0

    def parts(self) -> Iterator[tuple[int, str]]:
        """Yield (channel, the mark of delivery and part) of every message, in the order of their coming."""
        for channel_id, messages in self.messages.items():
            for message in messages:
                for mark in marks(message):
                    yield channel_id, mark

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer any request, with limits and faults."""
        self.requests.append((monotonic(), request.method, request.path))
        self.changed.set()
        path = request.path.removeprefix("/api/v10")
        if self.limits and not path.startswith(("/interactions/", "/webhooks/")) and not self._within():
            return self._refuse(1.0, everywhere=True)
        fault = await self.meddle(request) if self.meddle else None
        if fault and not fault.done:
            return _spoil(request, fault)
        answer = await self._answer(request, path)
        return _spoil(request, fault) if fault else answer

    def _within(self) -> bool:
        """Count a request in its second of Discord's clock, and say whether it was still allowed."""
        now = monotonic()
        assert self.limits
        while self._recent and int(self._recent[0]) != int(now):
            self._recent.popleft()
        self._recent.append(now)
        return len(self._recent) <= self.limits.everything

    def _refuse(self, seconds: float, *, everywhere: bool) -> web.Response:
        self.refused += 1
        body = {"message": "You are being rate limited.", "retry_after": seconds, "global": everywhere}
        return _json(body, status=429, headers={"Via": "1.1 standin"})

    async def _answer(self, request: web.Request, path: str) -> web.StreamResponse:
        parts = path.strip("/").split("/")
        found = self._read(request, parts) if request.method == "GET" else await self._write(request, parts)
        return found or _json({"message": "404: Not Found", "code": 0}, status=404)

    async def _write(self, request: web.Request, parts: list[str]) -> web.StreamResponse | None:
        match (request.method, *parts):
            case ("PUT", "applications", *_):
                return _json(self._keep_commands("/".join(parts), await request.json()))
            case ("POST", "users", "@me", "channels"):
                person = (await request.json())["recipient_id"]
                user = {"id": str(person), "username": "ann", "discriminator": "0", "avatar": None}
                return _json({"id": f"9{person}", "type": 1, "recipients": [user]})
            case (_, "interactions" | "webhooks", number, token, *_):
                return await self._note_answer(request, number, token)
            case ("POST", "channels", channel, *rest):
                return await self._post(request, int(channel), rest)
        return None

    def _keep_commands(self, path: str, sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Keep an application's commands, everywhere or of one server, in place of those that it had."""
        self.synced.append(path)
        known = {each["name"]: each["id"] for each in self.commands.get(path, ())}
        kept = []
        for number, command in enumerate(sent, start=len(self.synced) * 1_000):
            command_id = known.get(command["name"], str(number))
            kept.append(command | {"id": command_id, "application_id": BOT["id"], "version": "1"})
        self.commands[path] = kept
        return kept

    async def _note_answer(self, request: web.Request, number: str, token: str) -> web.Response:
        """Note the first answer to an interaction, which names its number, or what follows."""
        if request.path.endswith("/callback"):
            self.answered[number] = monotonic()
        if request.method != "DELETE":
            self.answers[token].append(await request.json())
        self.changed.set()
        if request.path.endswith("/callback"):
            return _json({"interaction": {"id": number, "type": 2}})
        return _json(self.store(None, {}))

    async def _post(self, request: web.Request, channel: int, rest: list[str]) -> web.StreamResponse | None:
        match rest:
            case ["messages"]:
                return self._create(channel, await request.json())
            case ["messages", message, "crosspost"]:
                return self._publish(channel, message)
            case ["threads"]:
                return self._create_post(channel, await request.json())
        return None

    def _read(self, request: web.Request, parts: list[str]) -> web.StreamResponse | None:
        answer: web.StreamResponse | None = None
        match parts:
            case ["users", "@me"]:
                answer = _json(BOT)
            case ["oauth2", "applications", "@me"] | ["applications", "@me"]:
                answer = _json(APPLICATION)
            case ["gateway", "bot"]:
                answer = _json(self.recommendation())
            case ["applications", _, "commands"] | ["applications", _, "guilds", _, "commands"]:
                answer = _json(self.commands.get("/".join(parts), []))
            case ["channels", channel, "messages"]:
                answer = _json(self._recent_messages(int(channel), request))
            case ["channels", channel, "messages", message]:
                found = [m for m in self.messages[int(channel)] if m["id"] == message]
                answer = _json(found[0] if found else {"code": 10008}, status=200 if found else 404)
            case ["channels", channel] if int(channel) in self.forums:
                answer = _json({"id": channel, "guild_id": "1", "type": 15, "name": "forum", "position": 0})
            case ["guilds", _, "threads", "active"]:
                answer = _json({"threads": [self._thread(i) for i in self._posts()], "members": []})
            case ["channels", _, "threads", "archived", _]:
                answer = _json({"threads": [], "members": [], "has_more": False})
        return answer

    def _recent_messages(self, channel: int, request: web.Request) -> list[dict[str, Any]]:
        limit = int(request.query.get("limit", 50))
        before = int(request.query.get("before", 2**63))
        return [m for m in reversed(self.messages[channel]) if int(m["id"]) < before][:limit]

    def _create(self, channel_id: int, body: dict[str, Any]) -> web.Response:
        if channel_id in self.closed:
            status, code = self.closed[channel_id]
            return _json({"message": "closed", "code": code}, status=status)
        headers = {}
        if self.limits:
            recent, now = self._by_channel[channel_id], monotonic()
            while recent and recent[0] <= now - self.limits.seconds:
                recent.popleft()
            if len(recent) >= self.limits.channel:
                return self._refuse(recent[0] + self.limits.seconds - now, everywhere=False)
            recent.append(now)
            headers = {
                "X-RateLimit-Bucket": "messages",
                "X-RateLimit-Limit": str(self.limits.channel),
                "X-RateLimit-Remaining": str(self.limits.channel - len(recent)),
                "X-RateLimit-Reset-After": f"{recent[0] + self.limits.seconds - now:.3f}",
            }
        key = (channel_id, str(body.get("nonce")))
        if not (body.get("enforce_nonce") and key in self.nonces):
            self.nonces[key] = self.store(channel_id, body)
        self.changed.set()
        return _json(self.nonces[key], headers=headers)

    def _publish(self, channel_id: int, message_id: str) -> web.Response:
        """Publish a message, as Discord does: once, and ten of a channel in an hour."""
        message = next(each for each in self.messages[channel_id] if each["id"] == message_id)
        if message["flags"] & PUBLISHED:
            return _json({"message": "This message has already been crossposted.", "code": 40033}, status=400)
        count = sum(1 for each in self.messages[channel_id] if each["flags"] & PUBLISHED)
        if self.limits and count >= self.limits.publications:
            return self._refuse(1_800.0, everywhere=False)
        message["flags"] |= PUBLISHED
        self.changed.set()
        return _json(message)

    def published(self) -> set[str]:
        """Return the marks of the parts that were published."""
        return {
            mark
            for messages in self.messages.values()
            for message in messages
            if message["flags"] & PUBLISHED
            for mark in marks(message)
        }

    def _create_post(self, forum_id: int, body: dict[str, Any]) -> web.Response:
        message = self.store(None, body["message"])
        post_id = int(message["id"])
        self.messages[post_id].append(message | {"channel_id": str(post_id), "forum": forum_id})
        self.changed.set()
        return _json({**self._thread(post_id), "message": self.messages[post_id][0]})

    def _posts(self) -> list[int]:
        return [channel for channel, messages in self.messages.items() if messages and "forum" in messages[0]]

    def _thread(self, post_id: int) -> dict[str, Any]:
        return {
            "id": str(post_id),
            "type": 11,
            "name": "a post",
            "guild_id": "1",
            "parent_id": str(self.messages[post_id][0]["forum"]),
            "owner_id": BOT["id"],
            "message_count": 1,
            "member_count": 1,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 1440,
                "archive_timestamp": "2026-01-01T00:00:00+00:00",
                "locked": False,
            },
        }

    def store(self, channel_id: int | None, body: dict[str, Any]) -> dict[str, Any]:
        """Keep a message of the bot's in a channel, if one is named, and return it."""
        self._last_id = max(self._last_id + 1, (int(time() * 1000) - EPOCH) << 22)
        message = {
            "id": str(self._last_id),
            "channel_id": str(channel_id),
            "author": BOT,
            "content": "",
            "timestamp": "2026-01-01T00:00:00+00:00",
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "pinned": False,
            "type": 0,
            "flags": body.get("flags", 0),
            "components": body.get("components", []),
            "nonce": body.get("nonce"),
            "allowed": body.get("allowed_mentions"),
        }
        if channel_id is not None:
            self.messages[channel_id].append(message)
        return message


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return an answer whose type names no charset, as Discord's don't."""
    content = json.dumps(body).encode()
    return web.Response(body=content, status=status, headers=headers, content_type="application/json")


def _spoil(request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.status is None:
        assert request.transport
        request.transport.abort()  # the answer is lost
        return web.Response()
    body = {"message": "trouble", "code": 0, "retry_after": fault.retry_after, "global": False}
    return _json(body, status=fault.status, headers={"Via": "1.1 standin"})


def marks(message: dict[str, Any]) -> Iterator[str]:
    """Yield the marks of delivery and part that a message has."""
    return (each for each in _custom_ids(message["components"]) if each.startswith("why:"))


def _custom_ids(parts: list[dict[str, Any]]) -> Iterator[str]:
    for part in parts:
        if "custom_id" in part:
            yield part["custom_id"]
        yield from _custom_ids(part.get("components", []))


@asynccontextmanager
async def serve(standin: Standin) -> AsyncIterator[Standin]:
    """Listen on a free local port; `standin.url` says where."""
    app = web.Application()
    app.router.add_get("/gateway", standin.gateway)
    app.router.add_route("*", "/{path:.*}", standin.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    standin.url = f"http://{host}:{port}"
    try:
        yield standin
    finally:
        await standin.close()
        await runner.cleanup()
