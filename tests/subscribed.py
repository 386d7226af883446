"""Databases with stories of several days, and with subscriptions to them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digests.editions.timetable import EVERY_DAY
from digests.lookup.topics import find_topic
from digests.seeds.reload import Reloader
from digests.subscriptions.limits import Limits
from digests.subscriptions.subscribe import NewSubscription, subscribe
from storage.engine import Database
from storage.models import DigestOptions, PlaceKind, Subject, Subscription
from tests.build import HOST, mention_text, seed_text, write_seed

GUILD = 1
DAY = timedelta(days=1)
NINE = datetime(2026, 3, 10, 9, tzinfo=UTC)


async def store_stories(database: Database, folder: Path, first: datetime, days: int, a_day: int) -> None:
    """Write and load seeds: `a_day` stories of AI from the day before each of `days` issue times."""
    for day in range(days):
        for number in range(a_day):
            published = first + day * DAY - timedelta(hours=1 + number)
            stamp = published.strftime("%Y-%m-%dT%H:%M:%SZ")
            url = f"{HOST}/{day}-{number}"
            other = mention_text(f"https://two.example/{day}-{number}", published=stamp)
            text = seed_text(url, title=f"News {day} {number}", published=stamp, related=[other])
            write_seed(folder, f"{day}-{number}.md", text)
    await Reloader(database, lambda: first - DAY).reload(folder)


async def subscribe_all(
    database: Database,
    channels: Iterable[int],
    first: datetime,
    *,
    kind: PlaceKind = PlaceKind.CHANNEL,
    guild: int = GUILD,
    stories: int = 10,
    publish: bool = False,
) -> list[Subscription]:
    """Subscribe channels of a server to AI, at the time of day of `first`, as of the moment before it."""
    options = DigestOptions(f"{first:%H:%M}", "UTC", EVERY_DAY, stories, publish=publish)
    before = first - timedelta(minutes=1)
    async with database.transaction() as connection:
        topic = await connection.run(find_topic, "AI", before)
        wanted = [
            NewSubscription(Subject((topic,)), guild, channel, 5, options, kind) for channel in channels
        ]
        return [await subscribe(connection, new, before, Limits(10**6, 10**6)) for new in wanted]
