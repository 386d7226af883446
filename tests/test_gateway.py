"""The stand-in for Discord's gateway minds what Discord minds, so that tests can rely on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.gateway import SHARDS_WANTED, UNKNOWN_SHARD
from tests.standin import Standin, serve, server

SHARDS = 4
GUILDS = [number << 22 for number in range(1, 9)]  # two of each shard
Connection = aiohttp.ClientWebSocketResponse


@pytest.fixture
async def standin() -> AsyncIterator[Standin]:
    standin = Standin(guilds=[server(each) for each in GUILDS], shards=SHARDS, max_concurrency=SHARDS)
    async with serve(standin):
        yield standin


@asynccontextmanager
async def connected(standin: Standin, op: int, said: dict[str, Any]) -> AsyncIterator[Connection]:
    """Connect to the gateway and say something."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{standin.url}/gateway") as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": op, "d": said})
        yield socket


def identified(standin: Standin, shard: int, count: int = SHARDS) -> Any:
    return connected(standin, 2, {"shard": [shard, count]})


async def heard(socket: Connection, number: int) -> list[str]:
    """Return the kinds of the next events."""
    return [(await socket.receive_json())["t"] for _ in range(number)]


@pytest.mark.parametrize(
    ("shard", "count", "code"),
    [(0, 1, SHARDS_WANTED), (0, 8, SHARDS_WANTED), (4, 4, UNKNOWN_SHARD), (-1, 4, UNKNOWN_SHARD)],
)
async def test_who_comes_with_other_shards_is_sent_away(
    standin: Standin, shard: int, count: int, code: int
) -> None:
    async with identified(standin, shard, count) as socket:
        await socket.receive()
        assert socket.close_code == code


async def test_each_shard_is_told_of_its_own_servers_and_dms_go_to_the_first(standin: Standin) -> None:
    async with identified(standin, 0) as first, identified(standin, 3) as last:
        ready = (await last.receive_json())["d"]
        assert [int(each["id"]) for each in ready["guilds"]] == [GUILDS[2], GUILDS[6]]
        assert await heard(last, 2) == ["GUILD_CREATE", "GUILD_CREATE"]
        assert await heard(first, 3) == ["READY", "GUILD_CREATE", "GUILD_CREATE"]
        await standin.dispatch("INTERACTION_CREATE", {"id": "1"})
        await standin.dispatch("INTERACTION_CREATE", {"id": "2", "guild_id": str(GUILDS[2])})
        assert (await first.receive_json())["d"]["id"] == "1"
        assert (await last.receive_json())["d"]["id"] == "2"


async def test_who_identifies_too_soon_is_refused_and_noted(standin: Standin) -> None:
    standin.max_concurrency = 2
    async with identified(standin, 0) as first, identified(standin, 1) as second:
        assert (await heard(first, 1), await heard(second, 1)) == (["READY"], ["READY"])
        assert standin.violations == []
        async with identified(standin, 2) as third:
            assert await third.receive_json() == {"op": 9, "d": False}
    assert [each.split(" identified ")[0] for each in standin.violations] == ["shard 2"]


async def test_a_session_that_nobody_may_begin_is_noted(standin: Standin) -> None:
    standin.remaining = 1
    async with identified(standin, 0) as first, identified(standin, 1) as second:
        assert (await heard(first, 1), await heard(second, 1)) == (["READY"], ["READY"])
    assert standin.violations == ["shard 1 identified though no session was left"]


async def test_a_shard_that_was_cut_hears_afterwards_what_it_missed(standin: Standin) -> None:
    async with identified(standin, 1) as socket:
        session_id = (await socket.receive_json())["d"]["session_id"]
        await standin.cut(1)
        assert standin.connected() == set()
        await standin.remove_guild(GUILDS[0])
        async with connected(standin, 6, {"session_id": session_id}) as again:
            assert await heard(again, 2) == ["GUILD_DELETE", "RESUMED"]
            assert standin.connected() == {1}


async def test_a_lost_session_cant_be_resumed_and_the_next_one_knows_what_has_changed(
    standin: Standin,
) -> None:
    standin.identify_every = 0
    async with identified(standin, 1) as socket:
        session_id = (await socket.receive_json())["d"]["session_id"]
        await heard(socket, 2)
        await standin.lose(1)
        assert await socket.receive_json() == {"op": 9, "d": False}
        await standin.remove_guild(GUILDS[0])
    async with connected(standin, 6, {"session_id": session_id}) as again:
        assert await again.receive_json() == {"op": 9, "d": False}
    async with identified(standin, 1) as anew:
        ready = (await anew.receive_json())["d"]
        assert [int(each["id"]) for each in ready["guilds"]] == [GUILDS[4]]


async def test_what_is_recommended_says_how_many_shards_and_sessions(standin: Standin) -> None:
    address = f"{standin.url}/api/v10/gateway/bot"
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        said = await answer.json()
    assert (said["shards"], said["session_start_limit"]["max_concurrency"]) == (SHARDS, SHARDS)
