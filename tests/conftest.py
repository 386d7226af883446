"""The real bot on a simulated Discord, on a database of its own and a clock that tests move."""

import gc
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import discord
import pytest
import simcord

from bot.app import App, open_app
from bot.news import load_seeds
from bot.settings import BUNDLED_SEEDS, Settings
from bot.views.layout import framed, row
from digests.delivery.spread import SPREAD
from digests.seeds.reload import Reloader
from tests.cluster import MISSING, PROGRAMS, Cluster, running_cluster
from tests.databases import Fill, MakeNew, OpenNew, copy_database, make_database, opener_of

# The morning that the bundled seeds are made for.
MORNING = datetime(2026, 1, 4, 8, tzinfo=UTC)
SETTINGS = [each.name.upper() for each in fields(Settings)]


@dataclass(slots=True)
class Clock:
    """A clock that stands still until a test moves it."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        """Return the present moment."""
        return self.now


@dataclass(slots=True)
class Timer:
    """The timer of this machine, which a test may set forward."""

    ahead: float = 0.0

    def __call__(self) -> float:
        """Return the seconds that it shows."""
        return monotonic() + self.ahead


@dataclass(slots=True)
class World:
    """A server with the bot in it, its people, and the clock."""

    env: simcord.Env
    app: App
    clock: Clock
    timer: Timer
    guild: Any
    channel: Any
    member: Any
    moderator: Any
    owner: Any

    async def tick(self, now: datetime | None = None) -> int:
        """Move the clock and let the bot do what the scheduler would wake it for."""
        if now:
            self.clock.now = now
        return await self.app.scheduler.tick()

    async def morning(self, now: datetime) -> int:
        """Do the same, and wait for the digests of people, which are spread over a while."""
        return await self.tick(now) + await self.tick(now + SPREAD)

    @asynccontextmanager
    async def restarted(self) -> AsyncIterator[None]:
        """Go on with a new process, as it were, on the same database and the same Discord."""
        async with open_app(self.app.services.settings, self.clock, self.timer) as app:
            await self.env.restart_bot(app.client)
            app.client.owner_ids.add(self.owner.id)
            self.app = app
            yield


OpenWorld = Callable[..., AbstractAsyncContextManager[World]]


@pytest.hookimpl(trylast=True)  # hypothesis marks its tests first
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count only what written examples reach as covered: what chance reaches differs from run to run."""
    for item in items:
        if item.get_closest_marker("hypothesis"):
            item.add_marker("no_cover")


def pytest_collection_finish() -> None:
    """Spare the garbage collector what is imported, which stays: it would look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the developer's own environment and .env out of every test."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings with a database of this test's own, and the bundled seeds."""
    return Settings(database_path=tmp_path / "broadsheet.db", seeds_path=BUNDLED_SEEDS)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what tests the floors below Discord on both engines, but for what looks into SQLite's files."""
    if "engine" in metafunc.fixturenames:
        folder = metafunc.definition.path.relative_to(Path(__file__).parent).parts[0]
        is_for_one = folder == "bot" or metafunc.definition.get_closest_marker("sqlite")
        engines = ["sqlite"] if is_for_one else ["sqlite", "postgres"]
        metafunc.parametrize("engine", engines, scope="session")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Run a PostgreSQL server."""
    if not PROGRAMS:
        pytest.skip(MISSING)
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def make_new(
    engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> MakeNew:
    """Return what makes a database of an engine once, fills it, and returns what opens copies of it."""
    if engine == "postgres":
        running: Cluster = request.getfixturevalue("cluster")
        return running.make

    def make(fill: Fill | None = None, /) -> OpenNew:
        return opener_of(make_database(tmp_path_factory.mktemp("made") / "broadsheet.db", fill))

    return make


@pytest.fixture(scope="session")
def open_new(make_new: MakeNew) -> OpenNew:
    """Return what opens a new database without running every migration again."""
    return make_new()


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a closed database that has loaded the bundled seeds in the morning."""
    path = tmp_path_factory.mktemp("bundled") / "broadsheet.db"
    return make_database(path, lambda database: Reloader(database, Clock()).reload(BUNDLED_SEEDS))


