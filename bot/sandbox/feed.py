"""A feed of the sandbox's own, so that adding a source can be tried without the internet."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

from aiohttp import web

FEED_HOST = "127.0.0.1"
ITEMS = (
    ("The lighthouse lamp turns electric", "After 140 years the keeper no longer trims a wick.", 1),
    ("A ferry names its cats", "Passengers voted for Ballast and Bilge.", 5),
    ("Harbour bakes bread for two towns", "The new oven holds four hundred loaves.", 22),
    ("Low tide shows an old bridge", "Children cross it dry-shod for the first time since 1932.", 30),
    ("The net menders' school opens", "Twelve people learn the double sheet bend.", 49),
)


@asynccontextmanager
async def sample_feed(clock: Callable[[], datetime]) -> AsyncIterator[str]:
    """Serve a feed on a free port, and yield its address; `clock` says how new its items are."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=feed_text(clock()).encode(), content_type="application/rss+xml")

    app = web.Application()
    app.router.add_get("/feed", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, FEED_HOST, 0)
    try:
        await site.start()
        yield f"{site.name}/feed"
    finally:
        await runner.cleanup()


def feed_text(now: datetime) -> str:
    """Return the feed as RSS."""
    items = "".join(
        f"<item><title>{escape(title)}</title><link>https://lantern.example/{number}</link>"
        f"<guid>lantern-{number}</guid><description>{escape(excerpt)}</description>"
        f"<pubDate>{format_datetime(now - timedelta(hours=hours))}</pubDate></item>"
        for number, (title, excerpt, hours) in enumerate(ITEMS)
    )
    return (
        "<?xml version='1.0'?><rss version='2.0'><channel><title>The Lantern</title>"
        f"<link>https://lantern.example/</link><description>News of a small port</description>{items}"
        "</channel></rss>"
    )
