"""The search index over the years: databases of older versions, and what a reload makes of them."""

import sqlite3
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from digests.lookup.search import search_stories
from digests.lookup.stories import top_stories
from digests.seeds.reload import Reloader
from storage.engine import Database
from storage.models import Page
from storage.search.index import Filters
from storage.sqlite.database import open_database
from tests.build import seed_text, write_seed

NOW = datetime(2026, 3, 20, tzinfo=UTC)
FIRST_VERSION = """
INSERT INTO provider VALUES (1, 'One', 'one.example');
INSERT INTO story VALUES (1, 2, 1, 1767000000, 1767086400);
INSERT INTO mention (id, digest, article_id, own, published_at, quality, provider_id, type, url, title,
    excerpt, addresses, raw) VALUES
    (1, x'01', 1, 1, 1767086400, 80, 1, 'article', 'https://one.example/1', 'Drills stop', '', x'', x''),
    (2, x'02', 2, 1, 1767000000, 40, 1, 'article', 'https://one.example/2', 'A drill', '', x'', x'');
INSERT INTO article VALUES (1, 1, 1, 1, 1767086400, 80, 1, 0, 0), (2, 1, 2, 2, 1767000000, 40, 1, 0, 0);
INSERT INTO article_search (rowid, title, excerpt, provider) SELECT * FROM article_text;
PRAGMA user_version = 1;
"""


async def found(database: Database, text: str) -> list[str]:
    async with database.reading() as connection:
        results = await connection.run(search_stories, text, Filters(), Page(NOW, 10))
    return [result.coverage.pick.title for result in results.stories]


async def test_a_database_of_the_first_version_is_searched_and_has_its_stories_heat(tmp_path: Path) -> None:
    first = (resources.files("storage.sqlite.migrations") / "0001_initial.sql").read_text("utf-8")
    old = sqlite3.connect(tmp_path / "old.db")
    old.executescript(first + FIRST_VERSION)
    old.close()
    async with open_database(tmp_path / "old.db") as database:
        assert await found(database, "drills ") == ["Drills stop"]
        async with database.reading() as connection:
            (top,) = (await connection.run(top_stories, None, None, Page(NOW, 5))).stories
            rows = await connection.execute_fetchall("SELECT heat FROM story")
    assert [row[0] for row in rows] == [top.coverage.heat] == [100]


async def test_a_reload_that_finds_nothing_new_still_fills_the_vocabulary(tmp_path: Path) -> None:
    write_seed(tmp_path / "seeds", "a.md", seed_text(title="Drills stop"))
    async with open_database(tmp_path / "new.db") as database:
        reloader = Reloader(database, lambda: NOW)
        await reloader.reload(tmp_path / "seeds")
        async with database.transaction() as connection:
            await connection.execute("DELETE FROM vocabulary")
        assert await found(database, "drlils ") == []
        await reloader.reload(tmp_path / "seeds")
        assert await found(database, "drlils ") == ["Drills stop"]


async def test_words_that_change_are_found_as_they_are_now(tmp_path: Path) -> None:
    async with open_database(tmp_path / "new.db") as database:
        reloader = Reloader(database, lambda: NOW)
        write_seed(tmp_path / "seeds", "a.md", seed_text(title="Drills stop"))
        await reloader.reload(tmp_path / "seeds")
        write_seed(tmp_path / "seeds", "a.md", seed_text(title="Comets pass"))
        await reloader.reload(tmp_path / "seeds")
        assert await found(database, "drills ") == []
        assert await found(database, "comet ") == ["Comets pass"]
