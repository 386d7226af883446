"""Starting against Discord: what goes wrong there is one plain sentence, without the token."""

import asyncio
import gc
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import discord
import pytest
from aiohttp import web
from discord.http import Route

from bot.app import _start_when_ready, run
from bot.client import owners_of
from bot.errors import StartupError
from bot.news import load_seeds, mention_emptiness, reindexing, watch_seeds
from bot.services import open_services
from bot.setting_kinds import Secret
from bot.settings import BUNDLED_SEEDS, Settings
from digests.errors import FolderError, FolderProblem
from digests.ownership import Shards
from digests.seeds.reload import Report
from digests.seeds.samples import remove_samples
from storage import seeds
from storage.errors import StorageError, UnwritableError
from tests.build import seed_text, write_seed
from tests.conftest import OpenWorld, World, text_of

TOKEN = "MTIzNDU2.not-a-real.token"


@pytest.fixture
async def discord_answers(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[None]:
    """Stand in for Discord's API, and answer everything with one status and text."""
    status, text = request.param

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    monkeypatch.setattr(Route, "BASE", f"http://{host}:{port}/api/v10")
    yield
    await runner.cleanup()


def settings(tmp_path: Path) -> Settings:
    """Return settings with a token."""
    return Settings(
        discord_token=Secret(TOKEN), database_path=tmp_path / "broadsheet.db", seeds_path=BUNDLED_SEEDS
    )


@pytest.mark.parametrize("discord_answers", [(401, '{"message": "no"}')], indirect=True)
@pytest.mark.usefixtures("discord_answers")
async def test_a_wrong_token_is_one_sentence_that_does_not_hold_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(StartupError) as refused:
        await run(settings(tmp_path))
    assert "Discord doesn't accept the DISCORD_TOKEN" in str(refused.value)
    assert TOKEN not in str(refused.value) + caplog.text


async def test_an_unreachable_discord_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:9/api/v10")
    with pytest.raises(StartupError, match="Discord can't be reached"):
        await run(settings(tmp_path))


async def test_the_garbage_collector_does_not_look_through_what_the_bot_is_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:9/api/v10")
    gc.unfreeze()
    try:
        with pytest.raises(StartupError):
            await run(settings(tmp_path))
        assert gc.get_freeze_count() > 10 * len(gc.get_objects())
    finally:
        gc.unfreeze()


@pytest.mark.parametrize("discord_answers", [(403, "{}"), (404, "{}"), (200, "<html>")], indirect=True)
@pytest.mark.usefixtures("discord_answers")
async def test_answers_that_are_not_discords_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="doesn't answer as it should"):
        await run(settings(tmp_path))


@pytest.mark.parametrize("token", ["two\nlines", "two words"])
async def test_a_token_that_can_be_none_is_not_tried(tmp_path: Path, token: str) -> None:
    changed = replace(settings(tmp_path), discord_token=Secret(token))
    with pytest.raises(StartupError, match="doesn't accept the DISCORD_TOKEN"):
        await run(changed)


async def test_digests_come_as_soon_as_a_busy_database_lets_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Exception | None] = [StorageError(), RuntimeError("odd"), None]
    started: list[int] = []

    async def note_servers(_: Shards) -> None:
        if answer := answers.pop(0):
            raise answer

    monkeypatch.setattr("bot.app.RETRY", 0)
    monkeypatch.setattr(world.app.client, "note_servers", note_servers)
    monkeypatch.setattr(world.app.scheduler, "start", lambda: started.append(len(answers)))
    await _start_when_ready(world.app)
    assert started == [0]


