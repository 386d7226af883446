"""What lists say of stories, which they read in part, against the whole of each."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digests.lookup.results import LISTED_ARTICLES, as_of, read_results
from digests.seeds.reload import Reloader
from digests.stories.coverage import Coverage, fold_stories
from storage.engine import Connection
from storage.models import Story
from tests.build import mention_text, seed_text, write_seed
from tests.databases import OpenNew
from tests.digests.reloading import all_stories

NOW = datetime(2026, 3, 20, tzinfo=UTC)
STORIES = 40
TITLES = ("The bridge is shut for the winter again", "Another bridge is shut for the whole winter")


def mention(choice: random.Random, story: int, number: int) -> str:
    """Return an article that is often as good, as new, or the same text as others of its story."""
    return mention_text(
        f"https://outlet{choice.randint(1, 6)}.example/{story}/{number}",
        title=choice.choice([*TITLES, f"Words {story} of {number}"]),
        published=f"2026-03-{choice.choice((1, 2, 10, 11, 12)):02}T00:00:00Z",
        quality=choice.choice((40, 50)),
    )


@pytest.fixture(params=[1, 2, 3])
async def stored(
    request: pytest.FixtureRequest, tmp_path: Path, open_new: OpenNew
) -> AsyncIterator[tuple[Connection, list[Story]]]:
    """Yield a connection to made-up stories of one to fifteen articles, and these stories."""
    choice = random.Random(request.param)
    for story in range(STORIES):
        related = [mention(choice, story, number) for number in range(choice.randrange(15))]
        write_seed(tmp_path, f"seeds/{story}.md", seed_text(f"https://own.example/{story}", related=related))
    async with open_new(tmp_path / "results.db") as database:
        await Reloader(database, lambda: NOW).reload(tmp_path / "seeds")
        stories = await all_stories(database)
        async with database.reading() as connection:
            yield connection, stories


@pytest.mark.parametrize("now", [NOW, datetime(2026, 3, 11, tzinfo=UTC)])
async def test_a_list_says_of_a_story_what_all_of_its_articles_say(
    stored: tuple[Connection, list[Story]], now: datetime
) -> None:
    connection, stories = stored
    results = await connection.run(read_results, {story.id: None for story in stories}, now)
    listed = fold_stories([coverage for story in stories if (coverage := as_of(story, now))])
    wholes = [first.with_copies(copies) if copies else first for first, *copies in listed]
    assert [said(result.coverage) for result in results] == list(map(said, wholes))
    few = [(result.coverage, whole) for result, whole in zip(results, wholes, strict=True)]
    assert all(shown == whole for shown, whole in few if whole.articles <= LISTED_ARTICLES)
    assert any(shown.copies for shown, whole in few if whole.articles > LISTED_ARTICLES)


def said(coverage: Coverage) -> tuple[object, ...]:
    """Return what is the same however many of a story's articles are read."""
    return coverage.pick, coverage.also, coverage.heat, coverage.articles
