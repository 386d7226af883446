"""Settings from the environment and .env, checked together and frozen."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot import setting_kinds as kinds
from bot.setting_kinds import NotOfKindError, Secret, setting
from digests.delivery.limits import KEEP_DELIVERIES
from digests.delivery.retry import MAX_LATE
from digests.errors import NoSeedsFolderError
from digests.feeds.hosts import AllowedHosts
from digests.seeds.limits import MAX_SEED_BYTES
from digests.subscriptions.limits import Limits
from storage.errors import Place

HERE = Path(__file__).parent
CHECKOUT_SEEDS = HERE.parent / "seeds"
BUNDLED_SEEDS = CHECKOUT_SEEDS if CHECKOUT_SEEDS.is_dir() else HERE / "sample_seeds"
FILE = Path(".env")
REQUESTS = 47  # to Discord in a second: bot/rate_limit.py says why not more
MOST_SHARDS = 1_000  # sessions that a bot may begin in a day, unless it is a very large one


class SettingsError(Exception):
    """Some settings can't be used; the message has a line for each of them."""


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Collect(StrEnum):
    """Which process collects feeds."""

    INSIDE = "inside"
    OFF = "off"


class LogFormat(StrEnum):
    """How logs are written: for people or for machines."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator can set; environment variables have the fields' names in capitals."""

    discord_token: Secret | None = setting(
        kinds.secret, None, "The bot's token; without it, only the sandbox and the command line work"
    )
    seeds_path: Path | None = setting(
        kinds.path,
        None,
        "The folder with the seed files; without it, none is read (the sandbox shows the bundled samples)",
    )
    seeds_watch: bool = setting(kinds.boolean, False, "`true`: reload automatically when seed files change")
    max_seed_bytes: int = setting(
        kinds.whole(1_000), MAX_SEED_BYTES, "The largest seed file to read, in bytes"
    )
    database_path: Path = setting(
        kinds.path, Path("data/broadsheet.db"), "The SQLite database; it's created if it doesn't exist"
    )
    database_url: Secret | None = setting(
        kinds.postgres_url,
        None,
        "The PostgreSQL database to use instead: `postgresql://user:password@host/name`",
    )
    late_hours: int = setting(
        kinds.whole(1, 48),
        MAX_LATE // timedelta(hours=1),
        "How many hours late a digest may arrive; after that it's skipped, and the next one has its stories",
    )
    digests_per_server: int = setting(kinds.whole(0), 50, "How many digests a server may have")
    digests_per_person: int = setting(kinds.whole(0), 10, "How many digests a person may get in DMs")
    keep_deliveries_days: int = setting(
        kinds.whole(7, 36_500), KEEP_DELIVERIES.days, "How many days to keep deliveries and their reasons"
    )
    private_sources: AllowedHosts = setting(
        kinds.hosts,
        AllowedHosts(),
        "Hosts, IP addresses and networks that feeds may come from though they are private",
    )
    sources_contact: str = setting(
        kinds.contact, "", "A page or mail address that tells the owners of feeds who fetches them"
    )
    keep_articles_days: int = setting(
        kinds.whole(7, 36_500), 400, "How many days to keep articles after they have left their feed"
    )
    collect: Collect = setting(
        kinds.one_of(Collect),
        Collect.INSIDE,
        "`inside`: the bot checks feeds by itself; `off`: another process does",
    )
    owner_ids: frozenset[int] = setting(
        kinds.ids,
        frozenset(),
        "Comma-separated IDs of people who may use `/admin`, besides the application's owner or team",
    )
    admin_guild_id: int | None = setting(
        kinds.one_id,
        None,
        "The only server to register `/admin` in; by default it's everywhere, for the owners only",
    )
    shards: int | None = setting(
        kinds.whole(1, MOST_SHARDS),
        None,
        "How many shards to connect to Discord with; by default as many as Discord recommends",
    )
    shard_groups: int | None = setting(
        kinds.whole(1, MOST_SHARDS),
        None,
        "How many processes share the shards, each a group of them; by default one process has all",
    )
    requests_per_second: int = setting(
        kinds.whole(1, 10_000),
        REQUESTS,
        "How many requests to Discord to make in a second; Discord takes 50, and more from some large bots",
    )
    health_port: int | None = setting(
        kinds.whole(1, 65_535),
        None,
        "The port for `/healthz`, `/readyz` and `/metrics`; by default there is none",
    )
    health_host: str = setting(
        str,
        "127.0.0.1",
        "The address that port listens on: `127.0.0.1` for this machine only, `0.0.0.0` for everywhere",
    )
    log_level: LogLevel = setting(
        kinds.one_of(LogLevel), LogLevel.INFO, "`debug`, `info`, `warning` or `error`"
    )
    log_format: LogFormat = setting(
        kinds.one_of(LogFormat), LogFormat.TEXT, "`text` for people, `json` for machines"
    )

    @property
    def seeds_folder(self) -> Path:
        """The folder of seed files; raises NoSeedsFolderError if none is set."""
        if self.seeds_path is None:
            raise NoSeedsFolderError
        return self.seeds_path

    @property
    def database(self) -> Place:
        """Where the database is: its file, or its URL."""
        return self.database_url.value if self.database_url else self.database_path

    @property
    def database_file(self) -> Path:
        """The file of the database; raises SettingsError where PostgreSQL has it."""
        if self.database_url:
            raise SettingsError(
                "DATABASE_URL is set, so this isn't about a file: back the PostgreSQL database up with"
                " pg_dump, and restore it with pg_restore."
            )
        return self.database_path

    @property
    def limits(self) -> Limits:
        """How many digests a server or person may have."""
        return Limits(self.digests_per_server, self.digests_per_person)


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment sets for an address: HTTPS_PROXY, HTTP_PROXY, NO_PROXY."""
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - most commands open no address

    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    if proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(scheme) or proxies.get("all")


class Supervision(NamedTuple):
    """How whatever started the bot wants to hear of it: systemd's NOTIFY_SOCKET, and its watchdog."""

    address: str  # of a datagram socket
    watchdog: float | None  # seconds within which it wants a sign of life


