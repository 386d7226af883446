"""Several owners on one database: each plans and delivers what is its own, and nothing of the others'."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from digests.delivery.outbox import Outbox
from digests.delivery.planner import Planner
from digests.delivery.retry import LEASE, MAX_LATE
from digests.editions.edition import Edition
from digests.ownership import Shards
from storage import outbox
from storage.engine import Database
from storage.models import Delivery, PlaceKind
from storage.sqlite.database import open_database
from tests.letterbox import Letterbox
from tests.subscribed import DAY, NINE, store_stories, subscribe_all

COUNT = 4
OWNERS = [Shards.of_group(group, 3, COUNT) for group in range(3)]
SERVERS = [(number << 22) + 7 for number in range(1, 1 + 2 * COUNT)]
A_SERVER = 3  # channels that get a digest


class Post(Letterbox):
    """Keeps the channels to which something came."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: list[int] = []

    async def send(self, delivery: Delivery, number: int, part: Edition) -> int:
        """Note the channel of an edition."""
        self.channels.append(delivery.channel_id)
        return await super().send(delivery, number, part)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "broadsheet.db") as opened:
        await store_stories(opened, tmp_path / "seeds", NINE, 2, 3)
        for number, server in enumerate(SERVERS):
            await subscribe_all(opened, channels_in(number), NINE, guild=server)
        (direct,) = await subscribe_all(opened, [9_000], NINE, kind=PlaceKind.DM)
        async with opened.transaction() as connection:
            await connection.execute("UPDATE subscription SET guild_id = NULL WHERE id = ?", (direct.id,))
        yield opened


def channels_in(number: int) -> range:
    """Return the channels of a server that get a digest."""
    return range(100 * number + 1, 100 * number + 1 + A_SERVER)


def channels_of(owner: Shards) -> set[int]:
    """Return the channels that get digests from an owner."""
    found = {
        channel
        for number, server in enumerate(SERVERS)
        for channel in channels_in(number)
        if owner.owns(server)
    }
    return found | ({9_000} if owner.owns(None) else set())


def held_by(owner: Shards | None) -> Callable[[], Shards | None]:
    return lambda: owner


async def test_each_owner_plans_its_own_servers_and_together_they_plan_all(database: Database) -> None:
    planned = [
        await Planner(database, Letterbox(), lambda: NINE, owned=held_by(owner)).plan() for owner in OWNERS
    ]
    assert planned == [len(channels_of(owner)) for owner in OWNERS]
    assert sum(planned) == len(SERVERS) * A_SERVER + 1


async def test_each_owner_delivers_its_own_servers_and_dms_go_with_shard_0(database: Database) -> None:
    later = NINE + timedelta(hours=1)  # DMs are spread over half an hour
    await Planner(database, Letterbox(), lambda: NINE).plan()
    for owner in OWNERS:
        post = Post()
        await Outbox(database, post, lambda: later, owned=held_by(owner)).deliver_due()
        assert set(post.channels) == channels_of(owner)
        assert len(post.channels) == len(channels_of(owner))


async def test_whoever_owns_nothing_just_now_plans_delivers_and_gives_up_nothing(database: Database) -> None:
    nobody, post = held_by(None), Post()
    assert await Planner(database, post, lambda: NINE, owned=nobody).plan() == 0
    await Planner(database, post, lambda: NINE).plan()
    late = Outbox(database, post, lambda: NINE + MAX_LATE + DAY, owned=nobody)
    assert await late.expire() == 0
    assert await late.deliver_due() == 0
    assert post.channels == []


async def test_an_owner_that_loses_its_servers_midway_sends_no_other_message(database: Database) -> None:
    owned: list[Shards] = [Shards.every()]
    await Planner(database, Letterbox(), lambda: NINE).plan()

    class Losing(Post):
        async def send(self, delivery: Delivery, number: int, part: Edition) -> int:
            owned.clear()
            return await super().send(delivery, number, part)

    post = Losing()
    await Outbox(database, post, lambda: NINE, owned=lambda: next(iter(owned), None)).deliver_due()
    assert len(post.channels) == 1
    rest = Post()
    await Outbox(database, rest, lambda: NINE + timedelta(hours=1)).deliver_due()
    everything = sorted(channel for owner in OWNERS for channel in channels_of(owner))
    assert sorted(post.channels + rest.channels) == everything


async def test_an_owner_skips_only_its_own_late_editions(database: Database) -> None:
    await Planner(database, Letterbox(), lambda: NINE).plan()
    late = NINE + MAX_LATE + timedelta(minutes=1)
    skipped = [
        await Outbox(database, Post(), lambda: late, owned=held_by(owner)).expire() for owner in OWNERS
    ]
    assert skipped == [len(channels_of(owner)) for owner in OWNERS]


async def test_what_a_lost_process_had_begun_goes_on_at_once_with_its_successor(database: Database) -> None:
    await Planner(database, Letterbox(), lambda: NINE).plan()
    first, second = OWNERS[0], OWNERS[1]
    async with database.transaction() as connection:
        for owner in (first, second):
            assert await outbox.claim(connection, NINE, NINE + LEASE, (), owner)
    post = Post()
    successor = Outbox(database, post, lambda: NINE, owned=held_by(first))
    await successor.deliver_due()
    assert len(post.channels) == len(channels_of(first) - {9_000}) - 1
    await successor.take_over()
    await successor.deliver_due()
    assert set(post.channels) == channels_of(first) - {9_000}  # which comes later
    async with database.reading() as connection:
        assert await connection.run(outbox.count_by_state) == {
            "sending": 1,  # the other owner's
            "sent": len(post.channels),
            "pending": len(SERVERS) * A_SERVER - len(post.channels),
        }


async def test_a_post_in_a_forum_that_a_lost_process_had_begun_waits_until_its_lease_ends(
    database: Database,
) -> None:
    async with database.transaction() as connection:
        await connection.execute("UPDATE subscription SET kind = 'forum'")
    await Planner(database, Letterbox(), lambda: NINE).plan()
    async with database.transaction() as connection:
        assert await outbox.claim(connection, NINE, NINE + LEASE)
        assert await outbox.take_over(connection, NINE, Shards.every()) == 0
        await connection.execute("UPDATE subscription SET kind = 'channel'")
        assert await outbox.take_over(connection, NINE, Shards.every()) == 1
