"""What a subscription was shown doesn't return to it, and matters to no other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from digests.delivery.planner import Planner
from digests.editions.issue import edition_at, shown_by
from digests.editions.preview import read_edition
from digests.seeds.reload import Reloader
from storage import memory, outbox
from storage.engine import Database
from tests.build import HOST, mention_text, seed_text, write_seed
from tests.databases import OpenNew
from tests.letterbox import Letterbox
from tests.subscribed import DAY, NINE, store_stories, subscribe_all


@pytest.fixture
async def database(tmp_path: Path, open_new: OpenNew) -> AsyncIterator[Database]:
    async with open_new(tmp_path / "broadsheet.db") as opened:
        await store_stories(opened, tmp_path / "seeds", NINE, 1, 3)
        yield opened


async def titles(database: Database) -> list[list[str]]:
    """Return the titles that each delivery brings, in their order."""
    async with database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT id FROM delivery ORDER BY issue_at, id")
        found = [await connection.run(outbox.get, row[0]) for row in rows]
        editions = [await connection.run(read_edition, delivery) for delivery in found if delivery]
    return [
        [choice.coverage.pick.title for choice in edition.choices] if edition else [] for edition in editions
    ]


async def test_subscriptions_that_remember_other_stories_get_other_editions(database: Database) -> None:
    first, second = await subscribe_all(database, (1, 2), NINE)
    async with database.transaction() as connection:
        held = shown_by(await connection.run(edition_at, first, NINE))
        ((delivery_id,),) = await connection.execute_fetchall(
            "INSERT INTO delivery (subscription_id, issue_date, issue_at, state, try_at)"
            " VALUES (?, '2026-03-09', 0, 'sent', 0) RETURNING id",
            (second.id,),
        )
        await memory.remember(connection, [(second.id, delivery_id, held[0])])
    assert await Planner(database, Letterbox(), lambda: NINE).plan() == 2
    _, whole, rest = await titles(database)
    assert whole[1:] == rest
    assert len(rest) == 2


async def test_a_story_that_merged_with_one_that_was_shown_does_not_return(
    database: Database, tmp_path: Path
) -> None:
    await subscribe_all(database, (1,), NINE)
    await Planner(database, Letterbox(), lambda: NINE).plan()
    tied = seed_text(
        f"{HOST}/new",
        quality=54,
        published="2026-03-10T12:00:00Z",
        related=[mention_text(f"{HOST}/0-0", published="2026-03-10T08:00:00Z")],
    )
    write_seed(tmp_path / "seeds", "new.md", tied)
    await Reloader(database, lambda: NINE + DAY / 2).reload(tmp_path / "seeds")
    assert await Planner(database, Letterbox(), lambda: NINE + DAY).plan() == 0
    assert [len(each) for each in await titles(database)] == [3, 0]
