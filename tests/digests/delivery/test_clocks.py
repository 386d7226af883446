"""Clocks that jump: no edition is lost, none comes twice, and all is well once the clock is right again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digests.delivery.outbox import Outbox
from digests.delivery.owe import send_now
from digests.delivery.planner import Planner
from digests.delivery.retention import forget_old
from digests.delivery.transport import TemporaryError
from digests.editions.edition import Edition
from digests.editions.window import Window
from digests.subscriptions.edit import edit, pause, resume
from storage import outbox, subscriptions
from storage.engine import Database
from storage.listings import Listings
from storage.models import Delivery, Subscription, to_epoch
from tests.conftest import Clock
from tests.databases import OpenNew
from tests.letterbox import Letterbox
from tests.subscribed import DAY, NINE, store_stories, subscribe_all

MINUTE, HOUR, YEARS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=70 * 365)
JUMPS = [MINUTE, HOUR, DAY, YEARS]
DAYS = 8  # that have stories


class Town:
    """One digest, at nine each day, whose planner and outbox have a clock that may be wrong."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = Clock(NINE - 2 * HOUR)
        self.letterbox = Moody()
        self.planner = Planner(database, self.letterbox, self.clock)
        self.outbox = Outbox(database, self.letterbox, self.clock)

    async def tick(self, now: datetime) -> list[str]:
        """Do what the scheduler wakes them for, and return the headlines that came."""
        self.clock.now = now
        before = len(self.letterbox.editions)
        await self.outbox.expire()
        await self.planner.plan()
        await self.outbox.deliver_due()
        came = self.letterbox.editions[before:]
        return [choice.coverage.pick.title for edition in came for choice in edition.choices]

    async def run(self, start: datetime, end: datetime, off: timedelta = timedelta()) -> list[str]:
        """Tick every half hour of real time from `start` to before `end`, by a clock that is `off`."""
        titles, real = [], start
        while real < end:
            titles += await self.tick(real + off)
            real += HOUR / 2
        return titles

    async def subscription(self) -> Subscription:
        async with self.database.reading() as connection:
            found = await connection.run(subscriptions.get, 1)
        assert found
        return found

    async def dates(self) -> list[str]:
        async with self.database.reading() as connection:
            rows = await connection.execute_fetchall("SELECT issue_date FROM delivery ORDER BY id")
        return [row[0] for row in rows]


class Moody(Letterbox):
    """A letterbox that doesn't open while somebody holds it shut."""

    shut = False

    async def send(self, delivery: Delivery, number: int, part: Edition) -> int:
        if self.shut:
            raise TemporaryError("shut")
        return await super().send(delivery, number, part)


@pytest.fixture
async def town(tmp_path: Path, open_new: OpenNew) -> AsyncIterator[Town]:
    async with open_new(tmp_path / "broadsheet.db") as database:
        await store_stories(database, tmp_path / "seeds", NINE, DAYS, 2)
        await subscribe_all(database, [7], NINE)
        yield Town(database)


def news(*days: int) -> set[str]:
    """Return the headlines of the stories from before the issue times of these days."""
    return {f"News {day} {number}" for day in days for number in range(2)}


@pytest.mark.no_cover
@pytest.mark.parametrize("away", [HOUR * 3, DAY * 2], ids=["for hours", "for days"])
@pytest.mark.parametrize("sign", [1, -1], ids=["ahead", "behind"])
@pytest.mark.parametrize("jump", JUMPS, ids=["minute", "hour", "day", "years"])
@pytest.mark.parametrize("start", [NINE + DAY - 2 * HOUR, NINE + DAY + MINUTE], ids=["before", "after"])
async def test_every_story_comes_once_whatever_the_clock_shows_for_a_while(
    town: Town, start: datetime, jump: timedelta, sign: int, away: timedelta
) -> None:
    titles = await town.run(NINE - HOUR, start)
    titles += await town.run(start, start + away, sign * jump)
    titles += await town.run(start + away, NINE + (DAYS - 1) * DAY + HOUR)
    assert len(titles) == len(set(titles))
    assert set(titles) == news(*range(DAYS))
    healed = await town.subscription()
    assert (healed.covered_to, healed.next_at) == (NINE + (DAYS - 1) * DAY, NINE + DAYS * DAY)
    right = [date for date in await town.dates() if len(date) == 10 and date < "2026-03-18"]
    assert right == sorted(set(right))


async def test_a_clock_set_back_by_an_hour_sends_no_second_edition(town: Town) -> None:
    assert set(await town.tick(NINE)) == news(0)
    assert await town.run(NINE - HOUR, NINE + DAY) == []
    assert set(await town.tick(NINE + DAY)) == news(1)


@pytest.mark.parametrize("wrong", [datetime(2099, 6, 1, 12, tzinfo=UTC), datetime(1970, 1, 1, 1, tzinfo=UTC)])
async def test_one_planning_by_a_wrong_clock_is_put_right_by_itself(town: Town, wrong: datetime) -> None:
    await town.tick(NINE)
    await town.tick(wrong)
    assert await town.tick(NINE + HOUR) == []
    healed = await town.subscription()
    assert (healed.covered_to, healed.next_at) == (NINE, NINE + DAY)
    assert set(await town.tick(NINE + DAY)) == news(1)


