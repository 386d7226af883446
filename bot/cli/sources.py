"""The commands for feeds: source, collect."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from bot.cli.console import AsJson, print_json, progress_bar, with_services
from bot.cli.documents import record_document, round_document, source_document
from bot.cli.judging import judge_anew
from bot.cli.sources_output import (
    print_added,
    print_round,
    print_sources,
    print_tested,
    say_added,
)
from bot.errors import worded
from bot.services import Services
from digests.errors import ExportExistsError, ExportUnwritableError
from digests.feeds import lists, sources, upkeep
from digests.feeds.collect import Collector, Round
from digests.feeds.opml import write_opml
from digests.seeds.schema import MAX_QUALITY
from digests.text import clean
from storage import feeds
from storage.feeds import FeedOptions

app = typer.Typer()
source_app = typer.Typer(no_args_is_help=True, help="Add, change and check the feeds that news come from.")
app.add_typer(source_app, name="source")

Result = TypeVar("Result")
Topics = Annotated[
    list[str] | None, typer.Option("--topic", help="A topic that its articles get; may be repeated.")
]
General = Annotated[
    bool,
    typer.Option("--general", help="Give its articles no topic but those that are found in their titles."),
]
Name = Annotated[str | None, typer.Option(help="What to call it, instead of its own title.")]
Quality = Annotated[
    int | None,
    typer.Option(min=0, max=MAX_QUALITY, help="How good its articles usually are."),
]
Source = Annotated[str, typer.Argument(help="Its number, address or name.")]


def _with_collector(work: Callable[[Services, Collector], Awaitable[Result]]) -> Result:
    async def opened(services: Services) -> Result:
        # aiohttp takes a while to load.
        from bot.collecting import open_collector  # noqa: PLC0415

        async with open_collector(services) as collector:
            return await work(services, collector)

    return with_services(opened)


@source_app.command("add")
def add_source(
    url: Annotated[str, typer.Argument(help="The address of a feed, or of a page that has one.")],
    topic: Topics = None,
    name: Name = None,
    quality: Quality = None,
    language: Annotated[str, typer.Option(help="The language of its articles, if it doesn't say.")] = "",
    general: General = False,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Add it even if it can't be fetched now.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add a feed, fetch it and say what it holds."""
    topics = _given(topic, general=general) or ()
    is_general = general or (topic is not None and not topics)
    options = FeedOptions(name or "", topics, quality, language, general=is_general)

    async def work(services: Services, collector: Collector) -> sources.Added:
        with progress_bar("Fetching", hidden=as_json):
            return await sources.add_feed(
                services.database, collector.checker, services.clock, url, options, unchecked=unchecked
            )

    added = _with_collector(work)
    if as_json:
        print_json(source_document(added.feed))
    else:
        print_added(Console(), added)


@source_app.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """List the feeds: how they are, what fails, and when each is checked next."""

    async def work(services: Services) -> list[feeds.Feed]:
        async with services.database.reading() as connection:
            return await connection.run(feeds.feeds)

    found = with_services(work)
    if as_json:
        print_json([source_document(feed) for feed in found])
    else:
        print_sources(Console(), found)


