"""Checks of where news comes from, and whether there is any."""

from datetime import datetime, timedelta

from bot.cli.dates import day_and_time
from bot.doctor.finding import Finding, note, ok, wrong
from bot.problems import problem_text
from digests.text import count, visible
from storage import feeds, stories
from storage.errors import Place
from storage.feeds import Feed, FeedState
from storage.opening import open_database

OLD_NEWS = timedelta(days=7)


async def check_sources(place: Place) -> list[Finding]:
    """Check that no feed keeps failing."""
    async with open_database(place) as database, database.reading() as connection:
        known = await connection.run(feeds.feeds)
    failing = [feed for feed in known if feed.problem and feed.state in {FeedState.FAILING, FeedState.ENDED}]
    if known and not failing:
        return [ok("sources", f"{count(len(known), 'feed')}, and none fails.")]
    advice = "See broadsheet source list."
    return [note("sources", _failing(feed), advice) for feed in failing]


def _failing(feed: Feed) -> str:
    """Return what is wrong with a feed, since when, and when it is tried again."""
    problem = problem_text(feed.problem or "")
    if feed.failing_since is None or feed.state is FeedState.ENDED:
        return visible(f"{feed.name}: {problem}")
    since, until = day_and_time(feed.failing_since), day_and_time(feed.next_at)
    return visible(f"{feed.name} fails since {since} UTC; next try {until} UTC: {problem}")


async def check_news(place: Place, now: datetime) -> list[Finding]:
    """Check that there is news, and that some of it is new."""
    async with open_database(place) as database, database.reading() as connection:
        newest = await connection.run(stories.newest_article, now)
    add = "Add a feed with broadsheet source add ADDRESS, or load seeds with broadsheet reload PATH."
    if newest is None:
        return [wrong("news", "There's no news, so no digest will come.", add)]
    told = f"The newest article came out on {day_and_time(newest)} UTC."
    if now - newest > OLD_NEWS:
        return [note("news", f"{told} Digests bring only what is new.", add)]
    return [ok("news", told)]
