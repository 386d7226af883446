"""Settings from the environment and .env, checked together and frozen."""

import os
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.request import getproxies, proxy_bypass

from dotenv.parser import parse_stream
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from digests.delivery.retention import KEEP_DELIVERIES
from digests.delivery.retry import MAX_LATE
from digests.errors import NoSeedsFolderError
from digests.feeds.hosts import AllowedHosts, allowed_hosts
from digests.seeds.folder import MAX_SEED_BYTES
from digests.subscriptions.subscribe import Limits
from digests.validation import DiscordId, explain

HERE = Path(__file__).parent
CHECKOUT_SEEDS = HERE.parent / "seeds"
SHOWN = 20  # characters of a wrong value: of a misplaced token that is only the bot's id
BUNDLED_SEEDS = CHECKOUT_SEEDS if CHECKOUT_SEEDS.is_dir() else HERE / "sample_seeds"


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


def _ids(value: Any) -> Any:
    if isinstance(value, str):
        return [part for part in value.replace(",", " ").split() if part]
    return value


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _given(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _nameable(path: Path) -> Path:
    if "\0" in str(path):
        raise PydanticCustomError("path", "a path without NUL characters")
    try:
        return path.expanduser()  # no shell has expanded what is in .env
    except RuntimeError as error:
        raise PydanticCustomError("home", "a path in a home folder that exists") from error


def _hosts(value: Any) -> Any:
    try:
        return allowed_hosts(_ids(value)) if isinstance(value, str) else value
    except ValueError as error:
        raise PydanticCustomError("hosts", "names of hosts, IP addresses or networks") from error


def _contact(value: str) -> str:
    if not (value.isascii() and value.isprintable()):
        raise PydanticCustomError("contact", "an address of a page or a mailbox, in ASCII")
    return value.strip()


FilePath = Annotated[Path, AfterValidator(_nameable)]


class Settings(BaseSettings):
    """What an operator can set; environment variables have the fields' names in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    discord_token: Annotated[SecretStr | None, BeforeValidator(_given)] = Field(
        None, description="The bot's token; without it only the sandbox and the command line work"
    )
    seeds_path: FilePath | None = Field(None, description="The folder of seed files; none is read if unset")
    seeds_watch: bool = Field(False, description="Whether to reload when seed files change")
    max_seed_bytes: Annotated[int, Field(ge=1_000)] = Field(
        MAX_SEED_BYTES, description="The largest seed file that is read, in bytes"
    )
    database_path: FilePath = Field(
        Path("data/broadsheet.db"), description="The SQLite database; created if it doesn't exist"
    )
    late_hours: Annotated[int, Field(ge=1, le=48)] = Field(
        MAX_LATE // timedelta(hours=1),
        description="How many hours late an edition may be sent before it is skipped",
    )
    digests_per_server: Annotated[int, Field(ge=0)] = Field(
        50, description="The most digests that a server may have"
    )
    digests_per_person: Annotated[int, Field(ge=0)] = Field(
        10, description="The most digests that a person may get in DMs"
    )
    keep_deliveries_days: Annotated[int, Field(ge=7, le=36_500)] = Field(
        KEEP_DELIVERIES.days, description="How many days deliveries and their reasons are kept"
    )
    private_sources: Annotated[AllowedHosts, NoDecode, BeforeValidator(_hosts)] = Field(
        AllowedHosts(), description="Hosts and networks that feeds may come from though they are private"
    )
    sources_contact: Annotated[str, AfterValidator(_contact)] = Field(
        "", description="A page or mail address that tells feeds' owners who fetches them"
    )
    keep_articles_days: Annotated[int, Field(ge=7, le=36_500)] = Field(
        400, description="How many days articles are kept after they left their feed"
    )
    collect: Annotated[Collect, BeforeValidator(_lower)] = Field(
        Collect.INSIDE, description="inside: the bot checks feeds by itself; off: another process does"
    )
    owner_ids: Annotated[frozenset[DiscordId], NoDecode, BeforeValidator(_ids)] = Field(
        frozenset(), description="Users who may use /admin besides the application's owner or team"
    )
    admin_guild_id: DiscordId | None = Field(
        None, description="The only server in which /admin is registered; all if unset"
    )
    health_port: Annotated[int | None, Field(ge=1, le=65_535)] = Field(
        None, description="The port of /healthz, /readyz and /metrics; none if unset"
    )
    health_host: str = Field("127.0.0.1", description="The address they listen on; 0.0.0.0 for every one")
    log_level: Annotated[LogLevel, BeforeValidator(_lower)] = Field(
        LogLevel.INFO, description="debug, info, warning or error"
    )
    log_format: Annotated[LogFormat, BeforeValidator(_lower)] = Field(
        LogFormat.TEXT, description="text for people, json for machines"
    )

    @property
    def seeds_folder(self) -> Path:
        """The folder of seed files; raises NoSeedsFolderError if none is set."""
        if self.seeds_path is None:
            raise NoSeedsFolderError
        return self.seeds_path

    @property
    def limits(self) -> Limits:
        """How many digests a server or person may have."""
        return Limits(self.digests_per_server, self.digests_per_person)


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment sets for an address: HTTPS_PROXY, HTTP_PROXY, NO_PROXY."""
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
        _require_readable(Path(".env"))
        return Settings()
    except ValidationError as error:
        lines = [
            f"{str(detail['loc'][0]).upper()}: {explain(detail, SHOWN)}"
            for detail in error.errors(include_url=False)
        ]
        message = "These settings, in the environment or in .env, can't be used:\n  " + "\n  ".join(lines)
        raise SettingsError(message) from None
    except UnicodeDecodeError as error:
        raise SettingsError(".env isn't UTF-8 text. Save it as UTF-8.") from error


def _require_readable(file: Path) -> None:
    """Raise SettingsError about a line that can't be read: it would be ignored without a word."""
    if not file.is_file():
        return
    with file.open(encoding="utf-8") as lines:
        broken = next((each.original.line for each in parse_stream(lines) if each.error), None)
    if broken is not None:
        raise SettingsError(f"{file}, line {broken}: can't be read. Write NAME=value, and close its quotes.")
