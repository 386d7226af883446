"""The command line: `broadsheet`, also `python -m bot`."""

import asyncio
import errno
import io
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from bot.cli import data, judging, sources, story
from bot.cli.console import AsJson, print_json, progress_bar, read_settings, with_services
from bot.cli.documents import edition_document, search_document, topic_document
from bot.cli.exits import FAULT, code_of_run
from bot.cli.output import print_edition, print_report, print_results, print_topics
from bot.errors import worded
from bot.services import Services, utc_now
from bot.settings import Settings, SettingsError
from digests.dates import end_of, parse_past, parse_when, start_of
from digests.editions.candidates import DEFAULT_STORIES, MAX_STORIES, EditionOptions
from digests.editions.edition import Edition
from digests.editions.preview import preview_edition
from digests.errors import BroadsheetError, NothingLoadedError
from digests.feeds.judging import Judge, explained
from digests.feeds.records import Judged
from digests.lookup.providers import find_provider
from digests.lookup.search import search_stories
from digests.lookup.topics import find_topic, find_topics
from digests.seeds import reload as reloading
from digests.seeds.schema import MAX_QUALITY
from digests.stories.reindex import reindex
from digests.text import visible
from storage import topics as stored_topics
from storage.errors import StorageError
from storage.models import Page, Subject
from storage.search.index import Filters, Order
from storage.stories import newest_article

ALL_TIME = datetime(9000, 1, 1, tzinfo=UTC)  # scripts see everything stored, even what is dated in the future
SAID = (BroadsheetError, SettingsError, StorageError)  # errors that are a sentence to people
PRIVATE = 0o077  # files and folders that are made are for the owner alone
MinQuality = Annotated[
    int, typer.Option(min=0, max=MAX_QUALITY, help="Minimum quality (most good articles score 60 to 100).")
]

app = typer.Typer(
    name="broadsheet",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(data.app)
app.add_typer(sources.app)
app.add_typer(judging.app)
app.add_typer(story.app)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(version("broadsheet"))
        raise typer.Exit


@app.callback()
def broadsheet(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Post daily news digests to Discord, with the best article about each story."""


def main() -> None:
    """Run the command line; an error of the input is a sentence on stderr and exit code 1."""
    os.umask(PRIVATE)
    if sys.stdout is None:  # whoever started this has closed it
        sys.stdout = io.StringIO()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for terminals that can't show every letter
    for number in (signal.SIGTERM, signal.SIGHUP):  # as SIGINT does, so that what was begun is cleaned up
        signal.signal(number, _end)
    try:
        _run_and_flush()
    except SAID as error:
        _stop(_sentence(error))
    except OSError as error:
        if error.filename is not None:
            _stop(_sentence(error))
        if error.errno not in {errno.EPIPE, errno.ENOSPC}:
            raise
        # The rest of the output would fail again when the interpreter exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _stop("" if error.errno == errno.EPIPE else f"The output can't be written ({error.strerror}).")


def _sentence(error: BaseException) -> str:
    """Return what to say of an error that is no fault of the program."""
    if isinstance(error, OSError):
        return f"{error.filename} can't be used ({error.strerror})."
    return str(error) if isinstance(error, SettingsError) else worded(error, terminal=True)


def _run_and_flush() -> None:
    """Run the command, and flush its output while a failure can still be reported."""
    try:
        app()
    finally:
        sys.stdout.flush()


def _end(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)


def _stop(sentence: str, code: int = FAULT) -> NoReturn:
    if sentence:
        typer.echo("\n".join(map(visible, sentence.split("\n"))), err=True)
    sys.exit(code)


@app.command()
def run(
    or_sandbox: Annotated[
        bool, typer.Option("--or-sandbox", help="Open the sandbox if there is no token.")
    ] = False,
) -> None:
    """Connect to Discord and post digests until stopped. Needs DISCORD_TOKEN.

    Exits with 78 if token, settings or database must be changed first, with 75 if it may work later.
    """
    try:
        settings = read_settings()
        if or_sandbox and settings.discord_token is None:
            _sandbox(settings, port=0, browser=True)
            return
        from bot.app import run as run_bot  # noqa: PLC0415 - Discord's library takes a while to load

        asyncio.run(run_bot(settings))
    except SAID as error:
        _stop(_sentence(error), code_of_run(error))
    except OSError as error:
        if error.filename is None:
            raise
        _stop(_sentence(error), code_of_run(error))


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The page's port (0 picks a free one).")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in your browser.")] = True,
) -> None:
    """Try the bot on a local web page, without Discord or a token. Nothing is kept."""
    _sandbox(read_settings(), port=port, browser=browser)


# Paths are `readable=False`: an unreadable file is no usage error, and whoever reads it says what is wrong.


@app.command()
def reload(
    path: Annotated[
        Path | None,
        typer.Argument(help="The folder of seeds (SEEDS_PATH if you leave this out).", readable=False),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Read every file again, and go ahead even if most records would be removed."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Update the database from a folder of seeds, and say what changed."""

    async def work(services: Services) -> reloading.Report:
        root = path or services.settings.seeds_folder
        with _reading(hidden=as_json) as show:
            report = await services.reloader.reload(root, force=force, on_progress=show)
        await reindex(services.database)
        await judging.judge_anew(services, hidden=as_json)
        return report

    _show_report(with_services(work), as_json=as_json)


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="The folder of seeds.", readable=False)],
    as_json: AsJson = False,
) -> None:
    """Check a folder of seeds without storing anything. Exits with 1 if a file is wrong."""
    max_bytes = read_settings().max_seed_bytes
    with _reading(hidden=as_json) as show:
        report = asyncio.run(reloading.check(path, utc_now, max_bytes=max_bytes, on_progress=show))
    _show_report(report, as_json=as_json)
    if report.failed:
        raise typer.Exit(1)


