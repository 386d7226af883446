"""Connecting to Discord: each reason for which it isn't possible is a sentence of its own."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.app import run
from bot.errors import StartupError, WaitError
from bot.setting_kinds import Secret
from bot.settings import Settings
from tests.standin import Standin, serve
from tests.tour import pointed_at

USER = {"id": "5", "username": "broadsheet", "discriminator": "0", "avatar": None}
APPLICATION = {
    "id": "5",
    "name": "Broadsheet",
    "icon": None,
    "description": "",
    "bot_public": True,
    "bot_require_code_grant": False,
    "owner": USER,
    "verify_key": "",
    "flags": 0,
}


def as_json(document: object) -> web.Response:
    """Return an answer without a charset, as Discord does."""
    return web.Response(body=json.dumps(document).encode(), content_type="application/json")


@dataclass
class Discord:
    """As much of Discord as the start of a bot sees."""

    remaining: int = 1_000
    code: int = 4004  # with which it closes the connection once the bot has said who it is
    asked: list[str] = field(default_factory=list)
    address: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        match request.path.rsplit("/", 1)[-1]:
            case "users" | "@me" if "applications" not in request.path:
                return as_json(USER)
            case "@me":
                return as_json(APPLICATION)
            case "commands":
                return as_json([])
            case "bot":
                limit = {
                    "total": 1_000,
                    "remaining": self.remaining,
                    "reset_after": 5_400_000,
                    "max_concurrency": 1,
                }
                return as_json({"url": self.address, "shards": 1, "session_start_limit": limit})
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 40_000}, "s": None, "t": None})
        await socket.receive()
        await socket.close(code=self.code)
        return socket


@pytest.fixture
async def discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Discord]:
    fake, app = Discord(), web.Application()
    app.router.add_route("*", "/{path:.*}", fake.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host = "{}:{}".format(*runner.addresses[0][:2])
    fake.address = f"ws://{host}/gateway"
    monkeypatch.setattr(Route, "BASE", f"http://{host}/api/v10")
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", URL(fake.address))
    yield fake
    await runner.cleanup()


@pytest.fixture
def started(tmp_path: Path) -> Any:
    token = Secret("MTIz.not-a-real.token")

    async def start(shards: int | None = None) -> StartupError:
        settings = Settings(discord_token=token, database_path=tmp_path / "b.db", shards=shards)
        async with asyncio.timeout(20):
            with pytest.raises(StartupError) as ended:
                await run(settings)
        return ended.value

    return start


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (4004, "Discord doesn't accept the DISCORD_TOKEN."),
        (4010, "Discord doesn't know the shard"),
        (4012, "Discord no longer speaks the version"),
        (4013, "Discord doesn't know an intent"),
        (4014, "Discord doesn't allow your application an intent"),
    ],
)
async def test_a_connection_that_discord_closes_for_good_says_why_and_what_to_do(
    discord: Discord, started: Any, code: int, said: str
) -> None:
    discord.code = code
    error = await started()
    assert str(error).startswith(said)
    assert not isinstance(error, WaitError)


async def test_as_few_shards_as_discord_recommended_no_longer_suffice_until_the_next_start(
    discord: Discord, started: Any
) -> None:
    discord.code = 4011
    error = await started()
    assert isinstance(error, WaitError)
    assert str(error).startswith("The bot is in more servers now than Discord allows with its shards.")


async def test_fewer_shards_than_discord_wants_say_which_setting_to_remove(started: Any) -> None:
    async with serve(Standin(shards=4, max_concurrency=4)) as standin:
        with pointed_at(standin):
            error = await started(shards=2)
    assert not isinstance(error, WaitError)
    assert "with as few shards as SHARDS says. Remove that setting" in str(error)
    assert standin.violations == []


async def test_fewer_sessions_than_shards_begin_none(started: Any) -> None:
    async with serve(Standin(shards=4, remaining=3)) as standin:
        with pointed_at(standin):
            error = await started()
    assert isinstance(error, WaitError)
    assert "1,000 new connections a day. It needs 4, but has 3 left until 20" in str(error)
    assert (standin.sockets, standin.violations) == ([], [])


async def test_used_up_sessions_say_until_when_and_none_more_is_begun(discord: Discord, started: Any) -> None:
    discord.remaining = 0
    error = await started()
    assert isinstance(error, WaitError)
    assert "1,000 new connections a day. It needs 1, but has 0 left until 20" in str(error)
    assert "/gateway" not in discord.asked
