"""All checks, in order; some depend on what those before them found."""

from collections.abc import AsyncIterator
from pathlib import Path

from bot.doctor.finding import Finding, State, note, ok, wrong
from bot.doctor.local import (
    check_clock,
    check_database,
    check_disk,
    check_refusals,
    check_seeds,
    check_topics,
    check_zones,
    read_subscriptions,
)
from bot.doctor.remote import check_discord
from bot.doctor.sources import check_news, check_sources
from bot.services import Clock
from bot.settings import Settings, SettingsError

NO_TOKEN = note(
    "token",
    "There's no DISCORD_TOKEN, so nothing was checked with Discord.",
    "Put the bot's token into .env. Only the sandbox works without one.",
)


def faults_of_settings(error: SettingsError) -> list[Finding]:
    """Return a finding for each setting that can't be used."""
    lines = [line.strip() for line in str(error).splitlines() if line.startswith(" ")] or [str(error)]
    return [
        wrong("settings", f"{line}.".replace("..", "."), "Correct it in .env (docs/settings.md lists all).")
        for line in lines
    ]


async def examine(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """Yield what each check finds, as soon as it ends."""
    yield ok("settings", "All settings can be used.")
    place = settings.database
    database = await check_database(place)
    for finding in database:
        yield finding
    # Only an undamaged database with this schema can be read further.
    usable = place if all(finding.state is State.OK for finding in database) else None
    subscribed = await read_subscriptions(usable) if usable else []
    for finding in (await check_clock(usable, clock()), *check_zones(subscribed)):
        yield finding
    if isinstance(place, Path):
        yield check_disk(place)
    for finding in await check_seeds(settings, clock):
        yield finding
    for finding in [*await check_news(usable, clock()), *await check_sources(usable)] if usable else []:
        yield finding
    for finding in [*await check_topics(usable), *await check_refusals(usable, clock())] if usable else []:
        yield finding
    if settings.discord_token is None:
        yield NO_TOKEN
        return
    for finding in await check_discord(settings.discord_token.value, subscribed, clock):
        yield finding
