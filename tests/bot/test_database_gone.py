"""A database server that is gone for a while: people are told, and nothing is lost or sent twice."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from bot import client
from bot.setting_kinds import Secret
from digests import tenure
from digests.delivery import patience
from digests.delivery.outbox import Outbox
from digests.delivery.planner import Planner
from digests.delivery.retry import LEASE
from digests.editions.edition import Edition
from digests.tenure import GRACE_SECONDS, LEASE_FOR
from storage.engine import Database, scalar
from storage.errors import UnreachableError
from storage.models import Delivery
from storage.opening import open_database
from storage.postgres import database as postgres
from storage.postgres.database import READERS
from tests.bot.commands.test_digest import subscribe
from tests.bot.test_delivery import NINE, posts
from tests.cluster import IN_MEMORY, MISSING, PROGRAMS, USER, Server, made_server
from tests.conftest import MORNING, Clock, OpenWorld, text_of
from tests.digests.test_tenure import Time, is_waiting, process
from tests.letterbox import Letterbox
from tests.subscribed import store_stories, subscribe_all

SENTENCE = "I can't reach my database at the moment. Try again in a minute."
pytestmark = pytest.mark.skipif(not PROGRAMS, reason=MISSING)


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server that a test may let crash."""
    with made_server(IN_MEMORY if IN_MEMORY.is_dir() else None, "fsync=off", "listen_addresses=") as made:
        made.start()
        yield made


@pytest.fixture
def url(server: Server) -> str:
    return f"postgresql://{USER}@/postgres?host={server.folder}"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with open_database(url) as opened:
        yield opened


async def test_a_command_is_answered_with_one_sentence_and_digests_come_once_it_is_back(
    open_world: OpenWorld, server: Server, url: str
) -> None:
    async with open_world(Clock(MORNING + timedelta(seconds=1)), database_url=Secret(url)) as world:
        await subscribe(world)
        server.crash()
        for command in ("topics", "digest list"):
            assert text_of(await world.moderator.slash(world.channel, command)) == SENTENCE
        with pytest.raises(UnreachableError):
            await world.tick(NINE)
        health = world.app.health
        watching = asyncio.create_task(health.watch())
        async with asyncio.timeout(10):
            while not health.problems()["database"]:  # noqa: ASYNC110 - it sets no event
                await asyncio.sleep(0.01)
        assert health.death() is None
        watching.cancel()
        server.start()
        assert await world.tick() == 1
        assert len(posts(world)) == 1


async def test_a_server_that_is_left_meanwhile_is_noted_afterwards(
    open_world: OpenWorld, server: Server, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RETRY", 0.01)
    async with open_world(Clock(MORNING + timedelta(seconds=1)), database_url=Secret(url)) as world:
        await subscribe(world)
        await world.env.settle()
        server.crash()
        world.env.backend.remove_guild(world.guild.id)
        async with asyncio.timeout(20):
            while not world.app.client.unnoted:  # noqa: ASYNC110 - nothing says so
                await asyncio.sleep(0.01)
        server.start()
        async with asyncio.timeout(20):
            while world.app.client.unnoted:  # noqa: ASYNC110 - nothing says so
                await asyncio.sleep(0.01)
        assert await world.tick(NINE) == 0
        async with world.app.services.database.reading() as connection:
            (left,) = await connection.execute_fetchall("SELECT left_at IS NOT NULL FROM subscription")
        assert left[0]


async def test_sessions_that_no_longer_answer_are_given_up_and_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "PATIENCE", 0.5)
    sessions = "SELECT pid FROM pg_stat_activity WHERE application_name = 'broadsheet'"
    async with AsyncExitStack() as stack:  # all are opened
        for _ in range(READERS):
            connection = await stack.enter_async_context(database.reading())
        pids = [int(row[0]) for row in await connection.execute_fetchall(sessions)]
    assert len(pids) == READERS + 1
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(UnreachableError):
            await database.reading().__aenter__()
        with pytest.raises(UnreachableError):
            await database.probe()
        await database.probe()
        async with database.reading() as connection:
            assert await connection.run(scalar, "SELECT 1") == 1
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


class Crashing(Letterbox):
    """Lets the server crash as soon as a message has arrived, and finds messages again."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server
        self.looked = 0
        self.crashed = asyncio.Event()

    async def send(self, delivery: Delivery, number: int, part: Edition) -> int:
        """Keep an edition, and let the server crash."""
        message_id = await super().send(delivery, number, part)
        await asyncio.to_thread(self._server.crash)
        self.crashed.set()
        return message_id

    async def find(self, _: Delivery, __: int) -> int | None:
        """Return what has arrived."""
        self.looked += 1
        return 7 if self.editions else None


async def interrupted(database: Database, folder: Path, post: Crashing, clock: Clock) -> Outbox:
    """Let the server crash amid a delivery, and return the outbox."""
    await store_stories(database, folder / "seeds", NINE, 1, 3)
    await subscribe_all(database, [1], NINE)
    outbox = Outbox(database, post, clock)
    await Planner(database, post, clock).plan()
    outbox.wake()
    async with asyncio.timeout(20):
        await post.crashed.wait()
    return outbox


async def state(database: Database) -> str:
    async with database.reading() as connection:
        ((found,),) = await connection.execute_fetchall("SELECT state FROM delivery")
    return str(found)


async def test_what_was_sent_is_noted_as_soon_as_that_is_possible(
    database: Database, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "AGAIN", 0.01)
    post, clock = Crashing(server), Clock(NINE)
    await interrupted(database, tmp_path, post, clock)
    await asyncio.to_thread(server.start)
    async with asyncio.timeout(20):
        while await state(database) != "sent":  # noqa: ASYNC110 - nothing says so
            await asyncio.sleep(0.01)
    assert (len(post.editions), post.looked) == (1, 0)


async def test_what_could_not_be_noted_within_its_lease_is_found_before_it_is_sent_again(
    database: Database, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "AGAIN", 0.01)
    post, clock = Crashing(server), Clock(NINE)
    outbox = await interrupted(database, tmp_path, post, clock)
    clock.now += LEASE + timedelta(seconds=1)
    await outbox.close()
    await asyncio.to_thread(server.start)
    assert await state(database) == "sending"
    assert await Outbox(database, post, clock).deliver_due() == 1
    assert (len(post.editions), post.looked) == (1, 1)
    assert await state(database) == "sent"


async def test_who_had_a_group_goes_on_with_it_and_spares_wait_for_that(
    database: Database, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenure, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(tenure, "RENEW_SECONDS", 0.0)
    time = Time()
    first, second, spare = (process(database, time) for _ in range(3))
    for each in (first, second):
        await each.join()
        await each.settle(None, 4)
    joining = asyncio.create_task(spare.join())
    keeping = [asyncio.create_task(each.keep()) for each in (second, first)]
    assert await is_waiting(joining)
    await asyncio.to_thread(server.crash)
    assert await is_waiting(joining)
    time.seconds += 10 * LEASE_FOR.total_seconds()
    assert await is_waiting(joining)
    assert [each.shards() for each in (first, second)] == [None, None]
    await asyncio.to_thread(server.start)
    async with asyncio.timeout(20):
        while not (first.shards() and second.shards()):  # noqa: ASYNC110 - nothing says so
            await asyncio.sleep(0.01)
    time.seconds += GRACE_SECONDS / 2
    assert await is_waiting(joining)
    assert (first.collects(), second.collects()) == (True, False)
    assert not any(task.done() for task in keeping)
    for task in (joining, *keeping):
        task.cancel()