@app.command()
def topics(as_json: AsJson = False) -> None:
    """List the topics."""

    async def work(services: Services) -> list[Any]:
        async with services.database.reading() as connection:
            return await connection.run(stored_topics.summaries, ALL_TIME)

    summaries = with_services(work)
    if as_json:
        print_json([topic_document(summary) for summary in summaries])
    elif not summaries:
        raise NothingLoadedError
    else:
        print_topics(Console(), summaries)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help='Words, "exact phrases", -without, or a link.')],
    topic: Annotated[str | None, typer.Option(help="Only stories on this topic.")] = None,
    outlet: Annotated[
        str | None, typer.Option(help="Only articles from this outlet (name or domain).")
    ] = None,
    source: Annotated[str | None, typer.Option(help="The old name of --outlet.", hidden=True)] = None,
    since: Annotated[
        str | None, typer.Option(help="Published on or after, for example 2026-01-31, '3 days', 'last week'.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Published on or before.")] = None,
    min_quality: MinQuality = 0,
    order: Annotated[Order, typer.Option(help="What to show first.")] = Order.MATCH,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of stories.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Find stories by words in their titles, excerpts and outlets."""
    named = outlet or source

    async def work(services: Services) -> Any:
        async with services.database.reading() as connection:
            filters = Filters(
                topic_id=(await connection.run(find_topic, topic, ALL_TIME)).id if topic else None,
                provider_ids=(await connection.run(find_provider, named)).ids if named else (),
                since=start_of(parse_past(since, services.clock())) if since else None,
                until=end_of(parse_past(until, services.clock())) if until else None,
                min_quality=min_quality,
            )
            if not as_json and await connection.run(newest_article, ALL_TIME) is None:
                raise NothingLoadedError
            return await connection.run(search_stories, query, filters, Page(ALL_TIME, limit), order)

    found = with_services(work)
    if as_json:
        print_json(search_document(query, found))
    else:
        print_results(Console(), query, found)


@app.command()
def preview(
    topic: Annotated[str, typer.Argument(help="The topic's name, or several with commas between.")],
    on: Annotated[
        str | None,
        typer.Option(
            help="Last day, or a moment with its time zone (the newest story's day if you leave this out)."
        ),
    ] = None,
    days: Annotated[
        int, typer.Option(min=1, max=3660, help="Number of days, up to and including that day.")
    ] = 1,
    limit: Annotated[
        int, typer.Option(min=1, max=MAX_STORIES, help="Maximum number of stories.")
    ] = DEFAULT_STORIES,
    min_quality: MinQuality = 0,
    why: Annotated[
        bool, typer.Option("--why", help="Also print why each story was picked or left out.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """See what a topic's digest would look like."""

    async def work(services: Services) -> tuple[Edition, dict[int, Judged]]:
        async with services.database.reading() as connection:
            found = Subject(await connection.run(find_topics, topic, ALL_TIME))
            when = parse_when(on) if on else None
            options = EditionOptions(limit, min_quality)
            edition = await connection.run(preview_edition, found, when, days, options, ALL_TIME)
            picks = [each.pick_id for each in edition.rulings if each.pick_id is not None]
            by = await connection.run(Judge(services.database).judgement)
            return edition, await connection.run(explained, picks, by)

    edition, judged = with_services(work)
    if as_json:
        print_json(edition_document(edition))
    else:
        print_edition(Console(), edition, why=why, judged=judged)


def _sandbox(settings: Settings, *, port: int, browser: bool) -> None:
    logging.getLogger("discord").setLevel(logging.ERROR)  # the simulation makes it warn for no reason
    try:
        from bot.sandbox.page import run_sandbox  # noqa: PLC0415 - an extra, which may not be installed
    except ModuleNotFoundError as error:
        message = (
            "The sandbox isn't installed. In a clone of the repository, run `make sandbox`, or install it"
            " with `uv tool install --force '.[sandbox]'` or `pipx install --force '.[sandbox]'`."
        )
        raise SettingsError(message) from error
    asyncio.run(run_sandbox(settings, port=port, browser=browser))


@contextmanager
def _reading(*, hidden: bool) -> Iterator[Callable[[reloading.ReloadProgress], None]]:
    with progress_bar("Reading seeds", hidden=hidden) as show:
        yield lambda progress: show(progress.done, progress.files)


def _show_report(report: reloading.Report, *, as_json: bool) -> None:
    if as_json:
        print_json(report.to_json())
    else:
        print_report(Console(), report)
