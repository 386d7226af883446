"""Several processes on one machine: each serves some shards, and another takes over when one ends."""

import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from digests.tenure import LEASE_FOR
from storage.sqlite.database import open_database
from tests.build import HOST, seed_text, write_seed
from tests.fleet import StartFleet, fleets, until
from tests.standin import Standin, serve, server
from tests.subscribed import store_stories, subscribe_all

SHARDS = 4
SERVERS = [number << 22 for number in range(1, 1 + 2 * SHARDS)]
IN_GROUP_0 = f"(guild_id >> 22) % {SHARDS} < {SHARDS // 2}"
A_SERVER = 3
CHANNELS = len(SERVERS) * A_SERVER

pytestmark = pytest.mark.no_cover


@pytest.fixture(scope="module")
def start_fleet() -> Iterator[StartFleet]:
    """Return what starts several processes."""
    with fleets() as start:
        yield start


async def prepare(folder: Path, issue_at: datetime) -> Path:
    """Make a database in which channels of every shard get a digest, and return its path."""
    path = folder / "broadsheet.db"
    async with open_database(path) as database:
        await store_stories(database, folder / "seeds", issue_at, 1, 5)
        for number, guild_id in enumerate(SERVERS):
            channels = range(100 * number + 1, 100 * number + 1 + A_SERVER)
            await subscribe_all(database, channels, issue_at, guild=guild_id)
    return path


def discord() -> Standin:
    """Return a stand-in for Discord that wants shards, and lets two identify at a time."""
    return Standin(guilds=[server(each) for each in SERVERS], shards=SHARDS, max_concurrency=2)


