"""Searches find the same in both engines: the same stories by the same articles, in the same order."""

import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.settings import BUNDLED_SEEDS
from digests.lookup.autocomplete import complete_stories
from digests.lookup.providers import find_provider
from digests.lookup.search import search_stories
from digests.lookup.stories import stories_from
from digests.seeds.reload import Reloader
from storage import candidates, providers
from storage.engine import Database
from storage.models import Order, Page
from storage.search.index import Filters
from storage.search.terms import Term, Terms
from tests.bench.seeded import SHARED_CORPUS
from tests.cluster import Cluster
from tests.databases import make_database, opener_of

NOW = datetime(2026, 3, 20, tzinfo=UTC)
ACCENTED = str.maketrans("aeiouncs", "áèîöūñçš")
SEED = 7


class Engines:
    """A database of the same seeds in each engine."""

    def __init__(self, sqlite: Database, postgres: Database) -> None:
        self.sqlite, self.postgres = sqlite, postgres

    async def both(self, read: Any, *args: Any) -> tuple[Any, Any]:
        """Return what a function that reads finds in each."""
        async with self.sqlite.reading() as one, self.postgres.reading() as other:
            return await one.run(read, *args), await other.run(read, *args)

    async def texts(self) -> list[tuple[str, str, str]]:
        """Return the title, excerpt and outlet of every article."""
        async with self.sqlite.reading() as connection:
            rows = await connection.run(
                lambda reader: reader.execute(
                    "SELECT title, excerpt, provider FROM article_text ORDER BY id"
                ).fetchall()
            )
        return [tuple(row) for row in rows]


async def fill(database: Database, folder: Path) -> None:
    await Reloader(database, lambda: NOW).reload(folder)


@pytest.fixture(scope="module", params=["bundled", "azure"])
def folder(request: pytest.FixtureRequest) -> Path:
    found = BUNDLED_SEEDS if request.param == "bundled" else SHARED_CORPUS / request.param
    if not found.is_dir():
        pytest.skip("the shared corpus is not here")
    return found


@pytest.fixture(scope="module")
def openers(folder: Path, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    path = make_database(tmp_path_factory.mktemp("engines") / "made.db", lambda each: fill(each, folder))
    return [opener_of(path), cluster.make(lambda each: fill(each, folder))]


@pytest.fixture
async def engines(openers: list[Any], tmp_path: Path) -> AsyncIterator[Engines]:
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(opener(tmp_path / "a.db")) for opener in openers]
        yield Engines(*opened)


def asked(texts: Sequence[tuple[str, str, str]], count: int) -> Iterator[str]:
    """Yield searches made of the words of texts, in every way that people type them."""
    choice = random.Random(SEED)
    numbered = [text for text in texts if any(map(str.isdigit, text[0]))] or texts
    for number in range(count // 10):
        title, excerpt, outlet = choice.choice(texts)
        words = title.split() + (excerpt.split() if number % 3 == 0 else [])
        one, *others = (choice.choice(words) for _ in range(choice.randint(1, 3)))
        some = " ".join([one, *others])
        start = choice.randrange(len(words))
        yield some
        yield f"{some} "
        yield f'"{" ".join(words[start : start + choice.randint(1, 4)])}"'
        yield f"{some} -{choice.choice(words)} "
        yield some.lower().translate(ACCENTED)
        yield one[: choice.randint(1, 5)]
        yield f"{one} {outlet}"
        yield f"{choice.choice(choice.choice(numbered)[0].split())} "
        yield f"{one[1:]} {' '.join(others)} "
        yield f'"{" ".join(words[start : start + 2])}" -"{" ".join(words[:2])}" {one}'


def told(results: Any) -> Any:
    """Return what makes two answers the same."""
    found = [
        (each.coverage.story_id, each.match.article_id if each.match else each.coverage.pick.id)
        for each in results.stories
    ]
    return results.total, found, getattr(results, "corrections", ())


async def test_the_same_stories_are_found_in_the_same_order(engines: Engines) -> None:
    for number, text in enumerate(asked(await engines.texts(), 1_000)):
        page = Page(NOW, 10, 0 if number % 4 else 20)
        order = list(Order)[number % 7 % len(Order)]
        one, other = await engines.both(search_stories, text, Filters(), page, order)
        assert told(one) == told(other), text


async def test_the_same_titles_are_offered(engines: Engines) -> None:
    for text in asked(await engines.texts(), 300):
        one, other = await engines.both(complete_stories, text, NOW, 25)
        assert one == other, text


async def test_filters_leave_the_same(engines: Engines) -> None:
    outlets = await engines.both(providers.providers)
    assert outlets[0] == outlets[1]
    choice = random.Random(SEED)
    for text in asked(await engines.texts(), 200):
        filters = Filters(
            topic_id=choice.choice((None, 1, 2)),
            provider_ids=choice.choice(((), tuple(each.id for each in choice.sample(outlets[0], 3)))),
            since=choice.choice((None, NOW - timedelta(days=choice.randint(1, 2_500)))),
            min_quality=choice.choice((0, 60)),
        )
        one, other = await engines.both(search_stories, text, filters, Page(NOW, 10))
        assert told(one) == told(other), text


async def test_outlets_and_editions_of_searches_have_the_same(engines: Engines) -> None:
    for outlet in (await engines.both(providers.providers))[0][:40]:
        found, also = await engines.both(find_provider, outlet.domain)
        assert found == also
        one, other = await engines.both(stories_from, found, Page(NOW, 10))
        assert told(one) == told(other), outlet
    words = {word for text in (await engines.texts())[:50] for word in text[0].lower().split()}
    for word in sorted(filter(str.isalpha, words)):
        terms = Terms((Term(word),))
        one, other = await engines.both(candidates.of_search, terms, NOW - timedelta(days=2_500), NOW)
        assert one == other, word
