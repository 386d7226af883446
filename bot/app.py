"""The composition root: builds the bot, runs it and closes it."""

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import discord
from prometheus_client import CollectorRegistry

from bot.buttons.digests import DIGEST_PRESSES
from bot.buttons.following import FOLLOWING_PRESSES
from bot.buttons.press import PRESSES
from bot.buttons.saved import SAVED_PRESSES
from bot.buttons.sources import SOURCE_PRESSES
from bot.buttons.stories import STORY_PRESSES
from bot.buttons.story_admin import STORY_ADMIN_PRESSES
from bot.client import Client
from bot.collecting import Collecting, open_collector
from bot.commands.admin import AdminGroup
from bot.commands.digest import DigestGroup
from bot.commands.follow import follow_command, following_command
from bot.commands.help import help_command
from bot.commands.preview import preview_command
from bot.commands.privacy import privacy_command
from bot.commands.saved import save_command, saved_command
from bot.commands.setup import setup_command
from bot.commands.stories import StoriesGroup
from bot.commands.topics import topics_command
from bot.connecting import connect, log_in
from bot.forms.digests import DIGEST_FORMS
from bot.garbage import keep_for_good, short_collections
from bot.invite import invite_link
from bot.locale.cldr import load_cldr
from bot.monitoring.health import Health
from bot.monitoring.metrics import Metrics
from bot.monitoring.server import served
from bot.monitoring.supervisor import supervised
from bot.news import load_news, reindexing, watch_seeds
from bot.openings import Openings
from bot.services import Clock, Services, open_services, utc_now
from bot.settings import Collect, Settings, SettingsError, supervision
from bot.sharing import Sharing, sharing_of
from bot.transport import DiscordTransport
from digests.delivery.outbox import Outbox
from digests.delivery.planner import Planner
from digests.delivery.scheduler import Scheduler
from digests.delivery.worker import CLOSING_SECONDS
from digests.editions.edition import stored_form
from digests.editions.zones import zones_by_name
from digests.feeds.collect import Collector
from digests.tenure import Tenure
from digests.text import count

log = logging.getLogger(__name__)

RETRY = 5.0  # seconds until what couldn't start is tried again
SILENCE = 2.0  # seconds without a connection until that is said
GOODBYE = 1.5  # seconds that Discord has to close the connection
NOT_CONFIGURED = (
    "There's no DISCORD_TOKEN. Put the bot's token into .env (see README.md),"
    " or try the bot without one: broadsheet sandbox"
)
ALONE = (
    "Without SHARD_GROUPS one process does everything, and needs no collector. Set it to the same for all"
    " processes, and COLLECT=off for those that connect to Discord (see docs/cluster.md)."
)


@dataclass(frozen=True, slots=True)
class App:
    """The whole bot, built but not yet connected."""

    services: Services
    client: Client
    scheduler: Scheduler
    collecting: Collecting
    health: Health
    tenure: Tenure


@asynccontextmanager
async def open_app(
    settings: Settings,
    clock: Clock = utc_now,
    timer: Callable[[], float] = monotonic,
    *,
    is_collector: bool = False,
) -> AsyncIterator[App]:
    """Open the database and build the bot on it; stop its scheduler at the end.

    `clock` tells what is due, `timer`, which never jumps, how long something takes. `is_collector` is for a
    process of several that has no shards.
    """
    metrics = Metrics(CollectorRegistry())
    for make in (zones_by_name, stored_form, load_cldr):  # kept from now on: to make them takes a moment
        await asyncio.to_thread(make)
    async with (
        open_services(
            settings, clock, on_reload=metrics.count_reload, on_held=metrics.lock_held.observe
        ) as services,
        open_collector(services, metrics.count_round) as collector,
    ):
        sharing = sharing_of(settings, services.database, clock, timer, is_collector=is_collector)
        app = _build(services, collector, metrics, timer, sharing)
        try:
            yield app
        finally:
            await app.scheduler.stop()
            await app.client.judging.close()


