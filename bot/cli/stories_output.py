"""What the command line prints of stories for people."""

from __future__ import annotations

import itertools
from datetime import time, timedelta
from typing import TYPE_CHECKING

import typer

from bot.cli.console import print_lines, print_table
from bot.cli.dates import day, day_and_time
from bot.cli.documents import to_second
from bot.views.text import correction_line, coverage_lines, no_words, quality_of
from bot.views.verdicts import verdict_words
from digests.lookup.query import parse
from digests.text import count, shorten, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digests.editions.edition import Edition
    from digests.editions.window import Window
    from digests.feeds.records import Judged
    from digests.lookup.results import Results
    from digests.stories.coverage import Coverage

EXCERPT = 240


def print_results(query: str, results: Results) -> None:
    """Print the stories that a search found."""
    if not parse(query).wanted:
        print_lines(no_words())
        return
    if not results.stories:
        print_lines("Nothing found. Try fewer words, other words, or the beginning of a word.")
        return
    if results.corrections:
        print_lines(correction_line(results.corrections, shown=str))
    for number, result in enumerate(results.stories, 1):
        _print_story(number, result.coverage)
        if result.match:
            print_lines(f"   found in: {result.match.title} ({result.match.provider})")
    print_lines("", f"{len(results.stories)} of {count(results.total, 'story')}")


def print_edition(edition: Edition) -> None:
    """Print an edition, its stories under their topics if it has several."""
    typer.echo(f"{_bold(edition.topic)}, {window_words(edition.window)}")
    if not edition.choices:
        print_lines("There was nothing new in this time.")
    numbers = itertools.count(1)
    for name, choices in edition.sections:
        if name:
            typer.echo(f"\n{_bold(name)}")
        for choice in choices:
            _print_story(next(numbers), choice.coverage)


def print_rulings(edition: Edition, judged: Mapping[int, Judged]) -> None:
    """Print why each story was picked or left out.

    `judged` says why articles of feeds have their quality and topics, by the articles' ids.
    """
    from bot.views.estimates import estimate_words, topic_words

    rows = [
        (verdict_words(edition, ruling, str), quality_of(ruling), ruling.heat, ruling.title)
        for ruling in edition.rulings
    ]
    print_table(("why", "quality", "heat", "story"), rows)
    for ruling in edition.rulings:
        if ruling.pick_id is not None and ruling.pick_id in judged:
            reasons = judged[ruling.pick_id]
            print_lines(f"{ruling.title}: estimated from {estimate_words(reasons.estimate)}")
            print_lines(f"   topics: {topic_words(reasons, str)}")


def window_words(window: Window) -> str:
    """Return the days of a window, or its moments: "1 Jan 2026 to 3 Jan 2026 (UTC)"."""
    since, until = to_second(window.since), to_second(window.until)
    if since.time() != time() or until.time() != time():
        return f"{day_and_time(since)} to {day_and_time(until)} (UTC)"
    first, last = day(since), day(until - timedelta(days=1))
    return f"{first} (UTC)" if first == last else f"{first} to {last} (UTC)"


def _print_story(number: int, coverage: Coverage) -> None:
    pick = coverage.pick
    typer.echo(f"\n{number}. {_bold(pick.title)}")
    facts = f"{pick.provider.name} · quality {quality_of(pick)} · heat {coverage.heat}"
    print_lines(
        f"   {facts} · {day_and_time(pick.published_at)} UTC · story {coverage.story_id}", f"   {pick.url}"
    )
    if coverage.follows:
        print_lines(f"   Follow-up: {coverage.follows.title}, {day(coverage.follows.published_at)}")
    if pick.excerpt:
        print_lines(f"   {shorten(pick.excerpt, EXCERPT)}")
    print_lines(*(f"   {line}" for line in coverage_lines(coverage, shown=str)))


def _bold(text: str) -> str:
    return typer.style(visible(text), bold=True)
