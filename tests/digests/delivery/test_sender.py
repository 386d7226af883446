"""Parts go in order, once, also where senders stand still, take over from each other, or stop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from digests.delivery.outbox import Outbox
from digests.delivery.planner import Planner
from digests.delivery.retry import LEASE, MAX_LATE
from digests.delivery.transport import (
    PermanentError,
    RefusedError,
    TemporaryError,
    TransportError,
    UncertainError,
)
from digests.editions.edition import Edition
from digests.editions.preview import read_edition
from digests.subscriptions.losses import Loss
from storage import outbox, subscriptions, troubles
from storage.engine import Database
from storage.models import Delivery, DeliveryState, PlaceKind, Subscription, SubscriptionState
from tests.conftest import Clock
from tests.databases import OpenNew
from tests.letterbox import Letterbox
from tests.subscribed import DAY, NINE, store_stories, subscribe_all

PARTS = 3


async def _nothing(_: int) -> None:
    """Happen."""


class Wall:
    """A transport that keeps what is pinned up.

    `before` and `after` go wrong around the next send, `each` happens at the begin of every one.
    """

    def __init__(self) -> None:
        self.pinned: list[tuple[int, int]] = []
        self.told: list[str] = []
        self.published: list[int] = []
        self.before: TransportError | None = None
        self.after: TransportError | None = None
        self.meanwhile: Outbox | None = None
        self.hidden: TransportError | None = None
        self.each: Callable[[int], Awaitable[None]] = _nothing

    def compose(self, _: Delivery, __: Edition) -> list[int]:
        return list(range(PARTS))

    def count_stories(self, _: Delivery, __: Edition, parts: int) -> int:
        return parts

    async def send(self, delivery: Delivery, number: int, _: int) -> int:
        before, after, other = self.before, self.after, self.meanwhile
        self.before = self.after = self.meanwhile = None
        await self.each(number)
        if before:
            raise before
        self.pinned.append((delivery.id, number))
        if other:
            await other.deliver_due()
        if after:
            raise after
        return 100 + number

    async def find(self, delivery: Delivery, number: int) -> int | None:
        if self.hidden:
            raise self.hidden
        return 100 + number if (delivery.id, number) in self.pinned else None

    async def publish(self, _: int, message_id: int) -> None:
        self.published.append(message_id)

    def is_open(self, _: Subscription) -> bool:
        return False

    def has_lost_role(self, _: Subscription) -> bool:
        return False

    async def warn(self, _: Subscription, loss: Loss) -> None:
        self.told.append(loss.key)

    async def tell(self, _: Subscription, reason: str) -> None:
        self.told.append(reason)


@pytest.fixture
async def database(tmp_path: Path, open_new: OpenNew) -> AsyncIterator[Database]:
    """Return a database in which one delivery is due, at nine."""
    async with open_new(tmp_path / "broadsheet.db") as opened:
        await store_stories(opened, tmp_path / "seeds", NINE, 3, 2)
        await subscribe_all(opened, [7], NINE, kind=PlaceKind.CHANNEL)
        await Planner(opened, Letterbox(), lambda: NINE).plan()
        yield opened


async def delivery(database: Database, delivery_id: int = 1) -> Delivery:
    async with database.reading() as connection:
        found = await connection.run(outbox.get, delivery_id)
    assert found
    return found


async def subscription(database: Database) -> Subscription:
    async with database.reading() as connection:
        found = await connection.run(subscriptions.get, 1)
    assert found
    return found


WHOLE = [(1, number) for number in range(PARTS)]


async def test_a_sender_that_stood_still_leaves_what_another_took_over(database: Database) -> None:
    wall, clock, later = Wall(), Clock(NINE), Clock(NINE)
    later.now = NINE + LEASE + timedelta(seconds=1)
    wall.meanwhile = Outbox(database, wall, later)
    assert await Outbox(database, wall, clock).deliver_due() == 0
    assert wall.pinned == WHOLE
    assert (await delivery(database)).state is DeliveryState.SENT


@pytest.mark.parametrize("lost", [UncertainError("no answer"), TemporaryError("not just now")])
async def test_after_trouble_the_rest_follows_in_order(database: Database, lost: TransportError) -> None:
    wall, clock = Wall(), Clock(NINE)
    box = Outbox(database, wall, clock)
    wall.before = lost
    assert await box.deliver_due() == 0
    assert (await delivery(database)).error == str(lost)
    clock.now += timedelta(minutes=1)
    assert await box.deliver_due() == 1
    assert wall.pinned == WHOLE


async def test_pauses_between_tries_grow_up_to_an_hour_and_end_when_it_is_too_late(
    database: Database,
) -> None:
    wall, clock = Wall(), Clock(NINE)
    box = Outbox(database, wall, clock)
    tries: list[datetime] = []
    while (await delivery(database)).state is DeliveryState.PENDING:
        wall.before = TemporaryError("not just now")
        await box.deliver_due()
        if (await delivery(database)).attempts > len(tries):
            tries.append(clock.now)
        clock.now += timedelta(minutes=1)
    pauses = [after - before for before, after in pairwise(tries)]
    assert pauses[0] <= timedelta(minutes=1)
    assert timedelta(minutes=45) < max(pauses) <= timedelta(minutes=73)
    assert 10 < len(tries) < 30
    assert NINE + MAX_LATE - timedelta(minutes=75) < tries[-1] <= NINE + MAX_LATE
    assert (await delivery(database)).state is DeliveryState.FAILED
    assert (await subscription(database)).covered_to == NINE - DAY


async def test_what_may_have_arrived_is_looked_for_before_it_is_given_up(database: Database) -> None:
    wall, clock = Wall(), Clock(NINE)
    box = Outbox(database, wall, clock)
    wall.after, wall.hidden = UncertainError("no answer"), TemporaryError("not just now")
    for _ in range(3):
        await box.deliver_due()
        clock.now += MAX_LATE
    wall.hidden = None
    assert await box.deliver_due() == 1
    assert wall.pinned == WHOLE


async def test_what_did_not_arrive_in_time_is_skipped_after_a_look(database: Database) -> None:
    wall, clock = Wall(), Clock(NINE)
    box = Outbox(database, wall, clock)
    wall.before = UncertainError("no answer")
    await box.deliver_due()
    clock.now += MAX_LATE + timedelta(hours=1)
    assert await box.deliver_due() == 0
    assert wall.pinned == []
    assert (await delivery(database)).state is DeliveryState.FAILED
    assert (await subscription(database)).covered_to == NINE - DAY


async def test_a_place_that_closes_between_two_parts_gets_the_rest_when_it_opens(database: Database) -> None:
    wall, clock = Wall(), Clock(NINE)
    box = Outbox(database, wall, clock)
    await box.deliver_due()
    assert wall.pinned == WHOLE
    await Planner(database, Letterbox(), lambda: NINE + DAY).plan()
    clock.now = NINE + DAY

    async def close_after_one(number: int) -> None:
        if number == 1 and not wall.told:
            raise PermanentError("closed")

    wall.each = close_after_one
    assert await box.deliver_due() == 0
    assert (await subscription(database)).state is SubscriptionState.BLOCKED
    assert wall.told == ["closed"]
    assert await box.deliver_due() == 0
    async with database.transaction() as connection:
        await troubles.unblock(connection, [1])
    assert await box.deliver_due() == 1
    assert wall.pinned == [*WHOLE, *((2, number) for number in range(PARTS))]


async def test_a_refused_edition_blocks_nothing_and_its_stories_come_later(database: Database) -> None:
    wall, clock = Wall(), Clock(NINE)
    wall.before = RefusedError("too long")
    await Outbox(database, wall, clock).deliver_due()
    assert (await delivery(database)).error == "too long"
    found = await subscription(database)
    assert (found.state, found.covered_to) == (SubscriptionState.ACTIVE, NINE - DAY)


async def test_the_next_edition_has_what_did_not_arrive_of_one_that_broke_off(database: Database) -> None:
    wall, clock = Wall(), Clock(NINE)
    box = Outbox(database, wall, clock)

    async def refuse_after_one(number: int) -> None:
        if number == 1:
            raise RefusedError("too long")

    wall.each = refuse_after_one
    await box.deliver_due()
    assert ((await delivery(database)).state, wall.pinned) == (DeliveryState.FAILED, WHOLE[:1])
    clock.now = NINE + DAY
    await Planner(database, Letterbox(), clock).plan()
    (_, missed), new = await titles(database, 1), await titles(database, 2)
    assert sorted(new) == sorted([missed, "News 1 0", "News 1 1"])


async def test_what_is_missing_when_the_next_edition_is_due_is_part_of_that(database: Database) -> None:
    wall, clock = Wall(), Clock(NINE)
    box = Outbox(database, wall, clock)

    async def close_after_one(number: int) -> None:
        if number == 1:
            raise PermanentError("closed")

    wall.each = close_after_one
    await box.deliver_due()
    async with database.transaction() as connection:
        await troubles.unblock(connection, [1])
    clock.now = NINE + DAY
    assert await box.expire() == 1
    await Planner(database, Letterbox(), clock).plan()
    (_, missed), new = await titles(database, 1), await titles(database, 2)
    assert sorted(new) == sorted([missed, "News 1 0", "News 1 1"])


async def test_many_that_came_too_late_are_skipped_in_steps_between_which_others_write(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await subscribe_all(database, range(8, 12), NINE)
    await Planner(database, Letterbox(), lambda: NINE).plan()
    monkeypatch.setattr("digests.delivery.outbox.EXPIRE_BATCH", 2)
    before = database.commits
    assert await Outbox(database, Letterbox(), Clock(NINE + DAY)).expire() == 5
    assert database.commits - before == 3
    assert [(await delivery(database, number)).state for number in range(1, 6)] == [DeliveryState.SKIPPED] * 5


async def titles(database: Database, delivery_id: int) -> list[str]:
    """Return the titles of the stories of a delivery's edition."""
    async with database.reading() as connection:
        edition = await connection.run(read_edition, await delivery(database, delivery_id))
    assert edition
    return [choice.coverage.pick.title for choice in edition.choices]