async def test_an_edition_that_was_due_while_the_clock_was_ahead_comes_late(town: Town) -> None:
    await town.tick(NINE)
    await town.tick(NINE + YEARS)
    assert set(await town.tick(NINE + DAY + 3 * HOUR)) == news(1)
    assert (await town.dates())[-1] == "2026-03-11"


async def test_months_of_editions_by_a_clock_that_is_ahead_keep_no_later_date_from_its_own(
    town: Town,
) -> None:
    async with town.database.transaction() as connection:
        await connection.executemany(
            "INSERT INTO delivery"
            " (subscription_id, issue_date, issue_at, state, try_at, parts_sent, settled_at)"
            " VALUES (1, ?, ?, 'sent', 0, 1, ?)",
            [(f"{NINE + n * DAY:%Y-%m-%d}", to_epoch(NINE + n * DAY), to_epoch(NINE)) for n in range(1, 31)],
        )
        await connection.execute(
            "UPDATE subscription SET covered_to = covered_to + 31 * 86400, next_at = next_at + 31 * 86400"
        )
    await town.tick(NINE - HOUR)
    for day in range(3):
        assert set(await town.tick(NINE + day * DAY)) == news(day)


async def test_an_edit_and_a_pause_are_not_held_up_by_an_edition_of_2099(town: Town) -> None:
    await town.tick(NINE)
    await town.tick(NINE + YEARS)
    async with town.database.transaction() as connection:
        edited = await edit(connection, await town.subscription(), {"issue_time": "10:00"}, NINE + HOUR / 2)
        assert edited.next_at == NINE + DAY + HOUR
        await pause(connection, edited)
        resumed = await resume(connection, edited, NINE + 2 * DAY)
    assert (resumed.covered_to, resumed.next_at) == (NINE + DAY + HOUR, NINE + 2 * DAY + HOUR)


async def test_what_is_sent_by_hand_after_a_wrong_clock_has_the_news_of_an_interval(town: Town) -> None:
    await town.tick(NINE)
    async with town.database.transaction() as connection:
        await connection.execute("UPDATE subscription SET covered_to = ?", (to_epoch(NINE + YEARS),))
    sent = await send_now(town.database, await town.subscription(), NINE + 3 * DAY + HOUR)
    assert sent.window == Window(NINE + 2 * DAY, NINE + 3 * DAY + HOUR)
    assert (await town.subscription()).covered_to == NINE + 3 * DAY + HOUR


async def test_a_digest_that_is_sent_before_its_first_issue_time_looks_back_a_week(town: Town) -> None:
    sent = await send_now(town.database, await town.subscription(), NINE - HOUR)
    assert sent.window == Window(NINE - HOUR - 7 * DAY, NINE - HOUR)


async def test_a_list_that_was_made_by_a_wrong_clock_is_forgotten(town: Town) -> None:
    lists = Listings(town.database)
    await lists.add(5, {}, NINE + YEARS)
    kept = await lists.add(5, {}, NINE + HOUR)
    await lists.close()
    assert (await forget_old(town.database, NINE)).listings == 1
    async with town.database.reading() as connection:
        assert await connection.run(lists.get, kept.id) == kept


async def test_a_subscription_made_by_a_wrong_clock_comes_back(town: Town) -> None:
    await subscribe_all(town.database, [8], NINE + YEARS)
    await town.tick(NINE - HOUR)
    async with town.database.reading() as connection:
        healed = await connection.run(subscriptions.get, 2)
    assert healed
    assert (healed.covered_to, healed.next_at) == (NINE - DAY, NINE)


async def test_what_another_process_planned_by_a_wrong_clock_comes_back_within_minutes(town: Town) -> None:
    await town.tick(NINE - HOUR)
    await subscribe_all(town.database, [8], NINE + YEARS)
    await town.run(NINE - HOUR, NINE)
    async with town.database.reading() as connection:
        healed = await connection.run(subscriptions.get, 2)
    assert healed
    assert (healed.covered_to, healed.next_at) == (NINE - DAY, NINE)


async def test_a_digest_whose_zone_is_lost_is_looked_at_again_after_a_wrong_clock(town: Town) -> None:
    async with town.database.transaction() as connection:
        await connection.execute("UPDATE subscription SET zone = 'Mars/Olympus'")
    await town.tick(NINE + YEARS)
    await town.tick(NINE + HOUR)
    assert (await town.subscription()).next_at == NINE + HOUR + DAY


async def test_a_delivery_that_waits_for_2099_is_tried_when_the_clock_is_right(town: Town) -> None:
    town.letterbox.shut = True
    await town.tick(NINE)
    town.clock.now = NINE + YEARS
    await town.outbox.deliver_due()
    async with town.database.transaction() as connection:  # as where 70 years were no reason to give up
        await connection.execute(
            "UPDATE delivery SET state = 'sending', settled_at = NULL, try_at = try_at + ?",
            (int(YEARS.total_seconds()),),
        )
    town.letterbox.shut = False
    town.clock.now = NINE + HOUR
    assert await town.outbox.deliver_due() == 1
    async with town.database.reading() as connection:
        assert await connection.run(outbox.waiting_since) is None
