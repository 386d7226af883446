"""Discord is told of the commands when they differ from what it was told last, and else never."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import discord
import pytest
from aiohttp import web
from discord import app_commands

from bot.app import open_app
from bot.client import Client
from bot.settings import Settings
from tests.conftest import Clock
from tests.standin import APPLICATION, BOT, Fault, Standin, serve
from tests.tour import pointed_at

EVERYWHERE = f"applications/{BOT['id']}/commands"
Start = Callable[..., AbstractAsyncContextManager[Client]]


def of_server(guild_id: int) -> str:
    return f"applications/{BOT['id']}/guilds/{guild_id}/commands"


@pytest.fixture
async def standin() -> AsyncIterator[Standin]:
    async with serve(Standin()) as standin:
        with pointed_at(standin):
            yield standin


@pytest.fixture
def start(settings: Settings, standin: Standin) -> Start:
    """Return what logs a new process in, and forgets what Discord was told of commands before."""

    @asynccontextmanager
    async def started(prepare: Callable[[Client], object] = bool, **changes: object) -> AsyncIterator[Client]:
        standin.synced.clear()
        async with open_app(replace(settings, **changes), Clock()) as app, app.client:  # type: ignore[arg-type]
            prepare(app.client)
            await app.client.login("token")
            yield app.client

    return started


def names(standin: Standin, path: str) -> list[str]:
    return [each["name"] for each in standin.commands[path]]


def ids(client: Client) -> dict[str, int]:
    return dict(vars(client)["_command_ids"])


async def test_a_second_start_tells_discord_nothing_and_knows_the_ids_all_the_same(
    start: Start, standin: Standin
) -> None:
    async with start() as client:
        assert standin.synced == [EVERYWHERE]
        known = ids(client)
        assert known["digest subscribe"] == known["digest list"]
    async with start() as client:
        assert standin.synced == []
        assert ids(client) == known


def weather(description: str | app_commands.locale_str) -> app_commands.Command[Any, ..., None]:
    async def tell(_: discord.Interaction) -> None: ...

    return app_commands.Command(name="weather", description=description, callback=tell)


def adding(command: app_commands.Command[Any, ..., None]) -> Callable[[Client], None]:
    """Return what adds a command to a client's."""
    return lambda client: client.tree.add_command(command)


async def test_a_changed_command_is_told(start: Start, standin: Standin) -> None:
    for description, told in [("Sun", [EVERYWHERE]), ("Rain", [EVERYWHERE]), ("Rain", [])]:
        async with start(adding(weather(description))):
            assert standin.synced == told


async def test_a_changed_translation_is_told(
    start: Start, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Translator(app_commands.Translator):
        def __init__(self, word: str) -> None:
            self.word = word

        async def translate(self, string: app_commands.locale_str, *_: object) -> str | None:
            return self.word if string.message == "Sun" else None

    for word, told in [("Sonne", [EVERYWHERE]), ("soleil", [EVERYWHERE]), ("soleil", [])]:
        monkeypatch.setattr("bot.client.CatalogTranslator", partial(Translator, word))
        async with start(adding(weather(app_commands.locale_str("Sun")))):
            assert standin.synced == told


async def test_commands_that_discord_has_lost_are_told_again(start: Start, standin: Standin) -> None:
    async with start():
        standin.commands.clear()
    async with start() as client:
        assert standin.synced == [EVERYWHERE]
        assert "help" in ids(client)


async def test_an_older_database_tells_what_another_one_has_changed_since(
    start: Start, standin: Standin, settings: Settings
) -> None:
    older = settings.database_path
    newer = older.with_name("newer.db")
    for path, description in [(older, "Sun"), (newer, "Rain"), (older, "Sun")]:
        async with start(adding(weather(description)), database_path=path):
            assert standin.synced == [EVERYWHERE]


async def test_another_application_is_told(
    start: Start, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start():
        pass
    monkeypatch.setitem(APPLICATION, "id", "77")
    async with start():
        assert standin.synced == ["applications/77/commands"]


async def test_admin_moves_to_the_server_that_is_set_now_and_is_taken_from_where_it_was(
    start: Start, standin: Standin
) -> None:
    async with start():
        assert "admin" in names(standin, EVERYWHERE)
    async with start(admin_guild_id=5):
        assert standin.synced == [EVERYWHERE, of_server(5)]
        assert "admin" not in names(standin, EVERYWHERE)
        assert names(standin, of_server(5)) == ["admin"]
    async with start(admin_guild_id=6):
        assert standin.synced == [of_server(6), of_server(5)]
        assert (names(standin, of_server(5)), names(standin, of_server(6))) == ([], ["admin"])
    async with start():
        assert standin.synced == [EVERYWHERE, of_server(6)]
        assert "admin" in names(standin, EVERYWHERE)
        assert names(standin, of_server(6)) == []
    async with start():
        assert standin.synced == []


async def test_a_former_admin_server_that_the_bot_was_removed_from_is_forgotten(
    start: Start, standin: Standin
) -> None:
    async def refuse(request: web.Request) -> Fault | None:
        return Fault(403, done=False) if "/guilds/" in request.path else None

    async with start(admin_guild_id=5):
        pass
    standin.meddle = refuse
    async with start():
        pass
    standin.meddle = None
    async with start():
        assert standin.synced == []


async def test_an_admin_server_without_the_bot_leaves_the_other_commands_and_is_tried_again(
    start: Start, standin: Standin, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(request: web.Request) -> Fault | None:
        return Fault(403, done=False) if "/guilds/" in request.path else None

    standin.meddle = refuse
    async with start(admin_guild_id=5) as client:
        assert "help" in ids(client)
    assert "ADMIN_GUILD_ID 5: the bot isn't in that server" in caplog.text
    standin.meddle = None
    async with start(admin_guild_id=5):
        assert standin.synced == [of_server(5)]