def read(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def write(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)


def arrived(standin: Standin) -> Counter[str]:
    return Counter(mark for _, mark in standin.parts())


def is_all_sent(path: Path, channels: int = CHANNELS) -> bool:
    states = read(path, "SELECT state, count(*) FROM delivery GROUP BY state")
    return states == [("sent", channels)]


def assert_all_came_once(standin: Standin, channels: int = CHANNELS) -> None:
    assert set(arrived(standin).values()) == {1}
    assert len({channel for channel, _ in standin.parts()}) == channels


def is_everybody_back(standin: Standin) -> bool:
    return standin.connected() == set(range(SHARDS))


def settings(path: Path, folder: Path, groups: int = 2) -> dict[str, str]:
    return {
        "DATABASE_PATH": str(path),
        "SEEDS_PATH": str(folder / "seeds"),
        "SHARD_GROUPS": str(groups),
    }


async def test_processes_start_together_deliver_everything_once_and_suspend_nothing_of_each_other(
    tmp_path: Path, start_fleet: StartFleet
) -> None:
    path = await prepare(tmp_path, datetime.now(UTC).replace(second=0) - timedelta(minutes=1))
    async with (
        serve(discord()) as standin,
        start_fleet(standin, tmp_path / "logs", **settings(path, tmp_path)) as fleet,
    ):
        first, _ = fleet.add(), fleet.add()
        await until(lambda: is_everybody_back(standin) and is_all_sent(path))
        assert_all_came_once(standin)
        synced = len(standin.synced)
        assert await first.stop() == 0
        first.start()
        await until(lambda: is_everybody_back(standin))
        assert read(path, "SELECT count(*) FROM subscription WHERE left_at IS NOT NULL") == [(0,)]
        assert standin.violations == []
        assert len(standin.synced) == synced == 1


async def test_a_frozen_process_is_replaced_and_ends_when_it_goes_on(
    tmp_path: Path, start_fleet: StartFleet
) -> None:
    issue_at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
    path = await prepare(tmp_path, issue_at)
    write(path, "UPDATE subscription SET next_at = next_at + 86400")  # today's has come
    async with (
        serve(discord()) as standin,
        start_fleet(standin, tmp_path / "logs", **settings(path, tmp_path)) as fleet,
    ):
        both = [fleet.add(), fleet.add()]
        await until(lambda: is_everybody_back(standin))
        frozen = next(each for each in both if each.has_said("has group 0"))
        spare = fleet.add()
        await until(lambda: spare.has_said("waiting as a spare"))
        frozen.signal(signal.SIGSTOP)
        write(path, f"UPDATE subscription SET next_at = next_at - 86400 WHERE {IN_GROUP_0}")
        identified, began = standin.identified, monotonic()
        await until(lambda: standin.identified == identified + SHARDS // 2, 60)
        assert monotonic() - began < LEASE_FOR.total_seconds() + 5 + 6 * SHARDS // 2
        await until(lambda: is_all_sent(path, CHANNELS // 2))
        frozen.signal(signal.SIGCONT)
        await until(lambda: bool(frozen.exits))
        assert frozen.exits == [75]
        assert_all_came_once(standin, CHANNELS // 2)
        assert read(path, "SELECT count(*) FROM subscription WHERE left_at IS NOT NULL") == [(0,)]


async def test_a_spare_takes_over_at_once_from_a_process_that_is_stopped_and_nobody_shares_otherwise(
    tmp_path: Path, start_fleet: StartFleet
) -> None:
    path = await prepare(tmp_path, datetime.now(UTC) + timedelta(hours=12))
    async with (
        serve(discord()) as standin,
        start_fleet(standin, tmp_path / "logs", **settings(path, tmp_path, groups=1)) as fleet,
    ):
        first = fleet.add()
        await until(lambda: is_everybody_back(standin), 60)
        spare, other = fleet.add(), fleet.add(SHARD_GROUPS="3")
        await until(lambda: spare.has_said("waiting as a spare"))
        await until(other.ended.is_set)
        assert other.exits == [78]
        assert other.has_said("share the bot's servers as 4 shards in 1 group")
        assert await first.stop() == 0
        await until(lambda: spare.has_said("has group 0"), LEASE_FOR.total_seconds() / 3)
        await until(lambda: is_everybody_back(standin), 60)
        assert spare.has_said("is the collector")
        assert standin.violations == []


async def test_a_process_that_only_collects_does_what_is_done_once_for_all_and_has_a_spare(
    tmp_path: Path, start_fleet: StartFleet
) -> None:
    path = await prepare(tmp_path, datetime.now(UTC) + timedelta(hours=12))
    seeds = tmp_path / "seeds"
    records = "SELECT count(*) FROM record"
    ((before,),) = read(path, records)
    write_seed(seeds, "new.md", seed_text(f"{HOST}/new", title="New"))
    shared = settings(path, tmp_path, groups=1) | {"COLLECT": "off"}
    async with (
        serve(discord()) as standin,
        start_fleet(standin, tmp_path / "logs", **shared) as fleet,
    ):
        worker = fleet.add()
        await until(lambda: is_everybody_back(standin), 60)
        assert standin.synced == []
        assert read(path, records) == [(before,)]
        collector = fleet.add("--collector")
        await until(lambda: read(path, records) != [(before,)])
        await until(lambda: len(standin.synced) == 1)
        spare = fleet.add("--collector")
        await until(lambda: spare.has_said("waiting to be the collector"))
        identified = standin.identified
        collector.signal(signal.SIGKILL)
        await until(lambda: spare.has_said("is the collector"), LEASE_FOR.total_seconds() + 10)
        assert not worker.has_said("is the collector")
        assert await spare.stop() == 0
        assert (standin.identified, len(standin.synced)) == (identified, 1)


async def test_a_collector_is_refused_where_one_process_does_everything(
    tmp_path: Path, start_fleet: StartFleet
) -> None:
    async with serve(discord()) as standin, start_fleet(standin, tmp_path / "logs") as fleet:
        refused = fleet.add("--collector")
        await until(refused.ended.is_set)
        assert refused.exits == [78]
        assert refused.has_said("Without SHARD_GROUPS one process does everything")
