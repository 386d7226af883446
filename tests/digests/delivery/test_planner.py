"""Whatever is due is planned once, in pages, and what can't be planned keeps nothing from the rest."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from digests.delivery.planner import PLAN_BATCH, Planner
from digests.delivery.retry import MAX_LATE
from digests.editions.edition import Edition
from storage import subscriptions
from storage.engine import Database
from storage.models import Subscription, Trouble
from tests.databases import MakeNew, OpenNew
from tests.letterbox import Letterbox
from tests.subscribed import DAY, GUILD, NINE, store_stories, subscribe_all

MANY = 2 * PLAN_BATCH + 7
A_SERVER = 20  # subscribing looks at all that the server has, so that many in one would take long


@pytest.fixture(scope="module")
def open_busy(tmp_path_factory: pytest.TempPathFactory, make_new: MakeNew) -> OpenNew:
    """Return what opens a new database in which many channels are due at nine."""
    folder = tmp_path_factory.mktemp("busy")

    async def fill(database: Database) -> None:
        await store_stories(database, folder / "seeds", NINE, 3, 4)
        for first in range(1, MANY + 1, A_SERVER):
            channels = range(first, min(first + A_SERVER, MANY + 1))
            await subscribe_all(database, channels, NINE, guild=first, stories=2)
        async with database.transaction() as connection:
            await connection.execute("UPDATE subscription SET guild_id = ?", (GUILD,))

    return make_new(fill)


@pytest.fixture
async def database(tmp_path: Path, open_busy: OpenNew) -> AsyncIterator[Database]:
    async with open_busy(tmp_path / "broadsheet.db") as opened:
        yield opened


async def states(database: Database) -> Counter[str]:
    async with database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT state FROM delivery")
    return Counter(row[0] for row in rows)


async def count_editions(database: Database) -> int:
    async with database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT count(*) FROM edition")
    return int(next(iter(rows))[0])


async def test_an_edition_is_built_once_for_all_that_get_the_same(database: Database) -> None:
    assert await Planner(database, Letterbox(), lambda: NINE).plan() == MANY
    assert await count_editions(database) == 1
    assert await Planner(database, Letterbox(), lambda: NINE).plan() == 0


async def test_muted_outlets_make_another_edition(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("UPDATE subscription SET muted = '[\"one.example\"]' WHERE id <= 5")
    assert await Planner(database, Letterbox(), lambda: NINE).plan() == MANY
    assert await count_editions(database) == 2


async def test_several_planners_at_once_plan_everything_once(database: Database) -> None:
    planners = [Planner(database, Letterbox(), lambda: NINE) for _ in range(3)]
    assert sum(await asyncio.gather(*(planner.plan() for planner in planners))) == MANY
    assert await states(database) == {"pending": MANY}


async def test_what_is_too_late_is_skipped_and_the_next_edition_has_its_stories(database: Database) -> None:
    late = NINE + MAX_LATE + timedelta(minutes=1)
    assert await Planner(database, Letterbox(), lambda: late).plan() == 0
    assert await states(database) == {"skipped": MANY}
    assert await Planner(database, Letterbox(), lambda: NINE + DAY).plan() == MANY
    async with database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT content FROM edition")
    assert '"since":"2026-03-09T09:00:00Z"' in next(iter(rows))[0]


async def test_after_days_away_one_edition_comes_not_one_for_each_day(database: Database) -> None:
    assert await Planner(database, Letterbox(), lambda: NINE + 5 * DAY + timedelta(hours=1)).plan() in {
        0,
        MANY,
    }
    assert sum((await states(database)).values()) == MANY


async def window_after(database: Database, days: int) -> str:
    """Return where the window begins of the edition that comes `days` after the first one was due."""
    await Planner(database, Letterbox(), lambda: NINE + days * DAY).plan()
    async with database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT content FROM edition")
    ((content,),) = rows
    return Edition.from_json(content).window.since.isoformat()


async def test_what_could_not_come_for_a_week_is_caught_up_and_half_a_year_is_not(
    tmp_path: Path, open_busy: OpenNew
) -> None:
    async with open_busy(tmp_path / "week.db") as database:
        assert await window_after(database, 7) == "2026-03-09T09:00:00+00:00"
    async with open_busy(tmp_path / "more.db") as database:
        assert await window_after(database, 8) == "2026-03-17T09:00:00+00:00"
    async with open_busy(tmp_path / "half a year.db") as database:
        assert await window_after(database, 183) == "2026-09-08T09:00:00+00:00"


async def test_a_broken_subscription_keeps_none_of_the_others_waiting(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("UPDATE subscription SET zone = 'Mars/Olympus' WHERE id IN (1, 300)")
        await connection.execute("UPDATE subscription SET issue_time = 'noon' WHERE id = 2")
    letterbox = Letterbox()
    planner = Planner(database, letterbox, lambda: NINE)
    assert await planner.plan() == MANY - 3
    assert letterbox.told == []  # that may take long
    await planner.tell_makers()
    async with database.reading() as connection:
        broken = await connection.run(subscriptions.get, 1)
    assert broken
    assert broken.reason == Trouble.UNKNOWN_ZONE.about("Mars/Olympus")
    # One telling of a kind is enough for all that somebody made.
    assert letterbox.told == [(1, broken.reason), (2, Trouble.UNKNOWN_TIME.about("noon"))]


class Deaf(Letterbox):
    """A transport that can tell nobody anything."""

    async def tell(self, _: Subscription, __: str) -> None:
        raise RuntimeError("nobody hears")


async def test_that_a_maker_can_not_be_told_is_logged_and_stops_nothing(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with database.transaction() as connection:
        await connection.execute("UPDATE subscription SET zone = 'Mars/Olympus' WHERE id = 1")
    planner = Planner(database, Deaf(), lambda: NINE)
    assert await planner.plan() == MANY - 1
    await planner.tell_makers()
    assert "could not be notified" in caplog.text


@pytest.mark.sqlite
async def test_what_is_due_is_found_by_its_index(database: Database) -> None:
    async with database.reading() as connection:
        statements: list[str] = []
        await connection.run(lambda reader: reader.set_trace_callback(statements.append))
        await connection.run(subscriptions.due, NINE, 10)
        plan = await connection.execute_fetchall(f"EXPLAIN QUERY PLAN {statements[0]}")
    assert any("INDEX subscription_due (next_at" in row[3] for row in plan)
