"""The sandbox: the real bot against a simulated Discord, in a local browser page."""

import asyncio
import signal
import sys
import webbrowser
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

import discord
import simcord
from discord import app_commands
from simcord.preview import Preview

from bot.answers import answer
from bot.app import App, load_seeds, open_app
from bot.client import Interaction
from bot.errors import NoticeError, StartupError
from bot.locale import _
from bot.sandbox.feed import FEED_HOST, sample_feed
from bot.sandbox.pictures import draw_pictures
from bot.settings import BUNDLED_SEEDS, Settings
from bot.views.notice import notice
from bot.views.text import brief, on_clock
from digests.delivery.spread import SPREAD
from digests.seeds.folder import FoundFile, walk
from digests.seeds.reader import ScanResult
from storage import outbox, subscriptions
from storage.stories import image_urls

ANSWER_SHOWN = 1.0  # seconds that an answer stays on the page before the page shows another place
# The bundled seeds are about the days around this moment.
BUNDLED_START = datetime(2026, 1, 4, 8, tzinfo=UTC)
WELCOME = """
Broadsheet's sandbox is open:

    {url}

Anyone with that link can use it. Nothing here reaches Discord, and nothing is kept.

Start by typing /preview into the page, then AI, and pick that topic. Then view the page as Mo, who
manages the server, and type /digest subscribe. /sandbox next moves the clock to the next digest. /sandbox go
shows other channels, another server and direct messages.

To add a source, view the page as Olga, who owns the bot, and type /admin source add with this feed:

    {feed}

Press Ctrl-C to stop.
"""


@dataclass(slots=True)
class SandboxClock:
    """The simulated Discord's clock, moved by `shift` to the time of the seeds; it stands still."""

    shift: timedelta
    env: simcord.Env | None = None
    page: Preview | None = None

    def __call__(self) -> datetime:
        """Return the sandbox's present moment."""
        return (self.env.now() if self.env else BUNDLED_START) + self.shift

    def go_on_with(self, env: simcord.Env) -> None:
        """Set the simulated Discord's clock to this one's time, and drive it from now on."""
        now = self()
        self.env = env
        self.advance(now)

    def advance(self, until: datetime) -> None:
        """Move on to `until`, never back; the page counts "3 hours ago" from it."""
        if self.env:
            self.env.backend.advance_clock(max(0.0, (until - self()).total_seconds()))
        if self.page:
            self.page.capture_time = self()


@dataclass(frozen=True, slots=True)
class Place:
    """A channel that the page can show, and the people that it can be viewed as there."""

    name: str
    channel: Any
    viewers: tuple[Any, ...]


@dataclass(slots=True)
class Stage:
    """Which place the page shows; `moved` is set when it should show another."""

    places: list[Place] = field(default_factory=list)
    here: int = 0
    feed: str = ""  # the address of a feed to try
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def go(self, place: int) -> None:
        """Show another place in a moment, after the answer to the person who asked."""
        self.here = place
        loop = asyncio.get_running_loop()
        # A timer of the loop won't do: the simulation would wait for it before it shows the answer.
        timer = Timer(ANSWER_SHOWN, loop.call_soon_threadsafe, [self.moved.set])
        timer.daemon = True
        timer.start()


@app_commands.allowed_contexts(guilds=True, dms=True)
class SandboxGroup(app_commands.Group):
    """Commands that only the sandbox has."""

    def __init__(self, app: App, clock: SandboxClock, stage: Stage) -> None:
        super().__init__(name="sandbox", description="Only in this sandbox: move the clock, go elsewhere")
        self._app = app
        self._clock = clock
        self._stage = stage

    @app_commands.command()
    async def next(self, interaction: Interaction) -> None:
        """Move the clock to the next digest and watch it arrive."""
        async with self._app.services.database.reading() as connection:
            due = await connection.run(subscriptions.next_due)
        if due is None:
            raise NoticeError(_("Nobody is subscribed yet. Run `/digest subscribe`, viewing as Mo."))
        text = _("It's {time} now. I post what is due, unless there's nothing new.", time=on_clock(due))
        # The answer comes first: once the clock has moved, it is too late for one.
        await answer(interaction, notice(text))
        self._clock.advance(due)
        await self._app.scheduler.tick()
        await self._deliver_late(due + SPREAD)

    async def _deliver_late(self, until: datetime) -> None:
        """Move the clock on to each delivery that waits for its turn, as those to people do."""
        while True:
            async with self._app.services.database.reading() as connection:
                waits = await connection.run(outbox.waiting_since)
            if waits is None or waits > until:
                return
            self._clock.advance(waits)
            if not await self._app.scheduler.tick():
                return

    @app_commands.command()
    @app_commands.describe(place="A channel, or somebody's direct messages with me")
    async def go(self, interaction: Interaction, place: int) -> None:
        """Go to another channel, another server or direct messages."""
        if place not in range(len(self._stage.places)):
            raise NoticeError("There's no such place here. Pick one from the list.")
        name = self._stage.places[place].name
        text = _("Reload this page in your browser to see {place}.", place=brief(name))
        await answer(interaction, notice(text))
        self._stage.go(place)

    @go.autocomplete("place")
    async def places(self, _interaction: Interaction, typed: int | str) -> list[app_commands.Choice[int]]:
        """Offer the places whose names contain what was typed."""
        return [
            app_commands.Choice(name=place.name, value=number)
            for number, place in enumerate(self._stage.places)
            if str(typed).casefold() in place.name.casefold()
        ]


