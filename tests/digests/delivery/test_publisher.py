"""What is posted is published to followers, sooner or later, and never in the way of anything else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

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
from storage import outbox
from storage.engine import Database
from storage.models import Delivery, DeliveryState
from tests.conftest import Clock
from tests.databases import OpenNew
from tests.digests.delivery.test_sender import PARTS, Wall
from tests.letterbox import Letterbox
from tests.subscribed import DAY, NINE, store_stories, subscribe_all

MINUTE = timedelta(minutes=1)
ALL = [100 + number for number in range(PARTS)]


class Newsroom(Wall):
    """A wall whose messages have followers; `trouble` goes wrong with every publication."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.trouble: TransportError | None = None
        self.tries: list[tuple[datetime, int]] = []

    async def publish(self, channel_id: int, message_id: int) -> None:
        self.tries.append((self.clock.now, message_id))
        if self.trouble:
            raise self.trouble
        await super().publish(channel_id, message_id)


@pytest.fixture
async def database(tmp_path: Path, open_new: OpenNew) -> AsyncIterator[Database]:
    """Return a database in which one delivery to an announcement channel is due, at nine."""
    async with open_new(tmp_path / "broadsheet.db") as opened:
        await store_stories(opened, tmp_path / "seeds", NINE, 3, 2)
        await subscribe_all(opened, [7], NINE, publish=True)
        await Planner(opened, Letterbox(), lambda: NINE).plan()
        yield opened


async def delivery(database: Database) -> Delivery:
    async with database.reading() as connection:
        found = await connection.run(outbox.get, 1)
    assert found
    return found


async def test_every_part_is_published_once(database: Database) -> None:
    clock = Clock(NINE)
    room = Newsroom(clock)
    box = Outbox(database, room, clock)
    assert await box.deliver_due() == 1
    clock.now += timedelta(hours=1)
    assert await box.deliver_due() == 0
    assert sorted(room.published) == ALL
    assert (await delivery(database)).unpublished is None


@pytest.mark.parametrize("trouble", [TemporaryError("not just now"), UncertainError("no answer")])
async def test_what_fails_is_tried_again_with_growing_pauses_until_it_holds(
    database: Database, trouble: TransportError
) -> None:
    clock = Clock(NINE)
    room = Newsroom(clock)
    box = Outbox(database, room, clock)
    room.trouble = trouble
    assert await box.deliver_due() == 1  # the edition has come all the same
    found = await delivery(database)
    assert (found.state, found.error) == (DeliveryState.SENT, None)
    assert found.unpublished == f"not published yet: {trouble}"
    for _ in range(300):
        clock.now += MINUTE
        await box.deliver_due()
    tries = [at for at, message in room.tries if message == ALL[0]]
    pauses = [after - before for before, after in pairwise(tries)]
    assert pauses[0] <= 2 * MINUTE
    assert 45 * MINUTE < max(pauses) <= 73 * MINUTE
    room.trouble = None
    clock.now += timedelta(hours=2)
    await box.deliver_due()
    assert sorted(room.published) == ALL
    assert (await delivery(database)).unpublished is None


async def test_it_is_given_up_when_it_is_too_late(database: Database) -> None:
    clock = Clock(NINE)
    room = Newsroom(clock)
    room.trouble = TemporaryError("not just now")
    box = Outbox(database, room, clock)
    for _ in range(15 * 12):
        await box.deliver_due()
        clock.now += 5 * MINUTE
    assert NINE + MAX_LATE - timedelta(minutes=80) < max(at for at, _ in room.tries) <= NINE + MAX_LATE
    assert (await delivery(database)).unpublished == "not published: not just now"


