"""A group of shards has one process; another takes its place when that ends, freezes or is cut off."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digests import tenure
from digests.errors import OtherLayoutError, ReplacedError, TooManyGroupsError
from digests.tenure import LEASE_FOR, SURE_SECONDS, LeasedTenure
from storage.engine import Database
from storage.sqlite.database import open_database

START = datetime(2026, 3, 10, 9, tzinfo=UTC)


class Time:
    """A clock and a timer that stand still until they are moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def clock(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def timer(self) -> float:
        return self.seconds


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a process look and renew as often as it gets the chance; the times are those of Time."""
    monkeypatch.setattr(tenure, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(tenure, "RENEW_SECONDS", 0.0)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "broadsheet.db") as opened:
        yield opened


def process(database: Database, time: Time, groups: int = 2) -> LeasedTenure:
    return LeasedTenure(database, time.clock, groups, time.timer)


async def is_waiting(task: "asyncio.Task[None]") -> bool:
    """Say whether something still waits after it had many chances to go on."""
    for _ in range(20):
        await asyncio.sleep(0.001)
    return not task.done()


async def test_processes_share_all_shards_and_one_of_them_is_the_collector(database: Database) -> None:
    time = Time()
    processes = [process(database, time, 3) for _ in range(3)]
    for each in processes:
        await each.join()
    shards = [await each.settle(None, 8) for each in processes]
    assert [each.count for each in shards] == [8, 8, 8]
    assert sorted(number for each in shards for number in each.mine) == list(range(8))
    assert [each.collects() for each in processes] == [True, False, False]


async def test_a_spare_waits_and_takes_over_when_a_group_is_given_back(database: Database) -> None:
    time = Time()
    first, second, spare = (process(database, time) for _ in range(3))
    for each in (first, second):
        await each.join()
        await each.settle(None, 4)
    joining = asyncio.create_task(spare.join())
    assert await is_waiting(joining)
    assert spare.shards() is None
    await first.give_back()
    await joining
    assert spare.collects()
    assert (await spare.settle(None, 16)).count == 4  # as the others have it, whatever Discord says by now


async def test_a_process_that_dies_is_replaced_when_its_lease_ends(database: Database) -> None:
    time = Time()
    first, spare = process(database, time, 1), process(database, time, 1)
    await first.join()
    joining = asyncio.create_task(spare.join())
    time.seconds = LEASE_FOR.total_seconds() - 1
    assert await is_waiting(joining)
    time.seconds += 1
    await joining
    assert spare.group == 0


async def test_a_process_that_stood_still_owns_nothing_before_it_has_looked(database: Database) -> None:
    time = Time()
    first, spare = process(database, time, 1), process(database, time, 1)
    await first.join()
    await first.settle(None, 1)
    assert first.shards()
    time.seconds += SURE_SECONDS
    assert first.shards() is None
    time.seconds += 300
    await spare.join()
    with pytest.raises(ReplacedError):
        await first.keep()


async def test_a_process_whose_lease_ran_out_goes_on_if_nobody_took_it(database: Database) -> None:
    time = Time()
    first = process(database, time, 1)
    await first.join()
    await first.settle(None, 1)
    time.seconds += 300
    keeping = asyncio.create_task(first.keep())
    assert await is_waiting(keeping)
    assert first.shards()
    keeping.cancel()


async def test_whoever_had_to_wait_to_write_lets_those_renew_who_waited_too(database: Database) -> None:
    time = Time()
    first, spare = process(database, time, 1), process(database, time, 1)
    await first.join()
    time.seconds += 1
    async with database.transaction():  # for example a reload, longer than a lease
        keeping = asyncio.create_task(first.keep())
        joining = asyncio.create_task(spare.join())
        assert await is_waiting(joining)
        time.seconds += 60
        assert await is_waiting(joining)
        time.seconds += 60
    assert await is_waiting(joining)
    assert first.is_sure
    for task in (keeping, joining):
        task.cancel()


async def test_another_becomes_the_collector_when_the_first_ends(database: Database) -> None:
    time = Time()
    first, second = process(database, time), process(database, time)
    await first.join()
    await second.join()
    keeping = asyncio.create_task(second.keep())
    assert not second.collects()
    await first.give_back()
    async with asyncio.timeout(5):
        await second.wait_to_collect()
    assert second.collects()
    keeping.cancel()


async def test_a_process_that_would_share_otherwise_is_refused(database: Database) -> None:
    time = Time()
    first = process(database, time)
    await first.join(8)
    await first.settle(8, 1)
    with pytest.raises(OtherLayoutError):
        await process(database, time, 4).join()
    with pytest.raises(OtherLayoutError):
        await process(database, time).join(16)
    second = process(database, time)
    await second.join()
    assert (await second.settle(None, 1)).count == 8


async def test_once_all_have_stopped_the_servers_can_be_shared_otherwise(database: Database) -> None:
    time = Time()
    first = process(database, time)
    await first.join(8)
    await first.settle(8, 1)
    await first.give_back()
    second = process(database, time, 4)
    await second.join(16)
    assert (await second.settle(16, 1)).count == 16


async def test_more_groups_than_shards_are_refused_if_somebody_set_both(database: Database) -> None:
    time = Time()
    first = process(database, time, 4)
    await first.join(2)
    with pytest.raises(TooManyGroupsError):
        await first.settle(2, 1)
    assert (await first.settle(None, 1)).count == 4
