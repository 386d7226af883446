"""A bot with several shards, connected to a stand-in for Discord that requires them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot import shards
from bot.app import App
from bot.settings import Settings
from bot.shards import EVERY, Gate
from storage import subscriptions
from tests.conftest import Clock
from tests.databases import copy_database
from tests.standin import Standin
from tests.tour import Ask, commands, connected, harbour_town, in_dm, is_answered, make_digests, payload

SHARDS = 4
SERVERS = [((SHARDS + number) << 22) + 1 for number in range(2 * SHARDS)]  # two of each shard, in turn
FIRST, SECOND = SERVERS[1], SERVERS[1 + SHARDS]  # of shard 1
Run = Callable[[], AbstractAsyncContextManager[App]]


def channel_of(guild_id: int) -> int:
    return guild_id + 1


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let shards identify as soon as they like; how long they have to wait has a test of its own."""
    monkeypatch.setattr(shards, "EVERY", 0.0)


@pytest.fixture
def standin() -> Standin:
    towns = [harbour_town(each, channel_of(each)) for each in SERVERS]
    return Standin(guilds=towns, shards=SHARDS, max_concurrency=SHARDS, identify_every=0)


@pytest.fixture
def run(settings: Settings, bundled: Path, standin: Standin) -> Run:
    """Return what connects the bot, with a digest in each server."""

    @asynccontextmanager
    async def connecting() -> AsyncIterator[App]:
        is_new = copy_database(bundled, settings.database_path)
        async with connected(settings, Clock(), standin=standin) as (app, _):
            for guild_id in SERVERS if is_new else ():
                await anext(make_digests(app, guild_id))
            yield app

    return connecting


async def served(app: App) -> set[int | None]:
    """Return the servers whose digests aren't suspended."""
    async with app.services.database.reading() as connection:
        return {each.guild_id for each in await connection.run(subscriptions.present)}


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so that the bot does by itself."""
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 - it asks the database
            await asyncio.sleep(0.01)


async def well(app: App) -> bool:
    """Say whether all shards are connected, and all of their servers known."""
    return app.health.life() == "alive" and not any(map(app.client.is_starting, range(SHARDS)))


async def away(app: App, shard: int) -> bool:
    return app.health.problems()["discord"] == f"not connected: shard {shard} of {SHARDS}"


async def test_commands_are_answered_in_every_shard_and_in_dms(run: Run, standin: Standin) -> None:
    async with run() as app:
        asked: list[tuple[Ask, Callable[[Ask, int, Standin], dict[str, Any]]]] = []
        for shard, guild_id in enumerate(SERVERS[:SHARDS]):  # to each a part of the commands
            everything = [ask async for ask in commands(app, make_digests(app, guild_id))]
            say = partial(payload, guild_id=guild_id, channel_id=channel_of(guild_id))
            asked += [(ask, say) for ask in everything[shard::SHARDS]]
        asked += [(ask, in_dm) for ask in everything]
        for number, (ask, said) in enumerate(asked):
            await standin.dispatch("INTERACTION_CREATE", said(ask, number, standin))
            await standin.until(partial(is_answered, standin.answers[f"token-{number}"]))
        assert app.health.life() == "alive"
    assert standin.violations == []


async def test_a_shard_that_lost_its_session_suspends_the_server_that_was_left_meanwhile_and_no_other(
    run: Run, standin: Standin
) -> None:
    async with run() as app:
        standin.hold(1)
        await standin.lose(1)
        await standin.remove_guild(FIRST)
        await until(partial(away, app, 1))
        assert app.health.life() == "alive, but not connected: shard 1 of 4"
        metric = partial(app.health.metrics.registry.get_sample_value, "broadsheet_shard_connected")
        assert [metric({"shard": str(each)}) for each in range(SHARDS)] == [1, 0, 1, 1]
        assert await served(app) == {*SERVERS}
        standin.release(1)
        await until(partial(well, app))
        assert await served(app) == {*SERVERS} - {FIRST}
        assert app.client.get_guild(FIRST) is None
        assert metric({"shard": "1"}) == 1


async def test_a_shard_whose_connection_was_cut_goes_on_with_what_it_missed(
    run: Run, standin: Standin
) -> None:
    async with run() as app:
        standin.hold(1)
        await standin.cut(1)
        await standin.remove_guild(FIRST)
        await until(partial(away, app, 1))
        standin.release(1)
        await until(partial(well, app))
        await until(lambda: is_served(app, {*SERVERS} - {FIRST}))


async def is_served(app: App, expected: set[int]) -> bool:
    return await served(app) == expected


async def test_a_server_that_was_left_while_the_bot_was_offline_is_suspended_and_restored_where_it_is_back(
    run: Run, standin: Standin
) -> None:
    async with run():
        pass
    town = next(each for each in standin.guilds if each["id"] == str(FIRST))
    standin.guilds.remove(town)
    async with run() as app:
        await until(lambda: is_served(app, {*SERVERS} - {FIRST}))
    standin.guilds.append(town)
    async with run() as app:
        await until(lambda: is_served(app, {*SERVERS}))


async def test_servers_that_are_unavailable_in_an_outage_are_not_left(run: Run, standin: Standin) -> None:
    async with run() as app:
        for guild in standin.guilds:
            guild["unavailable"] = True
        await standin.lose(1)
        await standin.until(lambda: standin.identified == SHARDS + 1)
        await until(partial(well, app))
        assert await served(app) == {*SERVERS}
        assert [each.unavailable for each in app.client.guilds if each.shard_id == 1] == [True, True]


async def test_a_server_in_a_new_session_is_the_same_one_without_the_channels_that_are_gone(
    run: Run, standin: Standin
) -> None:
    async with run() as app:
        first, second = app.client.get_guild(FIRST), app.client.get_guild(SECOND)
        assert first
        assert second
        town = next(each for each in standin.guilds if each["id"] == str(FIRST))
        town["channels"] = []
        await standin.lose(1)
        await standin.until(lambda: standin.identified == SHARDS + 1)
        await until(partial(well, app))
        assert app.client.get_guild(FIRST) is first
        assert [*first.channels] == []
        assert [each.id for each in second.channels] == [channel_of(SECOND)]


async def test_a_bot_in_few_servers_has_one_shard(run: Run, standin: Standin) -> None:
    standin.shards = 1
    async with run() as app:
        assert (app.client.shard_count, app.health.problems()["discord"]) == (1, None)
        standin.hold(0)
        await standin.cut(0)
        await until(lambda: is_cut_off(app))


async def is_cut_off(app: App) -> bool:
    return app.health.problems()["discord"] == "not connected"


def test_of_the_shards_that_discord_lets_identify_together_one_does_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shards, "EVERY", EVERY)
    gate = Gate(2)
    assert [gate.take(shard, 100.0) for shard in range(6)] == [0, 0, EVERY, EVERY, 2 * EVERY, 2 * EVERY]
    assert gate.take(1, 100.0 + 10 * EVERY) == 0
