"""What is stored of each story, and read from it for lists, is what its newest chapter says."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from digests.lookup.results import as_of, read_results
from digests.seeds.reload import Reloader
from storage import stories
from storage.engine import Database
from storage.models import from_epoch
from storage.sqlite.database import open_database
from tests.build import ISSUE_TIME, mention_text, seed_text, write_seed
from tests.digests.reloading import all_stories

HOURS = st.sampled_from([0, 1, 1, 24, 24 * 3, 24 * 3 + 1, 24 * 6, 24 * 7, 24 * 7 + 1, 24 * 30])
QUALITIES = st.sampled_from([0, 40, 40, 41, 90])
ARTICLES = st.tuples(st.integers(0, 9), st.sampled_from(["one.example", "two.example"]), HOURS, QUALITIES)
Said = tuple[list[tuple[int, str, int, int]], bool]
RECORDS = st.lists(
    st.tuples(st.lists(ARTICLES, min_size=1, max_size=5), st.booleans()), min_size=1, max_size=5
)


def url(number: int, domain: str) -> str:
    return f"https://{domain}/{number}"


def published(hours: int) -> str:
    return f"{datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


async def load(folder: Path, database: Database, records: list[Said]) -> None:
    for position, (said, removed) in enumerate(records):
        (own, domain, hours, quality), *others = said
        related = [
            mention_text(url(number, at), published=published(after), quality=worth)
            for number, at, after, worth in others
        ]
        text = seed_text(
            url(own, domain),
            published=published(hours),
            quality=quality,
            related=related,
            extra="removed: true\n" if removed else "",
        )
        write_seed(folder, f"{position}.md", text)
    await Reloader(database, lambda: ISSUE_TIME).reload(folder)


async def compare(records: list[Said]) -> None:
    with TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "broadsheet.db") as database:
            await load(Path(folder) / "seeds", database, records)
            found = {story.id: story for story in await all_stories(database)}
            async with database.reading() as connection:
                rows = await connection.execute_fetchall("SELECT * FROM story WHERE pick_id IS NOT NULL")
                summaries = {row["id"]: row for row in rows}
                extracts = await connection.run(stories.extracts, list(found), ISSUE_TIME, 100)
                whole = {
                    story_id: as_of(story, ISSUE_TIME)
                    for story_id, story in found.items()
                    if any(not article.removed for article in story.articles)
                }
                listed = await connection.run(read_results, dict.fromkeys(whole), ISSUE_TIME)
    assert set(summaries) == set(whole)
    for extract in extracts:
        coverage = whole[extract.story.id]
        assert coverage
        summary = summaries[extract.story.id]
        assert extract.story.articles[0] == coverage.pick
        assert (extract.heat, extract.articles, extract.follows) == (
            coverage.heat,
            coverage.articles,
            coverage.follows,
        )
        shown = [article.published_at for article in found[extract.story.id].articles if not article.removed]
        assert (from_epoch(summary["first_at"]), from_epoch(summary["newest_at"])) == (min(shown), max(shown))
    assert len(extracts) == len(whole)
    for result in listed:
        coverage = whole[result.coverage.story_id]
        assert coverage
        assert (result.coverage.pick, result.coverage.heat, result.coverage.follows) == (
            coverage.pick,
            coverage.heat,
            coverage.follows,
        )


@given(RECORDS)
@settings(deadline=None, max_examples=40)
def test_the_pick_the_heat_and_the_times_that_are_stored_are_those_of_the_newest_chapter(
    records: list[Said],
) -> None:
    asyncio.run(compare(records))
