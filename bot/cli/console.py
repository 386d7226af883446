"""What the command line's commands share: settings, services, lookups, tables, progress, JSON.

A command imports what it works with when it runs: `--help` would take ten times as long otherwise.
"""

import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from bot.services import Services
    from bot.settings import Settings
    from storage.engine import ReadConnection

WIDE = 1_000  # characters of a line that goes to a file or a program

Result = TypeVar("Result")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]


def read_settings() -> "Settings":
    """Return the settings and set up the logs as they say; raises SettingsError."""
    from bot.logs import set_up_logs
    from bot.settings import load_settings

    settings = load_settings()
    secrets = [each.value for each in (settings.discord_token, settings.database_url) if each]
    set_up_logs(settings.log_level, settings.log_format, secrets)
    return settings


def with_services(work: Callable[["Services"], Awaitable[Result]]) -> Result:
    """Open the database of the settings, run `work` on it, and return the result."""
    import asyncio

    from bot.services import open_services

    async def opened() -> Result:
        async with open_services(read_settings()) as services:
            return await work(services)

    return asyncio.run(opened())


def look_up(read: Callable[["ReadConnection"], Result], *, may_be_empty: bool = False) -> Result:
    """Return what `read` finds in the database; raises NothingLoadedError if no news is stored."""
    import asyncio

    from digests.errors import NothingLoadedError
    from storage.opening import open_database
    from storage.seeds import totals

    def found(reader: "ReadConnection") -> Result:
        if not may_be_empty and not totals(reader).articles:
            raise NothingLoadedError
        return read(reader)

    async def opened() -> Result:
        async with open_database(read_settings().database) as database, database.reading() as connection:
            return await connection.run(found)

    return asyncio.run(opened())


def print_lines(*lines: str) -> None:
    """Print lines as they are, whole, with what a terminal would obey made visible."""
    from digests.text import visible

    for line in lines:
        typer.echo(visible(line))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; what is too long for its column goes on below, nothing is cut."""
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    from digests.text import visible

    table = Table(*(Column(heading, overflow="fold") for heading in headings))
    for row in rows:
        table.add_row(*(Text(visible(str(cell))) for cell in row))
    Console(highlight=False, width=None if sys.stdout.isatty() else WIDE).print(table)


@contextmanager
def progress_bar(label: str, *, hidden: bool) -> Iterator[Callable[[int, int | None], None]]:
    """Yield a function that shows (done, of how many) as a bar on stderr, if that is a terminal.

    None stands for nobody knows how many.
    """
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=hidden or not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    import json

    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    print(json.dumps(document, ensure_ascii=plain, indent=2))  # noqa: T201