async def run_sandbox(settings: Settings, *, port: int, browser: bool) -> None:
    """Open the page and serve it until it is closed; its database is new, and deleted at the end."""
    with TemporaryDirectory(prefix="broadsheet-sandbox-") as folder:
        private = replace(
            settings,
            database_path=Path(folder) / "sandbox.db",
            seeds_path=settings.seeds_path or BUNDLED_SEEDS,
            admin_guild_id=None,
            private_sources=replace(
                settings.private_sources, names=settings.private_sources.names | {FEED_HOST}
            ),
        )
        clock, stage = SandboxClock(_start(private) - BUNDLED_START), Stage()
        async with open_app(private, clock) as app, AsyncExitStack() as stack:
            await load_seeds(app.services)
            stage.feed = await stack.enter_async_context(sample_feed(clock))
            app.client.tree.add_command(SandboxGroup(app, clock, stage))
            async with simcord.run(app.client, check_errors=False) as env:
                # The simulation's own handler would take every error for a failure; the bot's answers them.
                app.client.tree.__dict__.pop("on_error", None)
                clock.go_on_with(env)
                try:
                    await _serve(env, app, clock, stage, port=port, browser=browser)
                except simcord.SetupError as error:
                    advice = " Choose a free port with --port, or leave that out." if port else ""
                    raise StartupError(f"The sandbox's page can't be opened ({error}).{advice}") from error


def _start(settings: Settings) -> datetime:
    """Return the morning that the bundled seeds are made for, or when the newest of other seeds came out."""
    root = settings.seeds_folder
    if root == BUNDLED_SEEDS:
        return BUNDLED_START
    reading = ScanResult()  # before the bot loads them, because it notes the time of that
    files = [file for file in walk(root, settings.max_seed_bytes) if isinstance(file, FoundFile)]
    reading.look_at(root, files, {}, force=True)
    shown = (record for record in reading.records if not record.removed)
    return max((each.published_at for record in shown for each in record.mentions), default=BUNDLED_START)


async def _people_the_stage(env: simcord.Env, app: App) -> list[Place]:
    """Make two servers, and people with different permissions; return the places to show."""
    town, village = env.create_guild("Harbour Town"), env.create_guild("Orchard Village")
    users = {
        "ann": env.create_user("ann", global_name="Ann, a member"),
        "mo": env.create_user("mo", global_name="Mo, a moderator"),
        "olga": env.create_user("olga", global_name="Olga, the bot's owner"),
    }
    app.client.owner_ids.add(users["olga"].id)
    if app.client.user:
        await app.client.user.edit(username="Broadsheet")
    in_town = _join(town, users)
    in_village = _join(village, {name: users[name] for name in ("ann", "mo")})
    news = town.create_text_channel("news", topic="Digests are posted here")
    weather = town.create_text_channel("weather", topic="Another channel for digests")
    general = village.create_text_channel("general", topic="Another server, with digests of its own")
    return [
        Place("#news in Harbour Town", news, in_town),
        Place("#weather in Harbour Town", weather, in_town),
        Place("#general in Orchard Village", general, in_village),
        *(
            Place(f"{name.title()}'s direct messages", user.dm_channel, (user,))
            for name, user in users.items()
        ),
    ]


def _join(guild: Any, users: dict[str, Any]) -> tuple[Any, ...]:
    """Add people to a server, each with the role that fits their name."""
    roles = {
        "mo": guild.create_role("Moderators", permissions=discord.Permissions(manage_guild=True)),
        "olga": guild.create_role("Owners", permissions=discord.Permissions(administrator=True)),
    }
    return tuple(
        guild.add_member(user, roles=[roles[name]] if name in roles else []) for name, user in users.items()
    )


async def _serve(
    env: simcord.Env, app: App, clock: SandboxClock, stage: Stage, *, port: int, browser: bool
) -> None:
    """Show the current place, under one address, until the page is closed or the process is stopped."""
    stage.places = await _people_the_stage(env, app)
    async with app.services.database.reading() as connection:
        assets = draw_pictures(await connection.run(image_urls))
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    secret = None
    while not stop.is_set():
        stage.moved.clear()
        place = stage.places[stage.here]
        page = env.preview(
            place.channel,
            viewers=list(place.viewers),
            layout="channel",
            port=port,
            assets=assets,
            presentation_time=clock(),
        )
        page.capability = secret or page.capability
        clock.page = page
        async with page:
            if secret is None:
                secret, port = page.capability, urlsplit(page.url).port or 0
                print(WELCOME.format(url=page.url, feed=stage.feed), flush=True)  # noqa: T201
                if browser and sys.stdout.isatty():
                    webbrowser.open(page.url)
            await _first(stage.moved.wait(), stop.wait(), page.wait_closed())
        if not stage.moved.is_set():
            return


async def _first(*waits: Coroutine[Any, Any, object]) -> None:
    """Wait until one of these is done, and cancel the others."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
