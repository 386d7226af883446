"""What can be checked on this machine alone: database, seeds, clock, time zones, disk."""

import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.cli.dates import day_and_time
from bot.doctor.finding import Finding, State, note, ok, wrong
from bot.errors import worded
from bot.reasons import loss_text, refused_text
from bot.services import Clock
from bot.settings import Settings
from digests.editions.zones import zone_names
from digests.errors import ReloadError
from digests.seeds.reload import check
from digests.subscriptions.losses import topic_losses
from digests.text import count, visible
from storage import refusals, seeds, subscriptions
from storage.errors import Place, StorageError
from storage.models import Subscription, SubscriptionState
from storage.opening import open_database
from storage.sqlite.inspection import inspect

RELEASED = datetime(2025, 1, 1, tzinfo=UTC)  # a clock that shows an earlier time isn't set
SPARE_BYTES = 200_000_000
MOST_FAULTS = 5
RUNNING = SubscriptionState.ACTIVE
MOST_REFUSED = 10
SKEW = timedelta(minutes=2)
PLACE = "Set DATABASE_PATH to a file in a folder that the bot may open and write to."


async def check_database(place: Place) -> list[Finding]:
    """Check that the database is undamaged, has a known schema, and can be written to."""
    return await _check_file(place) if isinstance(place, Path) else [await _check_server(place)]


async def _check_server(url: str) -> Finding:
    try:
        async with open_database(url) as database:
            await database.probe()
            size = await database.size()
    except StorageError as error:
        return wrong("database", worded(error, terminal=True), "")
    return ok("database", f"PostgreSQL has it ({size / 1e6:,.1f} MB), and it can be written to.")


async def _check_file(path: Path) -> list[Finding]:
    try:
        found = _check_folder(path) or _look_at(path)
    except OSError as error:
        return [_out_of_sight("database", path, error)]
    return [found, await _check_writing(path)] if found.state is State.OK else [found]


def _check_folder(path: Path) -> Finding | None:
    """Return why the database can't be in its folder, or None: SQLite writes more files next to it."""
    folder = _folder_of(path)
    if not folder.is_dir():
        fault = f"{folder} is a file, so {path} can't exist."
    elif not os.access(folder, os.W_OK | os.X_OK):
        fault = f"The folder {folder} can't be written to, and SQLite writes files next to {path}."
    else:
        return None
    return wrong("database", fault, PLACE)


def _folder_of(path: Path) -> Path:
    """Return the nearest folder above a file that exists."""
    return next((parent for parent in path.absolute().parents if parent.exists()), Path(path.root or "."))


def _out_of_sight(check: str, path: Path, error: OSError) -> Finding:
    return wrong(check, f"{path} can't be looked at ({error.strerror}).", PLACE)


def _look_at(path: Path) -> Finding:
    try:
        path.stat()  # unlike exists(), it raises if the file can't be looked at
        found = inspect(path)
    except FileNotFoundError:
        return note("database", f"{path} doesn't exist yet.", "The bot makes it when it first starts.")
    except StorageError as error:
        return wrong("database", worded(error, terminal=True), "Or restore a backup: broadsheet restore FILE")
    if found.version > found.newest:
        message = f"{path} has schema version {found.version}, but this Broadsheet only knows {found.newest}."
        return wrong("database", message, "Install the newer Broadsheet that wrote it, or restore a backup.")
    if found.faults:
        advice = "Stop the bot, then restore the last backup: broadsheet restore FILE"
        return wrong("database", f"{path} is damaged: {'; '.join(found.faults)}.", advice)
    version = f"schema version {found.version}"
    if found.version < found.newest:
        version += f", which the next start upgrades to {found.newest}"
        copy = f"It keeps a copy of the database first, {path.name}.before-{found.version}."
        return note("database", f"{path} is undamaged ({version}).", copy)
    return ok("database", f"{path} is undamaged ({version}).")


async def _check_writing(path: Path) -> Finding:
    try:
        async with open_database(path) as database, database.transaction():
            return ok("database", "It can be written to.")
    except StorageError as error:
        return wrong(
            "database", worded(error, terminal=True), "If a reload is running, try again in a few seconds."
        )


