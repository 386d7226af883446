"""All checks in order, each on what those before it found."""

from collections.abc import AsyncIterator

from bot.doctor.finding import Finding, State, note, ok, wrong
from bot.doctor.local import (
    check_clock,
    check_database,
    check_disk,
    check_seeds,
    check_zones,
    read_subscriptions,
)
from bot.doctor.remote import check_discord
from bot.services import Clock
from bot.settings import Settings, SettingsError

NO_TOKEN = note(
    "token",
    "There is no DISCORD_TOKEN, so nothing was asked of Discord.",
    "Put it into .env; only the sandbox works without.",
)


def faults_of_settings(error: SettingsError) -> list[Finding]:
    """Return a finding for each setting that can't be used."""
    lines = [line.strip() for line in str(error).splitlines() if line.startswith(" ")] or [str(error)]
    return [
        wrong("settings", f"{line}.".replace("..", "."), "Correct it in .env, see README.md.")
        for line in lines
    ]


async def examine(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """Yield what each check finds, as it ends."""
    yield ok("settings", "All can be used.")
    path = settings.database_path
    database = await check_database(path)
    for finding in database:
        yield finding
    # What lies in the database can be asked only of one that is whole and of this schema.
    usable = path if all(finding.state is State.OK for finding in database) else None
    subscribed = await read_subscriptions(usable) if usable else []
    for finding in (await check_clock(usable, clock()), *check_zones(subscribed), check_disk(path)):
        yield finding
    for finding in await check_seeds(settings, clock):
        yield finding
    if settings.discord_token is None:
        yield NO_TOKEN
        return
    token = settings.discord_token.get_secret_value().strip()
    for finding in await check_discord(token, subscribed, clock):
        yield finding
