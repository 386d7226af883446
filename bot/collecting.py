"""What checks feeds, built from the settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from bot.services import Services
from bot.settings import Settings, proxy_for
from digests.feeds.check import Checker
from digests.feeds.collect import Collector, Round
from digests.feeds.fetch import Fetcher
from digests.feeds.pace import Pace
from digests.feeds.parse import Parser


@asynccontextmanager
async def open_collector(
    services: Services, on_round: Callable[[Round], None] = lambda _: None
) -> AsyncIterator[Collector]:
    """Open what fetches and reads feeds, and end it after the block; `on_round` hears of each round."""
    settings, clock = services.settings, services.clock
    parser = Parser()
    fetcher = Fetcher(user_agent(settings), settings.private_sources, clock, proxy_for=proxy_for)
    try:
        async with fetcher:
            yield Collector(services.database, Checker(fetcher, parser, Pace()), clock, on_round=on_round)
    finally:
        await parser.close()


def user_agent(settings: Settings) -> str:
    """Return what feeds' servers are told who asks them."""
    contact = f" (+{settings.sources_contact})" if settings.sources_contact else ""
    return f"Broadsheet/{version('broadsheet')}{contact}"
