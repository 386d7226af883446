"""The commands for one story: show, split, join, undo."""

from typing import Annotated

import typer
from rich.console import Console

from bot.cli.console import AsJson, print_json, with_services
from bot.cli.documents import card_document
from bot.cli.output import plain_line
from bot.services import Services
from bot.ties import tie_text
from digests.lookup.stories import StoryCard, story_card
from digests.stories import decide
from digests.stories.decide import Decided

app = typer.Typer()
story_app = typer.Typer(no_args_is_help=True, help="See a story, part it, or join two.")
app.add_typer(story_app, name="story")

StoryId = Annotated[int, typer.Argument(min=1, help="The story's number.")]


@story_app.command("show")
def show_story(
    story: StoryId,
    why: Annotated[bool, typer.Option("--why", help="Also say why each article is in it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a story with everyone who covered it."""

    async def work(services: Services) -> StoryCard:
        return await _card(services, story, why=why)

    _print(with_services(work), as_json=as_json)


@story_app.command("split")
def split_story(
    story: StoryId,
    url: Annotated[list[str], typer.Argument(help="The address of an article; may be repeated.")],
    as_json: AsJson = False,
) -> None:
    """Make articles a story of their own; prints that one."""

    async def work(services: Services) -> tuple[Decided, StoryCard]:
        async with services.database.transaction() as connection:
            decided = await decide.split(connection, story, url, services.clock())
        return decided, await _card(services, decided.stories[0])

    _print_decided(*with_services(work), as_json=as_json)


@story_app.command("join")
def join_stories(story: StoryId, other: StoryId, as_json: AsJson = False) -> None:
    """Make two stories one."""

    async def work(services: Services) -> tuple[Decided, StoryCard]:
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

    async def work(services: Services) -> StoryCard:
        async with services.database.transaction() as connection:
            stories = await decide.undo(connection, decision, services.clock())
        return await _card(services, stories[0])

    _print(with_services(work), as_json=as_json)


async def _card(services: Services, story: int, *, why: bool = False) -> StoryCard:
    async with services.database.reading() as connection:
        return await connection.run(story_card, story, services.clock(), why=why)


def _print_decided(decided: Decided, card: StoryCard, *, as_json: bool) -> None:
    if as_json:
        print_json(card_document(card) | {"decision": decided.id})
        return
    _print(card, as_json=False)
    typer.echo(f"To take that back: broadsheet story undo {decided.id}")


def _print(card: StoryCard, *, as_json: bool) -> None:
    document = card_document(card)
    if as_json:
        print_json(document)
        return
    console = Console()
    plain_line(console, f"Story {card.story.id}: {document['title']}")
    for chapter in card.chapters:
        for article in (article for group in chapter for article in group):
            reason = card.reasons.get(article.id)
            why = f" ({tie_text(reason)})" if reason else ""
            plain_line(
                console,
                f"   {article.published_at:%Y-%m-%d %H:%M} {article.provider.name}: {article.title}{why}",
            )
            plain_line(console, f"      {article.url}")
