"""Due subscriptions become deliveries: each edition is built and stored once, whoever else gets it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digests.lookups import find_topic
from digests.outbox import read_edition
from digests.planner import Planner
from digests.reload import Reloader
from digests.subscribing import Wish, next_edition, subscribe
from digests.timetable import Timetable, parse_time, parse_zone
from storage import outbox, subscriptions
from storage.database import Database, open_database
from storage.models import Delivery, DeliveryState, Shown, Subscription
from tests.build import HOST, mention_text, seed_text, write_seed

EIGHT = datetime(2026, 3, 10, 8, tzinfo=UTC)
NINE = EIGHT + timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    for number in range(8):
        published = f"2026-03-10T0{number}:00:00Z"
        write_seed(
            tmp_path / "seeds",
            f"{number}.md",
            seed_text(f"{HOST}/{number}", quality=50 + number, published=published),
        )
    async with open_database(tmp_path / "broadsheet.db") as opened:
        await Reloader(opened, lambda: EIGHT).reload(tmp_path / "seeds")
        yield opened


async def add(database: Database, channel_id: int, stories: int = 5, min_quality: int = 0) -> Subscription:
    """Subscribe a channel to AI, daily at nine."""
    async with database.transaction() as connection:
        wish = Wish(
            topic=await find_topic(connection, "AI", EIGHT),
            guild_id=1,
            channel_id=channel_id,
            user_id=3,
            timetable=Timetable(parse_time("9"), parse_zone("UTC")),
            stories=stories,
            min_quality=min_quality,
        )
        return await subscribe(connection, wish, EIGHT)


async def deliveries(database: Database) -> list[Delivery]:
    async with database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT id FROM delivery ORDER BY id")
        found = [await outbox.get(connection, row[0]) for row in rows]
    return [delivery for delivery in found if delivery]


async def chosen(database: Database, delivery: Delivery) -> list[str]:
    async with database.reading() as connection:
        edition = await read_edition(connection, delivery)
    return [choice.coverage.pick.url for choice in edition.choices] if edition else []


async def test_an_edition_is_stored_once_for_each_set_of_options(database: Database) -> None:
    for channel_id in range(250):
        await add(database, channel_id, stories=1 + channel_id % 2)
    assert await Planner(database, lambda: NINE).plan() == 250
    owed = await deliveries(database)
    assert len({(delivery.subscription_id, delivery.issue_date) for delivery in owed}) == 250
    assert {delivery.state for delivery in owed} == {DeliveryState.PENDING}
    assert len({delivery.edition_id for delivery in owed}) == 2
    assert sorted({len(await chosen(database, delivery)) for delivery in (owed[0], owed[-1])}) == [1, 2]


async def test_what_was_planned_is_not_planned_again(database: Database) -> None:
    await add(database, 1)
    one, other = Planner(database, lambda: NINE), Planner(database, lambda: NINE)
    assert await one.plan() + await other.plan() == 1
    assert len(await deliveries(database)) == 1


async def test_subscriptions_that_remember_other_stories_get_other_editions(database: Database) -> None:
    first, second = await add(database, 1), await add(database, 2)
    best = f"{HOST}/7"
    async with database.reading() as connection:
        coverage = (await next_edition(connection, first)).choices[0].coverage
    assert coverage.pick.url == best
    async with database.transaction() as connection:
        earlier = await outbox.add(
            connection,
            subscription_id=second.id,
            issue_date="2026-03-09",
            issue_at=NINE - DAY,
            state=DeliveryState.SENT,
            edition_id=None,
            now=NINE - DAY,
        )
        assert earlier
        shown = [Shown(coverage.story_id, coverage.pick.id, coverage.pick.quality)]
        await subscriptions.remember(connection, second.id, earlier, shown)
    assert await Planner(database, lambda: NINE).plan() == 2
    held = [await chosen(database, delivery) for delivery in (await deliveries(database))[-2:]]
    assert best in held[0]
    assert best not in held[1]


async def test_a_story_that_merged_with_one_that_was_shown_does_not_return(
    database: Database, tmp_path: Path
) -> None:
    await add(database, 1)
    await Planner(database, lambda: NINE).plan()
    tied = seed_text(
        f"{HOST}/new",
        quality=54,
        published="2026-03-10T12:00:00Z",
        related=[mention_text(f"{HOST}/7", quality=57, published="2026-03-10T07:00:00Z")],
    )
    write_seed(tmp_path / "seeds", "new.md", tied)
    await Reloader(database, lambda: NINE + DAY / 2).reload(tmp_path / "seeds")
    assert await Planner(database, lambda: NINE + DAY).plan() == 0
    assert [delivery.state for delivery in await deliveries(database)] == [
        DeliveryState.PENDING,
        DeliveryState.EMPTY,
    ]
