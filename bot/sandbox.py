"""The sandbox: the real bot against a simulated Discord, in a local browser page."""

import asyncio
import io
import signal
import sys
import webbrowser
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import discord
import simcord
from discord import app_commands
from PIL import Image, ImageColor, ImageOps
from simcord.preview import Preview

from bot.app import App, StartupError, load_seeds, open_app
from bot.client import Interaction
from bot.settings import BUNDLED_SEEDS, Settings
from bot.views.notice import notice
from bot.views.text import on_clock
from digests.errors import NotFoundError
from storage import subscriptions
from storage.database import Database
from storage.stories import image_urls, latest, story

# The bundled seeds tell of the days around this moment.
BUNDLED_START = datetime(2026, 1, 4, 8, tzinfo=UTC)
MAX_PICTURES = 200
WELCOME = """
Broadsheet's sandbox is open:

    {url}

Whoever has that link can use it. Nothing here reaches Discord, and nothing is kept.

First type /digest preview into the page, then AI, and pick that topic. Then choose to view as Mo, who manages
the server, type /digest subscribe, and after that /sandbox next: the clock moves to the next digest.
Ctrl-C ends it.
"""


@dataclass(slots=True)
class SandboxClock:
    """The simulated Discord's clock, moved by `shift` to where the seeds are; it stands still."""

    env: simcord.Env | None = None
    page: Preview | None = None
    shift: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Return the sandbox's present moment."""
        return (self.env.now() if self.env else BUNDLED_START) + self.shift

    def advance(self, until: datetime) -> None:
        """Move on to a moment that is not yet past."""
        if self.env:
            self.env.backend.advance_clock(max(0.0, (until - self()).total_seconds()))
            if self.page:
                self.page.capture_time = self.env.now()  # "3 hours ago" counts from there


@app_commands.guild_only()
class SandboxGroup(app_commands.Group):
    """What only the sandbox has."""

    def __init__(self, app: App, clock: SandboxClock) -> None:
        super().__init__(name="sandbox", description="Only in this sandbox: move the clock")
        self._app = app
        self._clock = clock

    @app_commands.command()
    async def next(self, interaction: Interaction) -> None:
        """Move the clock to the next digest that a channel is subscribed to, and let it come."""
        async with self._app.services.database.reading() as connection:
            due = await subscriptions.next_due(connection)
        if due is None:
            raise NotFoundError("No channel is subscribed yet: type `/digest subscribe`, viewing as Mo.")
        text = f"It is {on_clock(due)} now. What is due comes here; where nothing is new, nothing is posted."
        # The answer comes first: when the clock has moved, it is too late for one.
        await interaction.response.send_message(view=notice(text), ephemeral=True)
        self._clock.advance(due)
        await self._app.scheduler.tick()


async def run_sandbox(settings: Settings, *, port: int, browser: bool) -> None:
    """Open the page and serve it until it is closed; the database is a new one, and goes with it."""
    with TemporaryDirectory(prefix="broadsheet-sandbox-") as folder:
        private = settings.model_copy(
            update={"database_path": Path(folder) / "sandbox.db", "admin_guild_id": None}
        )
        clock = SandboxClock()
        async with open_app(private, clock) as app:
            await load_seeds(app.services)
            app.client.tree.add_command(SandboxGroup(app, clock))
            async with simcord.run(app.client, check_errors=False) as env:
                # The simulation takes each answered error for a failure of the bot; this bot answers its own.
                app.client.tree.__dict__.pop("on_error", None)
                await _set(clock, env, app.services.database, settings.seeds_path)
                try:
                    await _serve(env, app, clock, port=port, browser=browser)
                except simcord.SetupError as error:
                    raise StartupError(f"The sandbox's page can't be opened: {error}.") from error


async def _set(clock: SandboxClock, env: simcord.Env, database: Database, seeds_path: Path) -> None:
    """Set the clock to the morning that the bundled seeds are made for, or to the newest story."""
    clock.env = env
    clock.advance(BUNDLED_START)
    if seeds_path != BUNDLED_SEEDS:
        async with database.reading() as connection:
            _, ids = await latest(connection, None, datetime.max.replace(tzinfo=UTC), 1, 0)
            newest = await story(connection, ids[0]) if ids else None
        if newest:
            clock.shift = max(article.published_at for article in newest.articles) - clock()


async def _serve(env: simcord.Env, app: App, clock: SandboxClock, *, port: int, browser: bool) -> None:
    guild = env.create_guild("Harbour Town")
    channel = guild.create_text_channel("news", topic="Digests come here")
    managers = guild.create_role("Moderators", permissions=discord.Permissions(manage_guild=True))
    owners = guild.create_role("Owners", permissions=discord.Permissions(administrator=True))
    ann = guild.add_member(env.create_user("ann", global_name="Ann, a member"))
    mo = guild.add_member(env.create_user("mo", global_name="Mo, a moderator"), roles=[managers])
    olga = guild.add_member(env.create_user("olga", global_name="Olga, the bot's owner"), roles=[owners])
    app.client.owner_ids.add(olga.id)
    if app.client.user:
        await app.client.user.edit(username="Broadsheet")
    async with env.preview(
        channel,
        viewers=[ann, mo, olga],
        layout="channel",
        port=port,
        assets=await _pictures(app.services.database),
    ) as page:
        clock.page = page
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        print(WELCOME.format(url=page.url), flush=True)  # noqa: T201
        if browser and sys.stdout.isatty():
            webbrowser.open(page.url)
        ends = {asyncio.create_task(page.wait_closed()), asyncio.create_task(stop.wait())}
        _, waiting = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()


async def _pictures(database: Database) -> dict[str, tuple[str, bytes]]:
    """Return plain pictures for the made-up outlets of the bundled seeds: the page fetches none."""
    async with database.reading() as connection:
        urls = await image_urls(connection)
    made_up = [url for url in urls if (urlsplit(url).hostname or "").endswith(".example")]
    return {url: ("picture.png", _picture(url)) for url in made_up[:MAX_PICTURES]}


def _picture(url: str) -> bytes:
    """Return a small square whose two colours the address decides, the same each time."""
    hues = [value * 360 // 256 for value in blake2b(url.encode(), digest_size=2).digest()]
    picture = Image.linear_gradient("L").resize((96, 96))
    dark, light = (
        ImageColor.getrgb(f"hsl({hue}, 45%, {tone}%)") for hue, tone in zip(hues, (30, 70), strict=True)
    )
    content = io.BytesIO()
    ImageOps.colorize(picture, dark, light).save(content, "PNG")
    return content.getvalue()
