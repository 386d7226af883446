"""The commands for what articles of feeds are judged by: topic, outlet."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import AsJson, look_up, print_json, progress_bar, with_services
from bot.cli.help import NEWS, Headed
from bot.cli.limits import Servers
from digests.seeds.limits import MAX_QUALITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.services import Services
    from digests.feeds.own_topics import OwnTopic
    from digests.stories.quality import Level
    from storage.engine import ReadConnection
    from storage.outlets import OutletArticles

app = typer.Typer()
topic_app = typer.Typer(
    cls=Headed, no_args_is_help=True, help="Describe topics, and the keywords that find them."
)
outlet_app = typer.Typer(cls=Headed, no_args_is_help=True, help="Say how good outlets are.")
app.add_typer(topic_app, name="topic", rich_help_panel=NEWS)
app.add_typer(outlet_app, name="outlet", rich_help_panel=NEWS)

Keywords = Annotated[
    list[str] | None, typer.Option("--keyword", help="A word or phrase in titles; may be repeated.")
]
Parent = Annotated[str | None, typer.Option(help="The topic that it is part of.")]
Excerpts = Annotated[
    bool | None, typer.Option("--excerpts/--no-excerpts", help="Look for the keywords in excerpts as well.")
]


async def judge_anew(services: "Services", *, hidden: bool) -> None:
    """Judge waiting articles again; if this is interrupted, the bot or the next command resumes."""
    from digests.feeds.judging import Judge, judge_pending

    with progress_bar("Judging articles", hidden=hidden) as show:
        database, clock = services.database, services.clock
        await judge_pending(database, Judge(database), clock, on_progress=lambda done: show(done, None))


@topic_app.command("add")
def add_topic(
    name: Annotated[str, typer.Argument(help="The topic's name.")],
    keyword: Keywords = None,
    parent: Parent = None,
    excerpts: Excerpts = False,
    servers: Servers = None,
    as_json: AsJson = False,
) -> None:
    """Describe a topic: the keywords that find its articles, and what it is part of."""
    from digests.feeds import own_topics

    said = own_topics.Edit(None, keyword or (), parent or "", excerpts, servers)

    async def work(services: "Services") -> "OwnTopic":
        async with services.database.transaction() as connection:
            await own_topics.add(connection, name, said, services.clock())
        await judge_anew(services, hidden=as_json)
        async with services.database.reading() as connection:
            return await connection.run(own_topics.own_topic, name)

    _show_topic(with_services(work), as_json=as_json)


@topic_app.command("edit")
def edit_topic(
    topic: Annotated[str, typer.Argument(help="The topic's name.")],
    keyword: Keywords = None,
    parent: Parent = None,
    name: Annotated[str | None, typer.Option(help="Its new name.")] = None,
    excerpts: Excerpts = None,
    servers: Servers = None,
    as_json: AsJson = False,
) -> None:
    """Change what is said of a topic: only what you name."""
    from digests.feeds import own_topics

    said = own_topics.Edit(name, keyword, parent, excerpts, servers)

    async def work(services: "Services") -> "OwnTopic":
        async with services.database.transaction() as connection:
            await own_topics.edit(connection, topic, said, services.clock())
        await judge_anew(services, hidden=as_json)
        async with services.database.reading() as connection:
            return await connection.run(own_topics.own_topic, name or topic)

    _show_topic(with_services(work), as_json=as_json)


@topic_app.command("remove")
def remove_topic(
    name: Annotated[str, typer.Argument(help="The topic's name.")], as_json: AsJson = False
) -> None:
    """Forget what you said of a topic; articles that only your keywords found lose it."""
    from digests.feeds import own_topics

    async def work(services: "Services") -> "OwnTopic":
        async with services.database.transaction() as connection:
            old = await connection.run(own_topics.own_topic, name)
            await own_topics.remove(connection, name, services.clock())
        await judge_anew(services, hidden=as_json)
        return old

    _show_topic(with_services(work), as_json=as_json)


@topic_app.command("test")
def try_topics(words: Annotated[list[str], typer.Argument(help="A title.")], as_json: AsJson = False) -> None:
    """Show which topics a title has, and by which keyword."""
    from digests.feeds.judging import read_judgement

    def read(reader: "ReadConnection") -> list[dict[str, str]]:
        by = read_judgement(reader)
        return [{"topic": each.topic, "keyword": each.keyword} for each in by.topics.matches(" ".join(words))]

    found = look_up(read, may_be_empty=True)
    if as_json:
        print_json(found)
    elif found:
        for each in found:
            typer.echo(f"{each['topic']}: {each['keyword']}")
    else:
        typer.echo("No topic's name or keyword is in these words.")


def _show_topic(topic: "OwnTopic", *, as_json: bool) -> None:
    from bot.cli.documents import own_topic_document
    from digests.text import count

    if as_json:
        print_json(own_topic_document(topic))
    else:
        said = topic.description
        keywords = ", ".join(said.names) or "none but its name"
        places = " (excerpts too)" if said.in_excerpts else ""
        parent = f"; part of {said.parent}" if said.parent else ""
        limited = f"; only in servers {', '.join(map(str, said.servers))}" if said.servers else ""
        held = count(topic.stories, "story")
        typer.echo(f"{said.name}: {held}; keywords: {keywords}{places}{parent}{limited}")


@outlet_app.command("set")
def set_outlet(
    domain: Annotated[str, typer.Argument(help="The outlet's domain, for example quay.example.")],
    quality: Annotated[int, typer.Option(min=0, max=MAX_QUALITY, help="How good its articles usually are.")],
    as_json: AsJson = False,
) -> None:
    """Say how good an outlet's articles usually are."""
    from digests.errors import NotAnOutletError
    from digests.feeds.outlets import domain_of
    from storage import outlets

    named = domain_of(domain if "://" in domain else f"https://{domain}")
    if "." not in named:
        raise NotAnOutletError(domain)

    async def work(services: "Services") -> "list[tuple[OutletArticles, Level]]":
        async with services.database.transaction() as connection:
            await outlets.set_level(connection, named, quality)
        await judge_anew(services, hidden=as_json)
        async with services.database.reading() as connection:
            return await connection.run(_outlets)

    _show_outlets([each for each in with_services(work) if each[0].domain == named], as_json=as_json)


@outlet_app.command("list")
def list_outlets(as_json: AsJson = False) -> None:
    """List the outlets, how good each is and who says so."""
    _show_outlets(look_up(_outlets, may_be_empty=as_json), as_json=as_json)


def _outlets(reader: "ReadConnection") -> "list[tuple[OutletArticles, Level]]":
    from digests.feeds.judging import read_judgement
    from digests.stories.quality import level_of
    from storage import outlets

    by = read_judgement(reader)
    return [(each, level_of(each.domain, by.given, by.learned)) for each in outlets.busiest(reader)]


def _show_outlets(found: "Sequence[tuple[OutletArticles, Level]]", *, as_json: bool) -> None:
    from bot.cli.documents import outlet_document
    from bot.cli.sources_output import print_outlets

    if as_json:
        print_json([outlet_document(*each) for each in found])
    else:
        print_outlets(found)
