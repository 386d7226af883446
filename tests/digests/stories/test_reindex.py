"""A database of an earlier version gets the new search index while it is used, whatever happens meanwhile."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from digests.lookup.search import search_stories
from digests.seeds.reload import Reloader
from digests.stories import reindex as reindexing
from digests.stories.reindex import reindex
from storage import grouping, topics
from storage.engine import Database
from storage.models import Page
from storage.search.index import Filters
from storage.sqlite.database import open_database
from tests.build import HOST, seed_text, write_seed
from tests.databases import make_earlier

NOW = datetime(2026, 3, 20, tzinfo=UTC)
OLD_VERSION = 11
ARTICLES = 60


def title(number: int) -> str:
    return f"Wi-Fi 展示会 with drills, number {number}"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a database of the version before, with a story for each article."""
    return make_earlier(tmp_path / "old.db", OLD_VERSION, [title(number) for number in range(ARTICLES)])


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST", "FEWEST", "MOST", "WORDS"):
        monkeypatch.setattr(reindexing, name, 7)


async def reindex_for(path: Path, steps: int) -> bool:
    """Break a reindex off after so many steps; says whether it had come to its end."""
    left = count(steps - 1, -1)

    def hear(_: float) -> None:
        if next(left) == 0:
            filling.cancel()

    async with open_database(path, hear) as database:
        filling = asyncio.create_task(reindex(database))
        (outcome,) = await asyncio.gather(filling, return_exceptions=True)
        assert await found(database, "drills") == ARTICLES
        return outcome is None


async def found(database: Database, text: str) -> int:
    """Return how many stories a search finds."""
    async with database.reading() as connection:
        return (await connection.run(search_stories, text, Filters(), Page(NOW, 10))).total


async def require_whole(database: Database) -> None:
    """Fail unless searches use a whole index of the new form, and nothing else is left."""
    assert await found(database, "wifi") == await found(database, "展示会") == ARTICLES
    assert await found(database, "drlils") == ARTICLES  # the vocabulary has its words
    async with database.transaction() as connection:
        await connection.execute("INSERT INTO article_search (article_search) VALUES ('integrity-check')")
        rows = await connection.execute_fetchall("SELECT name FROM sqlite_master WHERE name LIKE '%search%'")
        assert {row[0] for row in rows} == {
            "search_term",
            "article_search",
            *(f"article_search_{part}" for part in ("data", "idx", "docsize", "config")),
        }


async def test_until_the_new_index_is_whole_searches_use_the_old_one(old: Path) -> None:
    async with open_database(old) as database:
        assert (await found(database, "drills"), await found(database, "wifi")) == (ARTICLES, 0)
        filling = asyncio.create_task(reindex(database))
        while not filling.done():
            assert await found(database, "drills") == ARTICLES
            await asyncio.sleep(0)
        await filling
        await require_whole(database)


async def test_it_may_be_broken_off_after_any_step_and_loses_nothing(old: Path) -> None:
    for steps in count(1):
        if await reindex_for(old, steps):
            break
    async with open_database(old) as database:
        await require_whole(database)


async def test_two_processes_may_fill_it_at_once(old: Path) -> None:
    async with open_database(old) as one, open_database(old) as other:
        await asyncio.gather(reindex(one), reindex(other))
        await require_whole(one)


async def test_what_is_stored_meanwhile_is_in_both(old: Path, tmp_path: Path) -> None:
    assert not await reindex_for(old, 3)
    async with open_database(old) as database:
        reloader = Reloader(database, lambda: NOW)
        for name, words in (("new", "Comets pass"), ("other", "Comets glow"), ("late", "Comets fade")):
            write_seed(tmp_path / "seeds", f"{name}.md", seed_text(f"{HOST}/{name}", title=words))
        await reloader.reload(tmp_path / "seeds")
        async with database.transaction() as connection:
            await grouping.begin(connection)
            await grouping.hide_articles(connection, [1, ARTICLES])  # the new index has one of them already
        assert (await found(database, "comets"), await found(database, "drills")) == (3, ARTICLES - 2)
        write_seed(tmp_path / "seeds", "other.md", seed_text(f"{HOST}/other", title="Lamps go-out"))
        await reloader.reload(tmp_path / "seeds")
        assert (await found(database, "comets"), await found(database, "lamps")) == (2, 1)
        await reindex(database)
        assert (await found(database, "comets"), await found(database, "goout")) == (2, 1)
        assert await found(database, "wifi") == ARTICLES - 2
        async with database.transaction() as connection:
            await connection.execute("INSERT INTO article_search (article_search) VALUES ('integrity-check')")


async def test_topics_keep_their_stories_where_slugs_have_their_marks_now(old: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.execute(
            "INSERT INTO topic (id, slug, name) VALUES (1, 'ह-न-द', 'हिन्दी'), (2, 'net', '.NET')"
        )
        connection.execute("INSERT INTO topic (id, slug, name) VALUES (3, 'ai', 'AI')")
        connection.commit()
    async with open_database(old) as database:
        write_seed(tmp_path / "seeds", "a.md", seed_text(topics=("हिन्दी", "Net")))
        await Reloader(database, lambda: NOW).reload(tmp_path / "seeds")
        await reindex(database)
        async with database.reading() as reader:
            assert await reader.run(topics.slugs) == {
                "हिन्दी": "हिन्दी",
                ".net": ".NET",
                "ai": "AI",
                "net": "Net",
            }


async def test_a_new_database_has_the_new_index_at_once(tmp_path: Path) -> None:
    async with open_database(tmp_path / "new.db") as database:
        write_seed(tmp_path / "seeds", "a.md", seed_text(title="Wi-Fi on Mars"))
        await Reloader(database, lambda: NOW).reload(tmp_path / "seeds")
        assert await found(database, "wifi") == 1
        commits = database.commits
        await reindex(database)
        assert database.commits == commits
