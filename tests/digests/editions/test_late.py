"""What becomes eligible only within a digest's window still comes, if it is at most three days older."""

from datetime import timedelta
from pathlib import Path

import pytest

from digests.editions.candidates import EditionOptions
from digests.editions.preview import edition_of_window
from digests.editions.window import Window
from digests.lookup.topics import find_topic
from digests.seeds.reload import Reloader
from storage.engine import Database
from storage.models import Subject
from tests.build import HOST, mention_text, seed_text, write_seed
from tests.databases import OpenNew
from tests.subscribed import DAY, NINE

EVENING = NINE + timedelta(hours=9)
TOO_OLD = "2026-03-07T08:00:00Z"
NEXT = Window(NINE, NINE + DAY)


def told(quality: int, *topics: str, published: str = "2026-03-10T08:00:00Z", more: str = "") -> str:
    carried = topics or ("AI",)
    return seed_text(
        f"{HOST}/1",
        title="Late",
        quality=quality,
        published=published,
        topics=carried,
        related=[more] if more else [],
    )


async def editions(
    database: Database, folder: Path, before: str, after: str, options: EditionOptions, topic: str = "AI"
) -> list[str]:
    """Load a seed in the morning and again, changed, in the evening; return the next day's titles."""
    for text, now in ((before, NINE - timedelta(hours=1)), (after, EVENING)):
        write_seed(folder, "late.md", text)
        await Reloader(database, lambda now=now: now).reload(folder)  # type: ignore[misc]
    async with database.reading() as connection:
        found = await connection.run(find_topic, topic, NINE + DAY)
        edition = await connection.run(edition_of_window, Subject((found,)), NEXT, options)
    return [choice.coverage.pick.title for choice in edition.choices]


OTHER = mention_text("https://two.example/2", title="Other", published="2026-03-10T07:00:00Z", quality=60)


@pytest.mark.parametrize(
    ("before", "after", "least", "comes"),
    [
        (told(50, "Other topic"), told(50), 0, True),  # it got the topic
        (told(50), told(70), 60, True),  # it was scored up over the minimum quality
        (told(50, more=OTHER), told(70, more=OTHER), 0, True),  # it was scored up to be the pick
        (told(50), told(70), 0, False),  # it was eligible before, and below the cut
        (told(70), told(50), 0, False),  # it was scored down
        (told(50), told(50), 0, False),  # nothing changed
        (told(50, "Other topic", published=TOO_OLD), told(50, published=TOO_OLD), 0, False),
    ],
)  # fmt: skip
async def test_a_story_comes_the_next_day_if_it_became_eligible_late(
    tmp_path: Path, open_new: OpenNew, before: str, after: str, least: int, comes: bool
) -> None:
    async with open_new(tmp_path / "late.db") as database:
        options = EditionOptions(min_quality=least)
        assert await editions(database, tmp_path / "seeds", before, after, options) == ["Late"] * comes


async def test_an_article_scored_up_twice_counts_as_it_was_before_the_window(
    tmp_path: Path, open_new: OpenNew
) -> None:
    async with open_new(tmp_path / "late.db") as database:
        folder = tmp_path / "seeds"
        write_seed(folder, "late.md", told(40))
        await Reloader(database, lambda: NINE - timedelta(hours=1)).reload(folder)
        write_seed(folder, "late.md", told(62))
        await Reloader(database, lambda: NINE + timedelta(hours=1)).reload(folder)
        options = EditionOptions(min_quality=60)
        assert await editions(database, folder, told(62), told(70), options) == ["Late"]
