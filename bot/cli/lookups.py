"""The commands that look things up: topics, search, preview, seed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import AsJson, look_up, print_json, read_settings
from bot.cli.help import LOOK_UP
from digests.editions.limits import DEFAULT_STORIES, MAX_STORIES
from digests.seeds.limits import MAX_QUALITY
from storage.models import Order

if TYPE_CHECKING:
    from digests.editions.edition import Edition
    from digests.feeds.records import Judged
    from digests.lookup.results import Results
    from storage.engine import ReadConnection

ALL_TIME = datetime(9000, 1, 1, tzinfo=UTC)  # scripts see everything stored, even what is dated in the future
MinQuality = Annotated[
    int, typer.Option(min=0, max=MAX_QUALITY, help="Minimum quality (most good articles score 60 to 100).")
]

app = typer.Typer(rich_help_panel=LOOK_UP)


@app.command(rich_help_panel=LOOK_UP)
def topics(as_json: AsJson = False) -> None:
    """List the topics."""
    from bot.cli.documents import topic_document
    from bot.cli.output import print_topics
    from storage.topics import summaries

    found = look_up(lambda reader: summaries(reader, ALL_TIME), may_be_empty=as_json)
    if as_json:
        print_json([topic_document(summary) for summary in found])
    else:
        print_topics(found)


@app.command(rich_help_panel=LOOK_UP)
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
    from bot.cli.documents import search_document
    from bot.cli.stories_output import print_results
    from digests.dates import end_of, parse_past, start_of
    from digests.lookup.providers import find_provider
    from digests.lookup.search import search_stories
    from digests.lookup.topics import find_topic
    from storage.models import Page
    from storage.search.index import Filters

    named, now = outlet or source, datetime.now(UTC)

    def read(reader: "ReadConnection") -> "Results":
        filters = Filters(
            topic_id=find_topic(reader, topic, ALL_TIME).id if topic else None,
            provider_ids=find_provider(reader, named).ids if named else (),
            since=start_of(parse_past(since, now)) if since else None,
            until=end_of(parse_past(until, now)) if until else None,
            min_quality=min_quality,
        )
        return search_stories(reader, query, filters, Page(ALL_TIME, limit), order)

    found = look_up(read, may_be_empty=as_json)
    if as_json:
        print_json(search_document(query, found))
    else:
        print_results(query, found)


@app.command(rich_help_panel=LOOK_UP)
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
    """See what a digest of one or more topics would look like."""
    from bot.cli.documents import edition_document
    from bot.cli.stories_output import print_edition, print_rulings
    from digests.dates import parse_when
    from digests.editions.candidates import EditionOptions
    from digests.editions.preview import preview_edition
    from digests.lookup.topics import find_topics
    from storage.models import Subject

    def read(reader: "ReadConnection") -> "tuple[Edition, dict[int, Judged]]":
        found = Subject(find_topics(reader, topic, ALL_TIME))
        when = parse_when(on) if on else None
        options = EditionOptions(limit, min_quality)
        edition = preview_edition(reader, found, when, days, options, ALL_TIME)
        return edition, _judged(reader, edition) if why and not as_json else {}

    edition, judged = look_up(read)
    if as_json:
        print_json(edition_document(edition))
        return
    print_edition(edition)
    if why:
        print_rulings(edition, judged)


def _judged(reader: "ReadConnection", edition: "Edition") -> "dict[int, Judged]":
    """Return why the best articles of an edition's candidates have their quality and topics, by id."""
    from digests.feeds.judging import explained, read_judgement

    picks = [ruling.pick_id for ruling in edition.rulings if ruling.pick_id is not None]
    return explained(reader, picks, read_judgement(reader))


@app.command("seed", rich_help_panel=LOOK_UP)
def seed_command(
    path: Annotated[str, typer.Argument(help="The seed file: its path, or that within the seeds folder.")],
) -> None:
    """Print a stored record word for word, as its seed file had it."""
    from digests.seeds.parser import stored_yaml

    root = read_settings().seeds_path
    file = Path(path).resolve()
    is_within = root is not None and file.is_relative_to(root.resolve())
    within = file.relative_to(root.resolve()).as_posix() if root and is_within else path
    typer.echo(f"---\n{look_up(lambda reader: stored_yaml(reader, within))}---")