async def test_one_server_and_one_record_are_logged_in_the_singular(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    write_seed(tmp_path / "seeds", "one.md")
    services = world.app.services
    one = replace(services.settings, seeds_path=tmp_path / "seeds")
    await services.reloader.reload(tmp_path / "seeds", force=True)
    await load_seeds(replace(services, settings=one))
    monkeypatch.setattr(world.app.scheduler, "start", lambda: None)
    await _start_when_ready(world.app)
    assert "1 record, 1 story, 0 files failed" in caplog.messages
    assert any(line.endswith(" to 1 server") for line in caplog.messages)


async def test_a_bot_starts_while_another_process_reloads(world: World) -> None:
    services = world.app.services
    async with services.database.only_reload():
        await load_seeds(services)


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (FolderError(Path("here"), FolderProblem.MISSING, ""), "There's no folder here."),
        (UnwritableError(Path("a.db"), "disk is full"), "The database a.db can't be written to"),
        (ZeroDivisionError("odd"), "the seeds can't be loaded"),
    ],
)
async def test_a_bot_starts_with_what_is_stored_if_its_seeds_cant_be_loaded(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    logged: str,
) -> None:
    async def fail(_: Path) -> Report:
        raise error

    monkeypatch.setattr(world.app.services.reloader, "reload", fail)
    await load_seeds(world.app.services)
    assert any(line.startswith(logged) for line in caplog.messages)
    assert "Second Epoch" in text_of(await world.member.slash(world.channel, "stories latest"))


async def test_a_bot_starts_without_its_seeds_folder(
    open_world: OpenWorld, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_world():
        pass
    async with open_world(seeds_path=tmp_path / "nowhere") as world:
        assert any(line.startswith("There's no folder") for line in caplog.messages)
        assert "Second Epoch" in text_of(await world.member.slash(world.channel, "stories latest"))


async def test_seeds_are_watched_again_after_an_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = asyncio.Event()
    tries: list[int] = []

    async def watch(*_: object) -> None:
        tries.append(len(tries))
        if len(tries) == 1:
            raise OSError("no more watches")
        stop.set()

    monkeypatch.setattr("bot.news.RETRY", 0)
    monkeypatch.setattr("bot.news.watch", watch)
    watching = replace(world.app.services.settings, seeds_watch=True)
    await watch_seeds(replace(world.app.services, settings=watching), stop)
    assert len(tries) == 2


async def test_the_search_index_is_filled_again_after_an_error(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = asyncio.Event()
    tries: list[int] = []

    async def reindex(_: object) -> None:
        tries.append(len(tries))
        if len(tries) == 1:
            raise UnwritableError(Path("broadsheet.db"), "disk full")
        filled.set()

    monkeypatch.setattr("bot.news.RETRY", 0)
    monkeypatch.setattr("bot.news.reindex", reindex)
    async with reindexing(world.app.services.database, world.app.tenure):
        await filled.wait()
    assert len(tries) == 2


@dataclass
class Person:
    """A member of a team, as Discord tells of one."""

    id: int
    role: discord.TeamMemberRole = discord.TeamMemberRole.developer
    membership_state: discord.TeamMembershipState = discord.TeamMembershipState.accepted


def test_who_joined_a_team_and_may_change_the_application_owns_the_bot() -> None:
    members = [
        Person(1),
        Person(2, role=discord.TeamMemberRole.admin),
        Person(3, role=discord.TeamMemberRole.read_only),
        Person(4, membership_state=discord.TeamMembershipState.invited),
    ]
    team = SimpleNamespace(members=members, owner_id=5)
    assert owners_of(cast("discord.AppInfo", SimpleNamespace(team=team, owner=Person(9)))) == {1, 2, 5}
    assert owners_of(cast("discord.AppInfo", SimpleNamespace(team=None, owner=Person(9)))) == {9}


async def test_samples_that_an_earlier_version_loaded_are_removed_and_nothing_else(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "both"
    shutil.copytree(BUNDLED_SEEDS, folder)
    write_seed(folder, "own.md", seed_text("https://quay.example/own", title="Our own"))
    async with open_services(settings) as services:
        await services.reloader.reload(folder)
        assert await remove_samples(services.database, BUNDLED_SEEDS, services.clock) > 100
        async with services.database.reading() as connection:
            totals = await connection.run(seeds.totals)
        assert (totals.records, totals.articles) == (1, 1)
        assert await remove_samples(services.database, BUNDLED_SEEDS, services.clock) == 0


async def test_a_bot_without_seeds_and_feeds_says_where_news_comes_from(
    open_world: OpenWorld, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_world(seeds_path=None) as world:
        await mention_emptiness(world.app.services)
        assert "broadsheet source add" in caplog.text
        said = text_of(await world.member.slash(world.channel, "topics"))
        assert "`/admin source add`" in said