@source_app.command("edit")
def edit_source(
    source: Source,
    topic: Topics = None,
    quality: Quality = None,
    name: Name = None,
    url: Annotated[str | None, typer.Option(help="Its new address.")] = None,
    language: Annotated[str | None, typer.Option(help="The language of its articles.")] = None,
    general: General = False,
    pause: Annotated[bool, typer.Option("--pause", help="Stop checking it.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Check it again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Change a feed: only what you name."""
    if pause and resume:
        raise typer.BadParameter("--pause and --resume exclude each other.")
    topics = _given(topic, general=general)

    async def work(services: Services) -> feeds.Feed:
        async with services.database.transaction() as connection:
            before = await connection.run(sources.find_source, source)
            old = before.options
            options = FeedOptions(
                name=old.name if name is None else name,
                topics=old.topics if topics is None else topics,
                quality=old.quality if quality is None else quality,
                language=old.language if language is None else language,
                servers=old.servers,
                paused=(old.paused or pause) and not resume,
                general=old.general if topics is None else not topics,
            )
            feed = await sources.change_feed(
                connection, before.id, options, url, services.clock(), resume=resume
            )
        await judge_anew(services, hidden=as_json)
        return feed

    feed = with_services(work)
    if as_json:
        print_json(source_document(feed))
    else:
        print_sources(Console(), [feed])


def _given(topic: list[str] | None, *, general: bool) -> tuple[str, ...] | None:
    """Return the topics that a feed gives, none if it's general, None where nothing is said of them."""
    if general and topic:
        raise typer.BadParameter("--general and --topic exclude each other.")
    if general:
        return ()
    return None if topic is None else tuple(filter(None, map(clean, topic)))


@source_app.command("remove")
def remove_source(
    source: Source,
    forget: Annotated[
        bool, typer.Option("--forget", help="Also forget the articles that only this feed had.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Stop fetching a feed; its articles stay as long as KEEP_ARTICLES_DAYS says."""

    async def work(services: Services) -> feeds.Feed:
        async with services.database.transaction() as connection:
            feed = await connection.run(sources.find_source, source)
            await feeds.remove(connection, feed.id, services.clock())
        if forget:
            await upkeep.forget_feed(services.database, feed.id, services.clock())
        return feed

    feed = with_services(work)
    if as_json:
        print_json(source_document(feed))
    else:
        kept = "its articles are forgotten" if forget else "its articles stay"
        typer.echo(f"Removed {feed.name}; {kept}.")


@source_app.command("test")
def try_source(
    url: Annotated[str, typer.Argument(help="The address of a feed, or of a page that has one.")],
    as_json: AsJson = False,
) -> None:
    """Fetch a feed and show what its articles would be, without storing anything."""

    async def work(services: Services, collector: Collector) -> sources.Tried:
        with progress_bar("Fetching", hidden=as_json):
            return await sources.try_feed(services.database, collector.checker, services.clock, url)

    tried = _with_collector(work)
    if as_json:
        articles = [record_document(record) for record, _ in tried.records]
        print_json(source_document(tried.feed) | {"articles": articles})
    else:
        print_tested(Console(), tried)


# Paths are `readable=False`: an unreadable file is no usage error, and whoever reads it says what is wrong.


@source_app.command("import")
def import_sources(
    file: Annotated[Path, typer.Argument(help="A file of OPML, as feed readers export it.", readable=False)],
    as_json: AsJson = False,
) -> None:
    """Add the feeds that a file lists; they are checked bit by bit."""
    listed = lists.read_list(file)

    async def work(services: Services) -> lists.ListAdded:
        return await lists.add_list(services.database, services.clock, listed)

    added = with_services(work)
    if as_json:
        failed = [{"url": url, "problem": worded(error, terminal=True)} for url, error in added.failed]
        print_json(
            {"added": [source_document(feed) for feed in added.added], "known": added.known, "failed": failed}
        )
    else:
        say_added(Console(), added)


@source_app.command("export")
def export_sources(
    file: Annotated[
        Path | None,
        typer.Argument(help="The file to write (standard output if you leave this out).", readable=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it exists.")] = False,
) -> None:
    """Write the feeds as OPML, for other feed readers and for broadsheet source import."""

    async def work(services: Services) -> bytes:
        async with services.database.reading() as connection:
            return write_opml(await connection.run(lists.listed_feeds), "Broadsheet")

    document = with_services(work)
    if file is None:
        typer.echo(document.decode(), nl=False)
        return
    try:
        with file.open("wb" if force else "xb") as opened:
            opened.write(document)
    except FileExistsError as error:
        raise ExportExistsError(file) from error
    except OSError as error:
        raise ExportUnwritableError(file, error.strerror or str(error)) from error
    typer.echo(f"Wrote {file}. To import it elsewhere: broadsheet source import {file}")


@app.command()
def collect(
    everything: Annotated[
        bool, typer.Option("--all", help="Check every feed now, not only those that are due.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the feeds that are due, store what is new, and end."""

    async def work(services: Services, collector: Collector) -> Round:
        await judge_anew(services, hidden=as_json)
        with progress_bar("Checking feeds", hidden=as_json) as show:
            return await collector.collect(everything=everything, on_progress=show)

    done = _with_collector(work)
    if as_json:
        print_json(round_document(done))
    else:
        print_round(Console(), done)
