"""The sandbox: the real bot against a simulated Discord, in a local browser page."""

import asyncio
import signal
import sys
import webbrowser
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import simcord
from discord import app_commands
from simcord.preview import Preview

from bot.answers import answer, defer
from bot.app import App, open_app
from bot.client import Interaction
from bot.errors import NoticeError, StartupError
from bot.locale import _, speak, spoken
from bot.locale.catalogs import ENGLISH, locale_of
from bot.news import load_seeds
from bot.sandbox.face import give_face
from bot.sandbox.feeds import FEED_HOST, add_feeds, bundled_feeds, pictures_of, served
from bot.sandbox.opening import open_with
from bot.sandbox.pictures import draw_pictures
from bot.sandbox.stage import Stage, people_the_stage, show
from bot.settings import BUNDLED_SEEDS, Settings
from bot.views.notice import notice
from bot.views.text import brief, on_clock
from digests.delivery.spread import SPREAD
from digests.seeds.folder import FoundFile, walk
from digests.seeds.reader import ScanResult
from storage import outbox, subscriptions
from storage.stories import image_urls

# The bundled seeds are about the days around this moment.
BUNDLED_START = datetime(2026, 1, 4, 8, tzinfo=UTC)
FEED_TOPIC = "Ports"  # of the bundled feeds' articles
WELCOME = """
Broadsheet's sandbox is open:

    {url}

Anyone with that link can use it. Nothing here reaches Discord, and nothing is kept.

The page opens with a digest and with what to try next. Start by typing /preview into it, then AI, and
pick that topic.

/sandbox feeds adds the feeds of four made-up outlets. To add one yourself, view the page as Olga, who owns
the bot, and type /admin source add with its address:

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
            raise NoticeError(_("There's no such place here. Pick one from the list."))
        text = _("Taking you to {place}.", place=brief(self._stage.places[place].name))
        await answer(interaction, notice(text))
        self._stage.go(place)

    @app_commands.command()
    async def feeds(self, interaction: Interaction) -> None:
        """Add the feeds of four made-up outlets and see the stories that they make."""
        await defer(interaction)
        await add_feeds(self._app, self._stage.feeds, FEED_TOPIC)
        text = _(
            "I added {count} feeds, with the topic {topic}. Type `/preview` to see their stories.",
            count=len(self._stage.feeds),
            topic=FEED_TOPIC,
        )
        await answer(interaction, notice(text))

    @go.autocomplete("place")
    async def places(self, _interaction: Interaction, typed: int | str) -> list[app_commands.Choice[int]]:
        """Offer the places whose names contain what was typed."""
        return [
            app_commands.Choice(name=place.name, value=number)
            for number, place in enumerate(self._stage.places)
            if str(typed).casefold() in place.name.casefold()
        ]


async def run_sandbox(settings: Settings, *, port: int, browser: bool, language: str = ENGLISH) -> None:
    """Open the page and serve it until it is closed; its database is new, and deleted at the end.

    `language` is a catalog's name: what everybody on the page reads.
    """
    speak(language)
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
            stage.feeds = await stack.enter_async_context(served(bundled_feeds(), clock.shift))
            app.client.tree.add_command(SandboxGroup(app, clock, stage))
            async with simcord.run(app.client, check_errors=False, shard_count=1) as env:
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


async def _serve(
    env: simcord.Env, app: App, clock: SandboxClock, stage: Stage, *, port: int, browser: bool
) -> None:
    """Show the places, under one address, until the page is closed or the process is stopped."""
    stage.places = await people_the_stage(env, app, locale_of(spoken()))
    await env.settle()  # the bot greets the servers first
    await open_with(app, stage.places[0])
    async with app.services.database.reading() as connection:
        urls = [*await connection.run(image_urls), *pictures_of(bundled_feeds())]
    assets = give_face(env) | await asyncio.to_thread(draw_pictures, urls)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    first = stage.places[0]
    page = env.preview(
        first.channel,
        viewers=list(first.viewers),
        layout="channel",
        port=port,
        assets=assets,
        presentation_time=clock(),
        locale=locale_of(spoken()),
    )
    clock.page = page
    async with page:
        print(WELCOME.format(url=page.url, feed=stage.feeds[0]), flush=True)  # noqa: T201
        if browser and sys.stdout.isatty():
            webbrowser.open(page.url)
        moving = asyncio.create_task(_move(page, stage))
        await _first(stop.wait(), page.wait_closed())
        moving.cancel()


async def _move(page: Preview, stage: Stage) -> None:
    """Show each place that somebody goes to."""
    while await stage.moved.wait():
        stage.moved.clear()
        show(page, stage.places[stage.here])


async def _first(*waits: Coroutine[Any, Any, object]) -> None:
    """Wait until one of these is done, and cancel the others."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