@pytest.fixture
def open_world(settings: Settings, bundled: Path) -> OpenWorld:
    """Return what opens a server with the bot; a second one finds the first one's database.

    The bundled seeds, if they are to be loaded in the morning, were loaded once for all tests.
    """

    @asynccontextmanager
    async def opened(clock: Clock | None = None, **changes: Any) -> AsyncIterator[World]:
        clock, timer = clock or Clock(), Timer()
        changed = replace(settings, **changes)
        usual = changed.seeds_path == BUNDLED_SEEDS and clock.now == MORNING
        is_loaded = usual and copy_database(bundled, changed.database_path)
        async with open_app(changed, clock, timer) as app:
            if not is_loaded:
                await load_seeds(app.services)
            env = simcord.Env(app.client, check_errors=False, shard_count=1)
            await env.start()
            try:
                yield _people(env, app, clock, timer)
            finally:
                await env.shutdown()

    return opened


@pytest.fixture
async def world(open_world: OpenWorld) -> AsyncIterator[World]:
    """Return a server with the bot in it, the bundled seeds loaded."""
    async with open_world() as opened:
        yield opened


def _people(env: simcord.Env, app: App, clock: Clock, timer: Timer) -> World:
    guild = env.create_guild("Harbour Town")
    channel = guild.create_text_channel("news")
    managers = guild.create_role("Moderators", permissions=discord.Permissions(manage_guild=True))
    admins = guild.create_role("Admins", permissions=discord.Permissions(administrator=True))
    member = guild.add_member(env.create_user("ann"))
    moderator = guild.add_member(env.create_user("mo"), roles=[managers])
    owner = guild.add_member(env.create_user("olga"), roles=[admins])
    app.client.owner_ids.add(owner.id)
    return World(env, app, clock, timer, guild, channel, member, moderator, owner)


def text_of(message: Any) -> str:
    """Return all text of a message, whatever it stands in; of an answer, its message's.

    Commands in it read as they are written in the code: of their links, see linked_text_of().
    """
    return re.sub(r"</([a-z ]+):\d+>", r"`/\1`", linked_text_of(message))


def linked_text_of(message: Any) -> str:
    """Return the same as text_of(), with links to commands as Discord gets them."""
    return "\n".join(part["content"] for part in _walk(_components(message)) if "content" in part)


def buttons_of(message: Any) -> dict[str, str]:
    """Return a message's buttons: custom_id to label."""
    return {
        part["custom_id"]: part["label"]
        for part in _walk(_components(message))
        if part.get("type") == discord.ComponentType.button.value and "custom_id" in part
    }


def menus_of(message: Any) -> list[dict[str, Any]]:
    """Return a message's menus, with their options."""
    kind = discord.ComponentType.string_select.value
    return [part for part in _walk(_components(message)) if part.get("type") == kind]


def pictures_of(message: Any) -> list[str]:
    """Return the addresses of a message's pictures."""
    return [part["media"]["url"] for part in _walk(_components(message)) if "media" in part]


def _components(message: Any) -> list[dict[str, Any]]:
    found = getattr(message, "response", None) or message
    return [part if isinstance(part, dict) else part.to_dict() for part in found.components]


def _walk(parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for part in parts:
        yield part
        yield from _walk(part.get("components") or [])
        if part.get("accessory"):
            yield from _walk([part["accessory"]])


async def press_forged(actor: Any, channel: discord.abc.Messageable, custom_id: str) -> Any:
    """Press a button with a custom_id of a forger's choice, in a message of the bot's in a channel."""
    message = await channel.send(view=framed(row(discord.ui.Button(label="Forged", custom_id=custom_id))))
    return await actor.click(message, label="Forged")


async def choose_forged(actor: Any, channel: discord.abc.Messageable, custom_id: str, value: str) -> Any:
    """Choose a value in a select with a custom_id of a forger's choice, in a message of the bot's."""
    options = [discord.SelectOption(label="Forged", value=value)]
    select: Any = discord.ui.Select(custom_id=custom_id, options=options)
    message = await channel.send(view=framed(row(select)))
    return await actor.select(message, [value], custom_id=custom_id)


async def type_forged(
    world: World, actor: Any, name: str, resolved: Any = None, kinds: Any = None, **values: Any
) -> Any:
    """Type a command with values that Discord's own clients would not send.

    `kinds` are the types of options that aren't what the command names, `resolved` what ids stand for.
    """
    command: Any = world.app.client.tree
    for part in name.split():
        command = command.get_command(part)
    types = {each.display_name: each.type.value for each in command.parameters} | (kinds or {})
    given = [{"name": key, "type": types[key], "value": value} for key, value in values.items()]
    group, _, leaf = name.partition(" ")
    options = [{"name": leaf, "type": 1, "options": given}] if leaf else given
    data = {"id": "1", "name": group, "type": 1, "options": options, "resolved": resolved or {}}
    return await actor._dispatch_interaction(2, world.channel, data)  # noqa: SLF001 - slash() checks values