async def test_a_closing_outbox_begins_no_part_and_the_next_one_goes_on_at_once(database: Database) -> None:
    wall, clock = Wall(), Clock(NINE)
    box = Outbox(database, wall, clock)
    closing = []

    async def close_at_once(_: int) -> None:
        closing.append(asyncio.create_task(box.close()))
        await asyncio.sleep(0)  # lets it begin

    wall.each = close_at_once
    assert await box.deliver_due() == 0
    assert wall.pinned == WHOLE[:1]
    await asyncio.gather(*closing)
    wall.each = _nothing
    assert await Outbox(database, wall, clock).deliver_due() == 1
    assert wall.pinned == WHOLE


async def test_a_closing_outbox_waits_for_what_hangs_without_looking_over_and_over(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall, clock = Wall(), Clock(NINE)
    began = asyncio.Event()
    box = Outbox(database, wall, clock)
    looks: list[int] = []

    async def hang(_: int) -> None:
        began.set()
        await asyncio.Event().wait()

    async def counted(tasks: Collection[asyncio.Task[Any]], **options: Any) -> Any:
        looks.append(len(tasks))
        return await wait(tasks, **options)

    wall.each, wait = hang, asyncio.wait
    monkeypatch.setattr("digests.delivery.worker.CLOSING_SECONDS", 0.1)
    monkeypatch.setattr("digests.delivery.worker.asyncio.wait", counted)
    box.wake()
    await began.wait()
    await box.close()
    assert len(looks) < 10


async def test_a_wake_while_a_run_fails_is_not_lost(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall, clock = Wall(), Clock(NINE)
    box = Outbox(database, wall, clock)
    claim = outbox.claim

    async def woken_and_failing(*_: Any) -> None:
        box.wake()
        monkeypatch.setattr(outbox, "claim", claim)
        raise RuntimeError("the database is gone for a moment")

    monkeypatch.setattr(outbox, "claim", woken_and_failing)
    whole = asyncio.Event()

    async def note_the_last(number: int) -> None:
        if number == PARTS - 1:
            whole.set()

    wall.each = note_the_last
    box.wake()
    await asyncio.wait_for(whole.wait(), 10)
    await box.close()
    assert wall.pinned == WHOLE


async def test_what_becomes_due_meanwhile_does_not_wait_for_a_channel_that_hangs(database: Database) -> None:
    wall, clock = Wall(), Clock(NINE)
    came, last, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    box = Outbox(database, wall, clock)

    async def hang_at_first(number: int) -> None:
        if not came.is_set():
            came.set()
            await go_on.wait()
        elif number == PARTS - 1:
            last.set()

    wall.each = hang_at_first
    delivering = asyncio.create_task(box.deliver_due())
    async with asyncio.timeout(10):
        await came.wait()
        await subscribe_all(database, [8], NINE)
        await Planner(database, Letterbox(), clock).plan()
        box.wake()
        await last.wait()
    assert {delivery_id for delivery_id, _ in wall.pinned} == {2}
    go_on.set()
    assert await delivering == 2
