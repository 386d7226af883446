"""The command line: `broadsheet`, also `python -m bot`."""

import errno
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.cli import copying, data, judging, lookups, sources, story
from bot.cli.console import AsJson, print_json, progress_bar, read_settings, with_services
from bot.cli.help import NEWS, RUN, Headed
from bot.locale.catalogs import ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from bot.services import Services
    from bot.settings import Settings
    from digests.seeds.reload import ReloadProgress, Report

PRIVATE = 0o077  # files and folders that are made are for the owner alone

# Help and usage errors are plain text: rich's take three times as long to load as all the rest.
app = typer.Typer(
    name="broadsheet",
    cls=Headed,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (sources, judging, lookups, story, data, copying):
    app.add_typer(part.app)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

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
    except OSError as error:
        if sentence := _sentence(error):
            _stop(sentence)
        if error.errno not in {errno.EPIPE, errno.ENOSPC}:
            raise
        # The rest of the output would fail again when the interpreter exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _stop("" if error.errno == errno.EPIPE else f"The output can't be written ({error.strerror}).")
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        _stop(sentence)


def _run_and_flush() -> None:
    """Run the command, and flush its output while a failure can still be reported."""
    try:
        app()
    finally:
        sys.stdout.flush()


def _sentence(error: Exception) -> str | None:
    """Return what happened and what to do next, None if that is a fault of the program."""
    from bot.errors import worded
    from bot.settings import SettingsError
    from digests.errors import BroadsheetError
    from storage.errors import StorageError

    if isinstance(error, BroadsheetError | StorageError):
        return worded(error, terminal=True)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename} can't be used ({error.strerror})."
    return str(error) if isinstance(error, SettingsError) else None


def _end(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)


def _stop(sentence: str, code: int = 1) -> NoReturn:
    from digests.text import visible

    if sentence:
        typer.echo("\n".join(map(visible, sentence.split("\n"))), err=True)
    sys.exit(code)


@app.command(rich_help_panel=RUN)
def run(
    or_sandbox: Annotated[
        bool, typer.Option("--or-sandbox", help="Open the sandbox if there is no token.")
    ] = False,
    collector: Annotated[
        bool,
        typer.Option(
            "--collector",
            help="Of several processes, be the one that reads feeds and seeds for all, without connecting.",
        ),
    ] = False,
) -> None:
    """Connect to Discord and post digests until stopped. Needs DISCORD_TOKEN.

    Exits with 78 if token, settings or database must be changed first, with 75 if it may work later.
    """
    import asyncio

    from bot.cli.exits import code_of_run

    try:
        settings = read_settings()
        if or_sandbox and settings.discord_token is None:
            _sandbox(settings, port=0, browser=True)
            return
        from bot.app import run as run_bot

        asyncio.run(run_bot(settings, is_collector=collector))
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        _stop(sentence, code_of_run(error))


@app.command(rich_help_panel=RUN)
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The page's port (0 picks a free one).")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in your browser.")] = True,
    language: Annotated[
        str, typer.Option(help="The language of everyone on the page: the name of a catalog, such as de.")
    ] = ENGLISH,
) -> None:
    """Try the bot on a local web page, without Discord or a token. Nothing is kept."""
    if language not in LANGUAGES:
        raise typer.BadParameter(f"there is no {language}. Take one of {', '.join(LANGUAGES)}.")
    _sandbox(read_settings(), port=port, browser=browser, language=language)


@app.command(rich_help_panel=RUN)
def invite(as_json: AsJson = False) -> None:
    """Print the link that invites the bot to a server. Needs DISCORD_TOKEN."""
    import asyncio

    from bot.app import find_invite

    link = asyncio.run(find_invite(read_settings()))
    if as_json:
        print_json({"url": link})
    else:
        typer.echo(link)


# Paths are `readable=False`: an unreadable file is no usage error, and whoever reads it says what is wrong.


@app.command(rich_help_panel=NEWS)
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
    from digests.stories.reindex import reindex

    async def work(services: "Services") -> "Report":
        root = path or services.settings.seeds_folder
        with _reading(hidden=as_json) as show:
            report = await services.reloader.reload(root, force=force, on_progress=show)
        await reindex(services.database)
        await judging.judge_anew(services, hidden=as_json)
        return report

    _show_report(with_services(work), as_json=as_json)


@app.command(rich_help_panel=NEWS)
def check(
    path: Annotated[Path, typer.Argument(help="The folder of seeds.", readable=False)],
    as_json: AsJson = False,
) -> None:
    """Check a folder of seeds without storing anything. Exits with 1 if a file is wrong."""
    import asyncio

    from bot.services import utc_now
    from digests.seeds.reload import check as check_seeds

    max_bytes = read_settings().max_seed_bytes
    with _reading(hidden=as_json) as show:
        report = asyncio.run(check_seeds(path, utc_now, max_bytes=max_bytes, on_progress=show))
    _show_report(report, as_json=as_json)
    if report.failed:
        raise typer.Exit(1)


def _sandbox(settings: "Settings", *, port: int, browser: bool, language: str = ENGLISH) -> None:
    import asyncio
    import logging

    logging.getLogger("discord").setLevel(logging.ERROR)  # the simulation makes it warn for no reason
    try:
        from bot.sandbox.page import run_sandbox
    except ModuleNotFoundError as error:
        from bot.settings import SettingsError

        message = (
            "The sandbox isn't installed. In a clone of the repository, run `make sandbox`, or install it"
            " with `uv tool install --force '.[sandbox]'` or `pipx install --force '.[sandbox]'`."
        )
        raise SettingsError(message) from error
    asyncio.run(run_sandbox(settings, port=port, browser=browser, language=language))


@contextmanager
def _reading(*, hidden: bool) -> Iterator[Callable[["ReloadProgress"], None]]:
    with progress_bar("Reading seeds", hidden=hidden) as show:
        yield lambda progress: show(progress.done, progress.files)


def _show_report(report: "Report", *, as_json: bool) -> None:
    from bot.cli.output import print_report

    if as_json:
        print_json(report.to_json())
    else:
        print_report(report)
