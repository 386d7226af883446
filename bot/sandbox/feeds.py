"""The bundled feeds, served by the sandbox itself, so that sources can be tried without the internet."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

from aiohttp import web

from bot.app import App
from bot.settings import BUNDLED_SEEDS
from digests.errors import SourceKnownError
from digests.feeds.check import Checker
from digests.feeds.pace import Pace
from digests.feeds.parse import Parser
from digests.feeds.sources import add_feed
from storage.feeds import FeedOptions

FEED_HOST = "127.0.0.1"
FOLDER = BUNDLED_SEEDS / "feeds"
TIME = re.compile(r"(?<=<pubDate>)[^<]+")
PICTURE = re.compile(r'<media:content url="([^"]+)"')


def bundled_feeds() -> dict[str, str]:
    """Return the text of each bundled feed by its name, the names in order."""
    return {path.stem: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.xml"))}


def pictures_of(feeds: Mapping[str, str]) -> list[str]:
    """Return the addresses of the pictures that feeds name."""
    return [url for text in feeds.values() for url in PICTURE.findall(text)]


@asynccontextmanager
async def served(feeds: Mapping[str, str], shift: timedelta) -> AsyncIterator[list[str]]:
    """Serve feeds on a free port, their times moved by `shift`, and yield their addresses in order."""

    async def answer(request: web.Request) -> web.Response:
        text = feeds.get(request.match_info["name"])
        if text is None:
            raise web.HTTPNotFound
        return web.Response(body=_moved(text, shift).encode(), content_type="application/rss+xml")

    app = web.Application()
    app.router.add_get("/{name}.xml", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, FEED_HOST, 0)
    try:
        await site.start()
        yield [f"{site.name}/{name}.xml" for name in feeds]
    finally:
        await runner.cleanup()


async def add_feeds(app: App, addresses: Sequence[str], topic: str) -> None:
    """Add those feeds that aren't sources yet, whose articles get a topic."""
    parser = Parser()
    # They are all on this machine, which needs no pause between two of them.
    checker = Checker(app.client.collector.checker.fetcher, parser, Pace(lambda: 0.0))
    services, options = app.services, FeedOptions(topics=(topic,))
    try:
        for address in addresses:
            with suppress(SourceKnownError):
                await add_feed(services.database, checker, services.clock, address, options)
    finally:
        await parser.close()


def _moved(text: str, shift: timedelta) -> str:
    """Return a feed whose entries were published later by `shift`."""
    return TIME.sub(lambda time: format_datetime(parsedate_to_datetime(time[0]) + shift), text)
