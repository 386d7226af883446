"""The commands for feeds: source, collect."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.cli.console import AsJson, look_up, print_json, progress_bar, with_services
from bot.cli.help import NEWS, Headed
from bot.cli.judging import judge_anew
from bot.cli.limits import Servers
from digests.seeds.limits import MAX_QUALITY

if TYPE_CHECKING:
    from bot.services import Services
    from digests.feeds import sources
    from digests.feeds.collect import Collector, Round
    from digests.feeds.lists import ListAdded
    from storage.feeds import Feed

app = typer.Typer()
source_app = typer.Typer(
    cls=Headed, no_args_is_help=True, help="Add, change and check the feeds that news come from."
)
app.add_typer(source_app, name="source", rich_help_panel=NEWS)

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


def _with_collector(work: Callable[["Services", "Collector"], Awaitable[Result]]) -> Result:
    from bot.collecting import open_collector

    async def opened(services: "Services") -> Result:
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
    from bot.cli.documents import source_document
    from bot.cli.sources_output import print_added
    from digests.feeds import sources
    from storage.feeds import FeedOptions

    topics = _given(topic, general=general) or ()
    is_general = general or (topic is not None and not topics)
    options = FeedOptions(name or "", topics, quality, language, general=is_general)

    async def work(services: "Services", collector: "Collector") -> "sources.Added":
        with progress_bar("Fetching", hidden=as_json):
            return await sources.add_feed(
                services.database, collector.checker, services.clock, url, options, unchecked=unchecked
            )

    added = _with_collector(work)
    if as_json:
        print_json(source_document(added.feed))
    else:
        print_added(added)


@source_app.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """List the feeds: how they are, what fails, and when each is checked next."""
    from bot.cli.documents import source_document
    from bot.cli.sources_output import print_sources
    from storage.feeds import feeds

    found = look_up(feeds, may_be_empty=True)
    if as_json:
        print_json([source_document(feed) for feed in found])
    else:
        print_sources(found)


@source_app.command("edit")
def edit_source(
    source: Source,
    topic: Topics = None,
    quality: Quality = None,
    name: Name = None,
    url: Annotated[str | None, typer.Option(help="Its new address.")] = None,
    language: Annotated[str | None, typer.Option(help="The language of its articles.")] = None,
    general: General = False,
    servers: Servers = None,
    pause: Annotated[bool, typer.Option("--pause", help="Stop checking it.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Check it again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Change a feed: only what you name."""
    from bot.cli.documents import source_document
    from bot.cli.sources_output import print_sources
    from digests.feeds import sources
    from storage.feeds import FeedOptions

    if pause and resume:
        raise typer.BadParameter("--pause and --resume exclude each other.")
    topics = _given(topic, general=general)

    async def work(services: "Services") -> "Feed":
        async with services.database.transaction() as connection:
            before = await connection.run(sources.find_source, source)
            old = before.options
            options = FeedOptions(
                name=old.name if name is None else name,
                topics=old.topics if topics is None else topics,
                quality=old.quality if quality is None else quality,
                language=old.language if language is None else language,
                servers=old.servers if servers is None else servers,
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
        print_sources([feed])


def _given(topic: list[str] | None, *, general: bool) -> tuple[str, ...] | None:
    """Return the topics that a feed gives, none if it's general, None where nothing is said of them."""
    from digests.text import clean

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
    from bot.cli.documents import source_document
    from digests.feeds import sources, upkeep
    from storage import feeds

    async def work(services: "Services") -> "Feed":
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
    from bot.cli.documents import record_document, source_document
    from bot.cli.sources_output import print_tested
    from digests.feeds import sources

    async def work(services: "Services", collector: "Collector") -> "sources.Tried":
        with progress_bar("Fetching", hidden=as_json):
            return await sources.try_feed(services.database, collector.checker, services.clock, url)

    tried = _with_collector(work)
    if as_json:
        articles = [record_document(record) for record, _ in tried.records]
        print_json(source_document(tried.feed) | {"articles": articles})
    else:
        print_tested(tried)


# Paths are `readable=False`: an unreadable file is no usage error, and whoever reads it says what is wrong.


@source_app.command("import")
def import_sources(
    file: Annotated[Path, typer.Argument(help="A file of OPML, as feed readers export it.", readable=False)],
    as_json: AsJson = False,
) -> None:
    """Add the feeds that a file lists; they are checked bit by bit."""
    from bot.cli.documents import source_document
    from bot.cli.sources_output import say_added
    from bot.errors import worded
    from digests.feeds.lists import add_list, read_list

    listed = read_list(file)

    async def work(services: "Services") -> "ListAdded":
        return await add_list(services.database, services.clock, listed)

    added = with_services(work)
    if as_json:
        failed = [{"url": url, "problem": worded(error, terminal=True)} for url, error in added.failed]
        print_json(
            {"added": [source_document(feed) for feed in added.added], "known": added.known, "failed": failed}
        )
    else:
        say_added(added)


@source_app.command("export")
def export_sources(
    file: Annotated[
        Path | None,
        typer.Argument(help="The file to write (standard output if you leave this out).", readable=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it exists.")] = False,
) -> None:
    """Write the feeds as OPML, for other feed readers and for broadsheet source import."""
    from digests.errors import ExportExistsError, ExportUnwritableError
    from digests.feeds.lists import listed_feeds
    from digests.feeds.opml import write_opml

    document = write_opml(look_up(listed_feeds, may_be_empty=True), "Broadsheet")
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


@app.command(rich_help_panel=NEWS)
def collect(
    everything: Annotated[
        bool, typer.Option("--all", help="Check every feed now, not only those that are due.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the feeds that are due, store what is new, and end."""
    from bot.cli.documents import round_document
    from bot.cli.sources_output import print_round

    async def work(services: "Services", collector: "Collector") -> "Round":
        await judge_anew(services, hidden=as_json)
        with progress_bar("Checking feeds", hidden=as_json) as show:
            return await collector.collect(everything=everything, on_progress=show)

    done = _with_collector(work)
    if as_json:
        print_json(round_document(done))
    else:
        print_round(done)
