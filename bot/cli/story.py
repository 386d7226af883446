"""The commands for one story: show, split, join, undo."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import AsJson, print_json, print_lines, with_services
from bot.cli.help import LOOK_UP, Headed

if TYPE_CHECKING:
    from bot.services import Services
    from digests.lookup.stories import StoryCard
    from digests.stories.decide import Decided

app = typer.Typer()
story_app = typer.Typer(cls=Headed, no_args_is_help=True, help="See a story, part it, or join two.")
app.add_typer(story_app, name="story", rich_help_panel=LOOK_UP)

StoryId = Annotated[int, typer.Argument(min=1, help="The story's number.")]


@story_app.command("show")
def show_story(
    story: StoryId,
    why: Annotated[bool, typer.Option("--why", help="Also say why each article is in it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a story with everyone who covered it."""

    async def work(services: "Services") -> "StoryCard":
        return await _card(services, story, why=why)

    _print(with_services(work), as_json=as_json)


@story_app.command("split")
def split_story(
    story: StoryId,
    url: Annotated[list[str], typer.Argument(help="The address of an article; may be repeated.")],
    as_json: AsJson = False,
) -> None:
    """Make articles a story of their own; prints that one."""
    from digests.stories import decide

    async def work(services: "Services") -> "tuple[Decided, StoryCard]":
        async with services.database.transaction() as connection:
            decided = await decide.split(connection, story, url, services.clock())
        return decided, await _card(services, decided.stories[0])

    _print_decided(*with_services(work), as_json=as_json)


@story_app.command("join")
def join_stories(story: StoryId, other: StoryId, as_json: AsJson = False) -> None:
    """Make two stories one."""
    from digests.stories import decide

    async def work(services: "Services") -> "tuple[Decided, StoryCard]":
        async with services.database.transaction() as connection:
            decided = await decide.join(connection, story, other, services.clock())
        return decided, await _card(services, decided.stories[0])

    _print_decided(*with_services(work), as_json=as_json)


@story_app.command("undo")
def undo_decision(
    decision: Annotated[int, typer.Argument(min=1, help="The number that split or join printed.")],
    as_json: AsJson = False,
) -> None:
    """Take a split or a join back."""
    from digests.stories import decide

    async def work(services: "Services") -> "StoryCard":
        async with services.database.transaction() as connection:
            stories = await decide.undo(connection, decision, services.clock())
        return await _card(services, stories[0])

    _print(with_services(work), as_json=as_json)


async def _card(services: "Services", story: int, *, why: bool = False) -> "StoryCard":
    from digests.lookup.stories import story_card

    async with services.database.reading() as connection:
        return await connection.run(story_card, story, services.clock(), why=why)


def _print_decided(decided: "Decided", card: "StoryCard", *, as_json: bool) -> None:
    from bot.cli.documents import card_document

    if as_json:
        print_json(card_document(card) | {"decision": decided.id})
        return
    _print(card, as_json=False)
    typer.echo(f"To take that back: broadsheet story undo {decided.id}")


def _print(card: "StoryCard", *, as_json: bool) -> None:
    from bot.cli.dates import day_and_time
    from bot.cli.documents import card_document
    from bot.ties import tie_text

    document = card_document(card)
    if as_json:
        print_json(document)
        return
    print_lines(f"Story {card.story.id}: {document['title']}")
    for chapter in card.chapters:
        for article in (article for group in chapter for article in group):
            reason = card.reasons.get(article.id)
            why = f" ({tie_text(reason)})" if reason else ""
            when = f"{day_and_time(article.published_at)} UTC"
            print_lines(f"   {when} · {article.provider.name}: {article.title}{why}", f"      {article.url}")
