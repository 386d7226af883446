"""What the commands for feeds print for people."""

from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.cli.documents import iso
from bot.cli.output import plain_line
from bot.problems import problem_text
from bot.views.estimates import estimate_words, level_words, topic_words
from digests.feeds.addresses import without_credentials
from digests.feeds.collect import Round
from digests.feeds.discover import FoundFeed
from digests.feeds.entries import ReadFeed
from digests.feeds.lists import ListAdded
from digests.feeds.sources import Added, Tried
from digests.stories.quality import Level
from digests.text import count, visible
from storage.feeds import Feed, FeedState
from storage.outlets import OutletArticles

MOST_OTHERS = 5
NO_TOPIC = "no topic: searches find it, but no digest has it"
AGES = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def print_added(console: Console, added: Added) -> None:
    """Print what was found at an address, and what the feed that was added holds."""
    feed = added.feed
    if added.found is None:
        plain_line(console, f"Added {without_credentials(feed.url)} as number {feed.id}, unchecked.")
        return
    _print_others(console, added.found.url, added.found.others)
    plain_line(console, f"{feed.name}: {_holds(added.found.read)}; topics: {_topics(feed)}")


def print_sources(console: Console, found: Iterable[Feed]) -> None:
    """Print a table of feeds, and what is wrong with those that fail."""
    feeds = list(found)
    if not feeds:
        console.print("There are no sources yet. Add one: broadsheet source add ADDRESS", soft_wrap=True)
        return
    table = Table("no.", "source", "topics", "state", "articles", "next check (UTC)")
    for feed in feeds:
        runs = feed.state not in {FeedState.PAUSED, FeedState.ENDED}
        next_at = f"{feed.next_at:%Y-%m-%d %H:%M}" if runs else ""
        cells = (str(feed.id), feed.name, _topics(feed), feed.state.value, str(feed.entries), next_at)
        table.add_row(*(escape(visible(cell)) for cell in cells))
    console.print(table)
    for feed in feeds:
        if feed.problem:
            since = f", since {iso(feed.failing_since)}" if feed.failing_since else ""
            plain_line(console, f"{feed.name}{since}: {problem_text(feed.problem)}")


def print_tested(console: Console, tried: Tried) -> None:
    """Print what a feed's articles would be."""
    _print_others(console, tried.found.url, tried.found.others)
    plain_line(console, f"{tried.feed.name}: {_holds(tried.found.read)}")
    for record, why in tried.records:
        article = record.mentions[0]
        plain_line(console, f"  {article.title} ({article.provider.name})")
        quality = f"quality {article.quality} (estimated: {estimate_words(why.estimate)})"
        plain_line(console, f"    {iso(article.published_at)} · {quality}")
        plain_line(console, f"    {topic_words(why, str) or NO_TOPIC}")


def say_added(console: Console, added: ListAdded) -> None:
    """Print what came of a list of feeds."""
    console.print(
        f"{len(added.added)} added, {added.known} known, {len(added.failed)} failed."
        " They are checked bit by bit; `broadsheet source list` shows how it goes.",
        soft_wrap=True,
    )
    for url, error in added.failed:
        plain_line(console, f"  {url}: {problem_text(error.stored)}")


def print_round(console: Console, done: Round) -> None:
    """Print what a round of checks did, and what failed."""
    table = Table("checked", "unchanged", "failed", "entries", "added", "changed")
    numbers = (done.checked, done.unchanged, len(done.failed), done.entries, done.added, done.changed)
    table.add_row(*map(str, numbers))
    console.print(table)
    for feed, error in done.failed:
        plain_line(console, f"{feed.name} ({without_credentials(feed.url)}): {problem_text(error.stored)}")
    held = f"{count(done.articles, 'article')} in {count(done.stories, 'story')}"
    console.print(f"{held} ({done.seconds:.1f} s)")


def print_outlets(console: Console, found: Iterable[tuple[OutletArticles, Level]]) -> None:
    """Print a table of outlets."""
    table = Table("outlet", "domain", "quality", "articles")
    for outlet, level in found:
        cells = (outlet.name or outlet.domain, outlet.domain, level_words(level), str(outlet.articles))
        table.add_row(*(escape(visible(cell)) for cell in cells))
    console.print(table)


def _print_others(console: Console, url: str, others: Iterable[FoundFeed]) -> None:
    known = list(others)
    if known:
        plain_line(console, f"The page has several feeds. I took {without_credentials(url)}; the others:")
        for each in known[:MOST_OTHERS]:
            plain_line(console, f"  {each.url} {each.title}".rstrip())


def _holds(read: ReadFeed) -> str:
    dates = [entry.published for entry in read.entries if entry.published]
    held = count(len(read.entries), "article")
    return f"{held}, newest {_ago(max(dates))}" if dates else held


def _topics(feed: Feed) -> str:
    return "found in titles" if feed.options.general else ", ".join(feed.options.topics)


def _ago(moment: datetime) -> str:
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for size, unit in AGES:
        if seconds >= size:
            return f"{count(int(seconds // size), unit)} ago"
    return "just now"