def supervision() -> Supervision | None:
    """Return who wants to hear of the bot, None if nobody does."""
    address, pid = os.environ.get("NOTIFY_SOCKET"), os.environ.get("WATCHDOG_PID")
    if not address:
        return None
    watched = pid is None or pid == str(os.getpid())
    microseconds = os.environ.get("WATCHDOG_USEC", "") if watched else ""
    return Supervision(address, int(microseconds) / 1e6 if microseconds.isdecimal() else None)


def load_settings() -> Settings:
    """Return the settings; raises SettingsError, which names every one that is wrong."""
    try:
        _require_readable()
        written = dict(_written())
    except UnicodeDecodeError as error:
        raise SettingsError(".env isn't UTF-8 text. Save it as UTF-8.") from error
    values: dict[str, Any] = {}
    faults: list[str] = []
    for each in fields(Settings):
        if each.name in written:
            try:
                values[each.name] = each.metadata["read"](written[each.name])
            except NotOfKindError as error:
                faults += [f"{each.name.upper()}: {fault}" for fault in error.faults]
    if faults:
        raise SettingsError(
            "These settings, in the environment or in .env, can't be used:\n  " + "\n  ".join(faults)
        )
    return Settings(**values)


def _written() -> Iterator[tuple[str, str]]:
    """Yield the names, in small letters, and texts that .env sets, then those that the environment does.

    Later ones win, and what is empty is as good as not there.
    """
    for place in (dotenv_values(FILE, encoding="utf-8"), os.environ):
        for name, text in place.items():
            if text:
                yield name.lower(), text


def _require_readable() -> None:
    """Raise SettingsError about a line that can't be read: it would be ignored without a word."""
    if not FILE.is_file():
        return
    with FILE.open(encoding="utf-8") as lines:
        broken = next((each.original.line for each in parse_stream(lines) if each.error), None)
    if broken is not None:
        raise SettingsError(f"{FILE}, line {broken}: can't be read. Write NAME=value, and close its quotes.")
