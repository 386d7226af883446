"""What the commands for feeds print for people."""

from collections.abc import Iterable
from datetime import UTC, datetime

from bot.cli.console import print_lines, print_table
from bot.cli.dates import day_and_time
from bot.problems import problem_text
from bot.views.estimates import estimate_words, level_words, topic_words
from digests.feeds.addresses import without_credentials
from digests.feeds.collect import Round
from digests.feeds.discover import FoundFeed
from digests.feeds.entries import ReadFeed
from digests.feeds.lists import ListAdded
from digests.feeds.sources import Added, Tried
from digests.stories.quality import Level
from digests.text import count
from storage.feeds import Feed, FeedState
from storage.outlets import OutletArticles

MOST_OTHERS = 5
NO_TOPIC = "no topic: searches find it, but no digest has it"
AGES = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def print_added(added: Added) -> None:
    """Print what was found at an address, and what the feed that was added holds."""
    feed = added.feed
    if added.found is None:
        print_lines(f"Added {without_credentials(feed.url)} as number {feed.id}, unchecked.")
        return
    _print_others(added.found.url, added.found.others)
    print_lines(f"{feed.name}: {_holds(added.found.read)}; topics: {_topics(feed)}")


def print_sources(found: Iterable[Feed]) -> None:
    """Print a table of feeds, and what is wrong with those that fail."""
    feeds = list(found)
    if not feeds:
        print_lines("There are no sources yet. Add one: broadsheet source add ADDRESS")
        return
    rows = [
        (
            feed.id,
            feed.name,
            _topics(feed),
            feed.state.value,
            feed.entries,
            "" if feed.state in {FeedState.PAUSED, FeedState.ENDED} else day_and_time(feed.next_at),
        )
        for feed in feeds
    ]
    print_table(("no.", "source", "topics", "state", "articles", "next check (UTC)"), rows)
    for feed in feeds:
        if feed.options.servers:
            shown = ", ".join(map(str, feed.options.servers))
            print_lines(f"{feed.name} shows only in servers {shown}.")
        if feed.problem:
            since = f", since {day_and_time(feed.failing_since)} UTC" if feed.failing_since else ""
            print_lines(f"{feed.name}{since}: {problem_text(feed.problem)}")


def print_tested(tried: Tried) -> None:
    """Print what a feed's articles would be."""
    _print_others(tried.found.url, tried.found.others)
    print_lines(f"{tried.feed.name}: {_holds(tried.found.read)}")
    for record, why in tried.records:
        article = record.mentions[0]
        print_lines(f"  {article.title} ({article.provider.name})")
        quality = f"quality {article.quality} (estimated: {estimate_words(why.estimate)})"
        print_lines(f"    {day_and_time(article.published_at)} UTC · {quality}")
        print_lines(f"    {topic_words(why, str) or NO_TOPIC}")


def say_added(added: ListAdded) -> None:
    """Print what came of a list of feeds."""
    print_lines(
        f"{len(added.added)} added, {added.known} known, {len(added.failed)} failed."
        " They are checked bit by bit; `broadsheet source list` shows how it goes."
    )
    for url, error in added.failed:
        print_lines(f"  {url}: {problem_text(error.stored)}")


def print_round(done: Round) -> None:
    """Print what a round of checks did, and what failed."""
    numbers = (done.checked, done.unchanged, len(done.failed), done.entries, done.added, done.changed)
    print_table(("checked", "unchanged", "failed", "entries", "added", "changed"), [numbers])
    for feed, error in done.failed:
        print_lines(f"{feed.name} ({without_credentials(feed.url)}): {problem_text(error.stored)}")
    held = f"{count(done.articles, 'article')} in {count(done.stories, 'story')}"
    print_lines(f"{held} ({done.seconds:.1f} s)")


def print_outlets(found: Iterable[tuple[OutletArticles, Level]]) -> None:
    """Print a table of outlets."""
    rows = [
        (outlet.name or outlet.domain, outlet.domain, level_words(level), outlet.articles)
        for outlet, level in found
    ]
    print_table(("outlet", "domain", "quality", "articles"), rows)


def _print_others(url: str, others: Iterable[FoundFeed]) -> None:
    known = list(others)
    if known:
        print_lines(f"The page has several feeds. I took {without_credentials(url)}; the others:")
        for each in known[:MOST_OTHERS]:
            print_lines(f"  {each.url} {each.title}".rstrip())


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