async def read_subscriptions(place: Place) -> list[Subscription]:
    """Return the subscriptions in an undamaged database, except those of servers that the bot left."""
    async with open_database(place) as database, database.reading() as connection:
        return await connection.run(subscriptions.present)


async def check_seeds(settings: Settings, clock: Clock) -> list[Finding]:
    """Read all seeds, and check that none has a fault."""
    root = settings.seeds_path
    if root is None:
        return []
    try:
        report = await check(root, clock, max_bytes=settings.max_seed_bytes)
    except ReloadError as error:
        return [wrong("seeds", worded(error, terminal=True), "")]
    if not report.records:
        return [wrong("seeds", f"{root} holds no records.", "Set SEEDS_PATH to the right folder.")]
    held = f"{root} holds {count(report.records, 'record')}"
    if not report.failed:
        return [ok("seeds", f"{held}, and no file has a fault.")]
    shown = "; ".join(visible(str(fault)) for fault in report.failed[:MOST_FAULTS])
    advice = f"To see all faults: broadsheet check {root}"
    return [
        wrong("seeds", f"{held}, but {count(len(report.failed), 'file')} can't be used: {shown}.", advice)
    ]


async def check_topics(place: Place) -> list[Finding]:
    """Check that the topics of all running subscriptions have stories, or may still get their first ones."""
    async with open_database(place) as database, database.reading() as connection:
        found = [each for each in await connection.run(subscriptions.present) if each.state is RUNNING]
        lost = await connection.run(topic_losses, found)
    advice = "Those who set its digests up can switch or end them: /digest list has a button."
    return [wrong("topics", f"{visible(loss_text(each))}.", advice) for each in lost.values()]


async def check_refusals(place: Place, now: datetime) -> list[Finding]:
    """Return what isn't shown of stories, the newest first: Discord refused it, or surely would."""
    async with open_database(place) as database, database.reading() as connection:
        found = await connection.run(refusals.recent, now)
    advice = "Correct it in the seed of that story; what isn't shown is tried again after a week."
    return [note("stories", f"{visible(refused_text(each))}.", advice) for each in found[:MOST_REFUSED]]


async def check_clock(place: Place | None, now: datetime) -> Finding:
    """Check that the clock is set, and isn't behind the last reload in the database."""
    advice = "Set the clock, and keep it right with NTP: timedatectl set-ntp true"
    if now < RELEASED:
        return wrong("clock", f"It is {day_and_time(now)} UTC on this machine.", advice)
    if place:
        async with open_database(place) as database, database.reading() as connection:
            last = await connection.run(seeds.last_reload)
        if last and last[0] > now + SKEW:
            message = (
                f"It is {day_and_time(now)} UTC here, but the last reload ended at {day_and_time(last[0])}."
            )
            return wrong("clock", message, advice)
    return ok("clock", f"It is {day_and_time(now)} UTC.")


def check_zones(subscribed: Sequence[Subscription]) -> list[Finding]:
    """Check that the time zones of all subscriptions are known."""
    unknown = sorted({each.options.zone for each in subscribed if not _is_zone(each.options.zone)})
    if unknown or not zone_names():
        message = f"There's no data about {', '.join(unknown) or 'any time zone'}."
        return [wrong("time zones", message, "Install time-zone data: pip install --upgrade tzdata")]
    return [ok("time zones", f"{len(zone_names())} are known, including all that subscriptions use.")]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def check_disk(path: Path) -> Finding:
    """Check that the database's disk has room for a copy of it, and for some growth."""
    files = (path, path.parent / f"{path.name}-wal")
    try:
        folder = _folder_of(path)
        size = sum(file.stat().st_size for file in files if file.exists())
        free, needed = shutil.disk_usage(folder).free, size + SPARE_BYTES
    except OSError as error:
        return _out_of_sight("disk", path, error)
    message = f"{free / 1e6:,.0f} MB are free in {folder}; the database takes {size / 1e6:,.1f} MB."
    if free < needed:
        return wrong("disk", message, f"Free up at least {(needed - free) / 1e6:,.0f} MB.")
    return ok("disk", message)