def _build(
    services: Services,
    collector: Collector,
    metrics: Metrics,
    timer: Callable[[], float],
    sharing: Sharing,
) -> App:
    database, clock, settings = services.database, services.clock, services.settings
    tenure = sharing.tenure
    client = Client(services, metrics, collector, Openings(timer), sharing)
    for group in (StoriesGroup(), DigestGroup()):
        client.tree.add_command(group)
    client.tree.add_command(setup_command)
    client.tree.add_command(preview_command)
    client.tree.add_command(topics_command)
    client.tree.add_command(follow_command)
    client.tree.add_command(following_command)
    client.tree.add_command(save_command)
    client.tree.add_command(saved_command)
    client.tree.add_command(help_command)
    client.tree.add_command(privacy_command)
    admin_guild = settings.admin_guild_id
    client.tree.add_command(AdminGroup(), guild=discord.Object(admin_guild) if admin_guild else None)
    presses = (
        *PRESSES,
        *DIGEST_PRESSES,
        *FOLLOWING_PRESSES,
        *STORY_PRESSES,
        *SAVED_PRESSES,
        *SOURCE_PRESSES,
        *STORY_ADMIN_PRESSES,
    )
    forms = DIGEST_FORMS
    client.add_dynamic_items(*presses)
    client.add_forms(*forms)
    metrics.expect_commands([*client.command_names(), *(each.name for each in (*presses, *forms))])
    transport = DiscordTransport(client, services.refusals, client.openings, client.link)
    late = timedelta(hours=settings.late_hours)
    planner = Planner(database, transport, clock, max_late=late, owned=tenure.shards)
    outbox = Outbox(database, transport, clock, max_late=late, owned=tenure.shards)
    client.attach(planner, outbox)
    keep = timedelta(days=settings.keep_deliveries_days)
    collecting = Collecting(services, collector, client.tell_owners_of_feeds)
    collects = settings.collect is Collect.INSIDE or not tenure.serves
    scheduler = Scheduler(
        database,
        planner,
        outbox,
        clock,
        keep,
        timer,
        collect=collecting.collect if collects else None,
        forget_articles=collecting.forget if collects else None,
        judge=client.judging.judge,
        collects=tenure.collects,
    )
    health = Health(services, client, scheduler, metrics, timer)
    return App(services, client, scheduler, collecting, health, tenure)


