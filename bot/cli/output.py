"""What the command line prints for people."""

import itertools
from collections.abc import Mapping
from types import MappingProxyType

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.cli.documents import iso
from bot.doctor.finding import Finding, State
from bot.views.estimates import estimate_words, topic_words
from bot.views.text import correction_line, coverage_lines, no_words, quality_of
from bot.views.verdicts import verdict_words
from digests.editions.edition import Edition
from digests.feeds.records import Judged
from digests.lookup.query import parse
from digests.lookup.results import Results
from digests.seeds.reload import Report
from digests.stories.coverage import Coverage
from digests.text import count, shorten, visible
from storage.models import TopicSummary

EXCERPT = 240


def print_report(console: Console, report: Report) -> None:
    """Print what a reload did, and every fault."""
    table = Table("added", "changed", "removed", "unchanged", "skipped", "failed")
    table.add_row(
        *map(str, (report.added, report.changed, report.removed, report.unchanged, report.skipped)),
        str(len(report.failed)),
    )
    console.print(table)
    for fault in report.failed:
        console.print(f"[red]{escape(visible(str(fault)))}[/red]", soft_wrap=True, highlight=False)
    console.print(
        f"{count(report.records, 'record')} in {count(report.stories, 'story')}"
        f" with {count(report.articles, 'article')}"
        f" ({report.seconds:.1f} s)"
    )


def print_topics(console: Console, summaries: list[TopicSummary]) -> None:
    """Print a table of topics."""
    table = Table("topic", "stories", "newest (UTC)")
    for summary in summaries:
        newest = f"{summary.latest:%Y-%m-%d %H:%M}" if summary.latest else ""
        table.add_row(escape(summary.topic.name), str(summary.stories), newest)
    console.print(table)


def print_results(console: Console, query: str, results: Results) -> None:
    """Print the stories that a search found."""
    if not parse(query).wanted:
        console.print(no_words())
        return
    if not results.stories:
        console.print("Nothing found. Try fewer words, other words, or the beginning of a word.")
        return
    if results.corrections:
        plain_line(console, correction_line(results.corrections, shown=str))
    for number, result in enumerate(results.stories, 1):
        _print_story(console, number, result.coverage)
        if result.match:
            plain_line(console, f"   found in: {result.match.title} ({result.match.provider})")
    console.print(f"{len(results.stories)} of {count(results.total, 'story')}")


def print_edition(
    console: Console, edition: Edition, *, why: bool, judged: Mapping[int, Judged] = MappingProxyType({})
) -> None:
    """Print an edition, and if asked for, why each story was picked or left out.

    `judged` says why articles of feeds have their quality and topics, by the articles' ids.
    """
    window = edition.window
    console.print(
        f"[bold]{escape(edition.topic)}[/bold], {iso(window.since)} to {iso(window.until)}",
        highlight=False,
    )
    if not edition.choices:
        console.print("There was nothing new in this time.")
    numbers = itertools.count(1)
    for name, choices in edition.sections:
        if name:
            console.print(f"[bold]{escape(name)}[/bold]", highlight=False)
        for choice in choices:
            _print_story(console, next(numbers), choice.coverage)
    if why:
        table = Table("why", "quality", "heat", "story")
        for ruling in edition.rulings:
            table.add_row(
                escape(verdict_words(edition, ruling, str)),
                quality_of(ruling),
                str(ruling.heat),
                escape(ruling.title),
            )
        console.print(table)
        for ruling in edition.rulings:
            if ruling.pick_id is not None and ruling.pick_id in judged:
                reasons = judged[ruling.pick_id]
                plain_line(console, f"{ruling.title}: estimated from {estimate_words(reasons.estimate)}")
                plain_line(console, f"   topics: {topic_words(reasons, str)}")


def print_finding(console: Console, finding: Finding) -> None:
    """Print what a check found, on one line."""
    mark = {
        State.OK: "[green]ok   [/green]",
        State.NOTE: "[yellow]note [/yellow]",
        State.WRONG: "[red]WRONG[/red]",
    }
    line = visible(" ".join(str(finding).split()))
    console.print(f"{mark[finding.state]} {escape(line)}", soft_wrap=True, highlight=False)


def _print_story(console: Console, number: int, coverage: Coverage) -> None:
    pick = coverage.pick
    console.print()
    console.print(f"{number}. [bold]{escape(pick.title)}[/bold]", highlight=False)
    published = f"{pick.published_at:%Y-%m-%d %H:%M} UTC"
    facts = f"{pick.provider.name} · quality {quality_of(pick)} · heat {coverage.heat} · {published}"
    plain_line(console, f"   {facts} · story {coverage.story_id}")
    plain_line(console, f"   {pick.url}")
    if coverage.follows:
        plain_line(
            console, f"   Follow-up: {coverage.follows.title}, {coverage.follows.published_at:%Y-%m-%d}"
        )
    if pick.excerpt:
        plain_line(console, f"   {shorten(pick.excerpt, EXCERPT)}")
    for line in coverage_lines(coverage, shown=str):
        plain_line(console, f"   {line}")


def plain_line(console: Console, line: str) -> None:
    """Print a line as it is, without markup and with what a terminal would obey made visible."""
    console.print(escape(visible(line)), soft_wrap=True, highlight=False)
