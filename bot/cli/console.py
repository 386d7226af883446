"""What the command line's commands share: settings, services, progress, JSON."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress

from bot.logs import set_up_logs
from bot.services import Services, open_services
from bot.settings import Settings, load_settings

Result = TypeVar("Result")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]


def read_settings() -> Settings:
    """Return the settings and set up the logs as they say; raises SettingsError."""
    settings = load_settings()
    token = settings.discord_token.get_secret_value().strip() if settings.discord_token else ""
    set_up_logs(settings.log_level, settings.log_format, [token])
    return settings


def with_services(work: Callable[[Services], Awaitable[Result]]) -> Result:
    """Open the database of the settings, run `work` on it, and return the result."""

    async def opened() -> Result:
        async with open_services(read_settings()) as services:
            return await work(services)

    return asyncio.run(opened())


@contextmanager
def progress_bar(label: str, *, hidden: bool) -> Iterator[Callable[[int, int | None], None]]:
    """Yield a function that shows (done, of how many) as a bar on stderr, if that is a terminal.

    None stands for nobody knows how many.
    """
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=hidden or not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    print(json.dumps(document, ensure_ascii=plain, indent=2))  # noqa: T201