async def test_after_a_long_outage_nothing_old_is_published(database: Database) -> None:
    clock = Clock(NINE)
    room = Newsroom(clock)
    room.trouble = TemporaryError("not just now")
    await Outbox(database, room, clock).deliver_due()
    room.trouble, tries = None, len(room.tries)
    clock.now += MAX_LATE + MINUTE
    await Outbox(database, room, clock).deliver_due()
    assert (room.published, len(room.tries)) == ([], tries)
    assert (await delivery(database)).unpublished == "not published: too late"


@pytest.mark.parametrize("trouble", [PermanentError("closed"), RefusedError("no announcement channel")])
async def test_what_can_not_work_is_not_tried_again(database: Database, trouble: TransportError) -> None:
    clock = Clock(NINE)
    room = Newsroom(clock)
    room.trouble = trouble
    box = Outbox(database, room, clock)
    for _ in range(5):
        await box.deliver_due()
        clock.now += timedelta(hours=1)
    assert len(room.tries) == PARTS
    assert (await delivery(database)).unpublished == f"not published: {trouble}"


async def test_a_channel_that_published_enough_waits_as_long_as_it_is_told(database: Database) -> None:
    clock = Clock(NINE)
    room = Newsroom(clock)
    box = Outbox(database, room, clock)
    room.trouble = TemporaryError("enough for now", timedelta(minutes=50))
    await box.deliver_due()
    assert len(room.tries) == 1  # the others of the channel need not be refused one by one
    for _ in range(49):
        clock.now += MINUTE
        await box.deliver_due()
    assert len(room.tries) == 1
    room.trouble = None
    clock.now += MINUTE
    await box.deliver_due()
    assert sorted(room.published) == ALL


async def test_what_hangs_holds_up_no_part_and_no_other_delivery(database: Database) -> None:
    clock, hanging, go_on, last = Clock(NINE), asyncio.Event(), asyncio.Event(), asyncio.Event()

    class Stuck(Newsroom):
        async def publish(self, channel_id: int, message_id: int) -> None:
            hanging.set()
            await go_on.wait()
            await super().publish(channel_id, message_id)

        async def send(self, delivery: Delivery, number: int, part: int) -> int:
            sent = await super().send(delivery, number, part)
            if len(self.pinned) == 2 * PARTS:
                last.set()
            return sent

    room = Stuck(clock)
    box = Outbox(database, room, clock)
    await subscribe_all(database, [8], NINE)
    await Planner(database, Letterbox(), clock).plan()
    box.wake()
    async with asyncio.timeout(10):
        await hanging.wait()
        await last.wait()
        go_on.set()
        await box.deliver_due()
    assert sorted(room.published) == ALL


async def test_a_process_that_dies_before_or_while_it_publishes_loses_nothing(database: Database) -> None:
    clock = Clock(NINE)
    room = Newsroom(clock)
    first = Outbox(database, room, clock)
    async with database.transaction() as connection:  # as if it had died while it published the first part
        await connection.execute(
            "UPDATE delivery SET state = 'sending', parts_sent = 1, message_id = 100, try_at = 0"
        )
        await connection.execute(
            "INSERT INTO publication (delivery_id, part, message_id, owed_at, attempts, try_at)"
            " VALUES (1, 0, 100, ?, 1, ?)",
            (int(NINE.timestamp()), int((NINE + LEASE).timestamp())),
        )
    room.pinned = [(1, 0), (1, 1)]  # and another one right after the second part came
    assert await first.deliver_due() == 1
    assert sorted(room.published) == ALL[1:]
    clock.now += LEASE
    await Outbox(database, room, clock).deliver_due()
    assert sorted(room.published) == ALL


async def test_a_digest_that_is_not_to_be_published_any_more_is_not(database: Database) -> None:
    clock = Clock(NINE)
    room = Newsroom(clock)
    box = Outbox(database, room, clock)
    room.trouble = TemporaryError("not just now")
    await box.deliver_due()
    room.trouble = None
    async with database.transaction() as connection:
        await connection.execute("UPDATE subscription SET publish = FALSE")
    clock.now += DAY / 4
    await box.deliver_due()
    assert room.published == []
