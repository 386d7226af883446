"""A server of feeds, and what collects from it into a real database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from digests.editions.candidates import EditionOptions
from digests.editions.preview import edition_of_window
from digests.editions.window import Window
from digests.feeds.check import Checker
from digests.feeds.collect import Collector, Round
from digests.feeds.fetch import Fetcher
from digests.feeds.hosts import allowed_hosts
from digests.feeds.pace import Pace
from digests.feeds.parse import Parser
from digests.feeds.sources import add_feed
from digests.lookup.topics import find_topic
from storage import feeds
from storage.engine import Database
from storage.feeds import Feed, FeedOptions
from storage.models import Article, Subject
from tests.conftest import Clock
from tests.digests.reloading import articles
from tests.feed_server import Answer, FeedServer, feed_server


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with feed_server() as opened:
        yield opened


@dataclass(slots=True)
class News:
    """A server, and what a bot has collected of it."""

    server: FeedServer
    database: Database
    clock: Clock
    collector: Collector

    async def add(self, path: str = "/feed", **options: object) -> Feed:
        added = await add_feed(
            self.database,
            self.collector.checker,
            self.clock,
            self.server.url(path),
            FeedOptions(**options),  # type: ignore[arg-type]
        )
        return added.feed

    async def collect(self, body: bytes | None = None, later: timedelta = timedelta(days=2)) -> Round:
        """Let time pass, change what the server's feed is, and collect what is due."""
        if body is not None:
            self.server.pages["/feed"] = Answer(body)
        self.clock.now += later
        return await self.collector.collect()

    async def feed(self, feed_id: int = 1) -> Feed:
        async with self.database.reading() as connection:
            found = await connection.run(feeds.get, feed_id)
        assert found
        return found

    async def edition(self, topic: str, window: Window) -> list[str]:
        """Return the titles that an edition of a topic holds, read up to now."""
        async with self.database.reading() as connection:
            found = await connection.run(find_topic, topic, window.until)
            edition = await connection.run(edition_of_window, Subject((found,)), window, EditionOptions())
        return [choice.coverage.pick.title for choice in edition.choices]

    async def titles(self) -> list[str]:
        return sorted(each.title for each in (await self.articles()).values())

    async def articles(self) -> dict[str, Article]:
        return await articles(self.database)


@pytest.fixture
async def news(server: FeedServer, database: Database, clock: Clock) -> AsyncIterator[News]:
    allowed = allowed_hosts(["127.0.0.0/8", "localhost"])
    parser = Parser()
    async with Fetcher("Broadsheet/1", allowed, clock, seconds=3) as fetcher:
        checker = Checker(fetcher, parser, Pace(lambda: 0.0))
        yield News(server, database, clock, Collector(database, checker, clock))
    await parser.close()
