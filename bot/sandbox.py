"""The sandbox: the real bot against a simulated Discord, in a local browser page."""

import sys
import webbrowser
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import discord
import simcord
from discord import app_commands

from bot.app import App, load_seeds, open_app
from bot.client import Interaction
from bot.settings import BUNDLED_SEEDS, Settings
from bot.views.notice import notice
from bot.views.text import count, on_clock
from digests.errors import NotFoundError
from storage import subscriptions
from storage.database import Database
from storage.stories import latest

# The bundled seeds tell of the days around this moment.
BUNDLED_START = datetime(2026, 1, 4, 8, tzinfo=UTC)
WELCOME = """
Broadsheet's sandbox is open:

    {url}

Whoever has that link can use it. Nothing here reaches Discord, and nothing is kept.

First type /digest preview into the page, and pick a topic. Then choose to view as Mo, who manages
the server, type /digest subscribe, and after that /sandbox next: the clock moves to the next digest.
Ctrl-C ends it.
"""


@dataclass(slots=True)
class SandboxClock:
    """The simulated Discord's clock, moved by `shift` to where the seeds are; it stands still."""

    env: simcord.Env | None = None
    shift: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Return the sandbox's present moment."""
        return (self.env.now() if self.env else BUNDLED_START) + self.shift

    def advance(self, until: datetime) -> None:
        """Move on to a moment that is not yet past."""
        if self.env:
            self.env.backend.advance_clock(max(0.0, (until - self()).total_seconds()))


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
        self._clock.advance(due)
        arrived = await self._app.scheduler.tick()
        came = f"{count(arrived, 'digest')} came" if arrived else "there was nothing new to post"
        text = f"It is {on_clock(self._clock())} now: {came}."
        await interaction.response.send_message(view=notice(text), ephemeral=True)


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
                await _set(clock, env, app.services.database, settings.seeds_path)
                await _serve(env, app, port=port, browser=browser)


async def _set(clock: SandboxClock, env: simcord.Env, database: Database, seeds_path: Path) -> None:
    """Set the clock to the morning that the bundled seeds are made for, or to the newest story."""
    clock.env = env
    clock.advance(BUNDLED_START)
    if seeds_path != BUNDLED_SEEDS:
        async with database.reading() as connection:
            _, newest = await latest(connection, None, 1, 0)
        if newest:
            clock.shift = max(article.published_at for article in newest[0].articles) - clock()


async def _serve(env: simcord.Env, app: App, *, port: int, browser: bool) -> None:
    guild = env.create_guild("Harbour Town")
    channel = guild.create_text_channel("news", topic="Digests come here")
    managers = guild.create_role("Moderators", permissions=discord.Permissions(manage_guild=True))
    owners = guild.create_role("Owners", permissions=discord.Permissions(administrator=True))
    ann = guild.add_member(env.create_user("ann", global_name="Ann, a member"))
    mo = guild.add_member(env.create_user("mo", global_name="Mo, a moderator"), roles=[managers])
    olga = guild.add_member(env.create_user("olga", global_name="Olga, the bot's owner"), roles=[owners])
    app.client.owner_ids.add(olga.id)
    async with env.preview(channel, viewers=[ann, mo, olga], layout="channel", port=port) as page:
        print(WELCOME.format(url=page.url), flush=True)  # noqa: T201
        if browser and sys.stdout.isatty():
            webbrowser.open(page.url)
        await page.wait_closed()
