"""A database that tests of lookups fill with seeds."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digests.lookup.autocomplete import complete_stories
from digests.lookup.results import Results
from digests.lookup.search import search_stories
from digests.seeds.reload import Reloader
from storage.engine import Database
from storage.models import Order, Page
from storage.search.index import Filters
from tests.build import HOST, seed_text, write_seed
from tests.databases import OpenNew

NOW = datetime(2026, 3, 20, tzinfo=UTC)
ALL = Filters()


class Library:
    """A database that tests fill with seeds: one story each."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder

    async def load(self, **titles: str) -> None:
        """Load one story for each title, named by its key."""
        for name, title in titles.items():
            write_seed(self.folder, f"{name}.md", seed_text(f"{HOST}/{name}", title=title))
        await self.reload()

    async def load_texts(self, *texts: str) -> None:
        """Load these seeds."""
        for number, text in enumerate(texts):
            write_seed(self.folder, f"{number}.md", text)
        await self.reload()

    async def reload(self) -> None:
        await Reloader(self.database, lambda: NOW).reload(self.folder, force=True)

    async def search(self, text: str, filters: Filters = ALL, limit: int = 10, offset: int = 0) -> Results:
        async with self.database.reading() as connection:
            return await connection.run(search_stories, text, filters, Page(NOW, limit, offset))

    async def titles(self, text: str, filters: Filters = ALL, order: Order = Order.MATCH) -> list[str]:
        """Return the titles of the articles that match, in order."""
        async with self.database.reading() as connection:
            results = await connection.run(search_stories, text, filters, Page(NOW, 100), order)
        return [(result.match or result.coverage.pick).title for result in results.stories]

    async def offered(self, text: str) -> list[str]:
        """Return the titles that are offered while somebody types, best first."""
        async with self.database.reading() as connection:
            return [each.title for each in await connection.run(complete_stories, text, NOW, 25)]


@pytest.fixture
async def library(tmp_path: Path, open_new: OpenNew) -> AsyncIterator[Library]:
    async with open_new(tmp_path / "search.db") as database:
        (tmp_path / "seeds").mkdir()
        yield Library(database, tmp_path / "seeds")