async def run(settings: Settings, *, is_collector: bool = False) -> None:
    """Load the seeds, connect to Discord and post what is due, until SIGINT or SIGTERM.

    A collector doesn't connect: it only does what several processes need done once. Raises StartupError,
    SettingsError or StorageError if it can't start, or go on.
    """
    if settings.discord_token is None:
        raise SettingsError(NOT_CONFIGURED)
    if is_collector and settings.shard_groups is None:
        raise SettingsError(ALONE)
    async with (
        open_app(settings, is_collector=is_collector) as app,
        app.client,
        _watched(app),
        supervised(app.health, supervision()),
        reindexing(app.services.database, app.tenure),
        short_collections(),
        AsyncExitStack() as stack,
    ):
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        tenure = app.tenure
        if not await _unless_stopped(stop, tenure.join(settings.shards)):
            return
        keeping = await stack.enter_async_context(_kept(tenure))
        if not tenure.is_shared and not await _unless_stopped(stop, load_news(app.services)):
            return
        keep_for_good()
        token = settings.discord_token.value
        work = (
            (connect(app.client, token, app.services.clock, settings.shards), _start_when_ready(app))
            if tenure.serves
            else (_collect(app, token),)
        )
        connection, *ready = map(asyncio.create_task, work)
        stopped = asyncio.create_task(stop.wait())
        watching = asyncio.create_task(_see_to_seeds(app, stop))
        await asyncio.wait({connection, stopped, keeping}, return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping")
        asked = stop.is_set()
        stop.set()
        for task in (*ready, stopped) if tenure.collects() else (*ready, stopped, watching):
            task.cancel()
        # Messages being sent need the connection's session, so that is closed last.
        await asyncio.gather(app.scheduler.stop(), _end(watching))
        if not connection.done():
            connection.cancel()
        await asyncio.wait({asyncio.create_task(app.client.close())}, timeout=GOODBYE)
        keeping.cancel()
        for outcome in await asyncio.gather(keeping, connection, return_exceptions=True):
            if isinstance(outcome, Exception) and not asked:
                raise outcome


async def _collect(app: App, token: str) -> None:
    """Register the commands, which is part of logging in, and collect without a connection for events."""
    await log_in(app.client, token)
    app.scheduler.start()
    await asyncio.Event().wait()


async def _unless_stopped(stop: asyncio.Event, work: Coroutine[None, None, None]) -> bool:
    """Do something, and return True; if the bot is stopped meanwhile, break it off and return False."""
    working, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if working.done():
        working.result()
        return True
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    log.info("stopping")
    return False


@asynccontextmanager
async def _kept(tenure: Tenure) -> AsyncIterator[asyncio.Task[None]]:
    """Keep what this process holds during the block, and yield the task that does it."""
    keeping = asyncio.create_task(tenure.keep())
    try:
        yield keeping
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await tenure.give_back()


@asynccontextmanager
async def _watched(app: App) -> AsyncIterator[None]:
    """Watch the bot's health while the block runs, and serve it on HEALTH_PORT if that is set."""
    settings = app.services.settings
    watching = asyncio.create_task(app.health.watch())
    try:
        if settings.health_port is None:
            yield
        else:
            with served(app.health, settings.health_host, settings.health_port) as port:
                log.info("health: http://%s:%d/readyz", settings.health_host, port)
                yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _see_to_seeds(app: App, stop: asyncio.Event) -> None:
    """Watch the seeds; one process of several does, and loads them first, while it serves people already."""
    tenure = app.tenure
    if tenure.is_shared:
        has_registered = tenure.collects()
        await tenure.wait_to_collect()
        await load_news(app.services)
        if not has_registered:
            await _register(app.client)
    await watch_seeds(app.services, stop)


async def _register(client: Client) -> None:
    """Register the commands if they aren't as they should be: the process that did so before is gone."""
    await client.wait_until_ready()
    try:
        await client.sync()
    except discord.DiscordException:
        log.exception("the commands can't be registered")


async def _end(watching: asyncio.Task[None]) -> None:
    """Wait for a running reload to finish; cancel it, which changes nothing, if it takes too long."""
    await asyncio.wait({watching}, timeout=CLOSING_SECONDS)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def find_invite(settings: Settings) -> str:
    """Return the link that invites the bot to a server; raises StartupError or SettingsError."""
    if settings.discord_token is None:
        raise SettingsError(NOT_CONFIGURED)
    async with discord.Client(intents=discord.Intents.none()) as client:
        await log_in(client, settings.discord_token.value)
        return invite_link(client.application_id or 0)


async def _start_when_ready(app: App) -> None:
    """Start the scheduler as soon as it is known which servers the bot is in, however long that takes."""
    try:
        async with asyncio.timeout(SILENCE):
            await app.client.wait_until_ready()
    except TimeoutError:
        log.info("connecting to Discord…")
        await app.client.wait_until_ready()
    while True:
        try:
            await app.client.note_servers(app.client.owned)
            break
        except Exception:
            log.exception("can't start sending yet; trying again")
            await asyncio.sleep(RETRY)
    gc.freeze()  # the servers too, which stay
    if app.tenure.is_shared:
        await app.client.outbox.take_over()
    app.scheduler.start()
    log.info("connected as %s to %s", app.client.user, count(len(app.client.guilds), "server"))
    log.info("to invite me to a server, open %s", invite_link(app.client.application_id or 0))
