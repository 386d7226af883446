"""What the command line prints for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from bot.cli.console import print_lines, print_table
from bot.cli.dates import day_and_time
from bot.doctor.finding import Finding, State
from digests.text import count, visible

if TYPE_CHECKING:
    from digests.seeds.reload import Report
    from storage.models import TopicSummary

MARKS = {
    State.OK: typer.style("ok   ", fg="green"),
    State.NOTE: typer.style("note ", fg="yellow"),
    State.WRONG: typer.style("WRONG", fg="red"),
}


def print_report(report: Report) -> None:
    """Print what a reload did, and every fault."""
    numbers = (report.added, report.changed, report.removed, report.unchanged, report.skipped)
    headings = ("added", "changed", "removed", "unchanged", "skipped", "failed")
    print_table(headings, [(*numbers, len(report.failed))])
    for fault in report.failed:
        typer.secho(visible(str(fault)), fg="red")
    print_lines(
        f"{count(report.records, 'record')} in {count(report.stories, 'story')}"
        f" with {count(report.articles, 'article')}"
        f" ({report.seconds:.1f} s)"
    )


def print_topics(summaries: list[TopicSummary]) -> None:
    """Print a table of topics."""
    if not summaries:
        print_lines("No story has a topic yet. Describe one: broadsheet topic add NAME")
        return
    rows = [
        (each.topic.name, each.stories, day_and_time(each.latest) if each.latest else "")
        for each in summaries
    ]
    print_table(("topic", "stories", "newest (UTC)"), rows)


def print_finding(finding: Finding) -> None:
    """Print what a check found, on one line."""
    typer.echo(f"{MARKS[finding.state]} {visible(' '.join(str(finding).split()))}")
