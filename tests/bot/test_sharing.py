"""Several processes keep one pace and one order, by turns in their database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, test_utils, web

from bot import sharing
from bot.rate_limit import NotBegunError, Pace, RepeatedError, bounded
from bot.services import utc_now
from bot.settings import Settings
from bot.shards import EVERY, Gate
from bot.sharing import LATE, SharedGate, SharedPace, sharing_of
from digests.tenure import LeasedTenure, SoleTenure
from storage.engine import Connection, Database
from storage.errors import UnwritableError
from storage.sqlite.database import open_database
from tests.standin import Handler

RATE = 400
REQUESTS = 50  # that each of the processes makes at once


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "broadsheet.db") as opened:
        yield opened


def pace_on(database: Database) -> SharedPace:
    return SharedPace(database, utc_now, lambda: True, RATE)


def made_of(answer: Handler) -> web.Application:
    app = web.Application()
    app.router.add_get("/", answer)
    return app


async def test_requests_of_several_processes_go_evenly_together(tmp_path: Path) -> None:
    times: list[float] = []

    async def request(pace: Pace) -> None:
        await pace.wait()
        times.append(asyncio.get_running_loop().time())

    async with AsyncExitStack() as stack:
        databases = [
            await stack.enter_async_context(open_database(tmp_path / "broadsheet.db")) for _ in range(3)
        ]
        paces = [pace_on(each) for each in databases]
        await asyncio.gather(*(request(pace) for pace in paces for _ in range(REQUESTS)))
    times.sort()
    for apart in (REQUESTS // 2, REQUESTS, 2 * REQUESTS):
        shortest = min(later - earlier for earlier, later in zip(times, times[apart:], strict=False))
        assert shortest >= apart / RATE - LATE - 0.004  # turns are kept in milliseconds


@pytest.mark.parametrize("repeated", [False, True])
async def test_a_process_that_is_not_sure_of_its_servers_makes_no_request_and_repeats_none(
    database: Database, repeated: bool
) -> None:
    sure, reached = repeated, []
    pace = SharedPace(database, utc_now, lambda: sure, RATE)

    async def answer(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.Response()

    async with (
        test_utils.TestServer(made_of(answer)) as server,
        ClientSession(trace_configs=[pace.trace()]) as session,
        bounded(10),
    ):
        if repeated:
            await session.get(server.make_url("/"))
            sure = False
        with pytest.raises(RepeatedError if repeated else NotBegunError):
            await session.get(server.make_url("/"))
    assert len(reached) == repeated


async def test_requests_wait_while_the_database_cannot_be_written_to(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    class Full:
        @asynccontextmanager
        async def transaction(self) -> AsyncIterator[Connection]:
            tries.append(len(tries))
            if len(tries) < 3:
                raise UnwritableError(tmp_path, "disk full")
            async with database.transaction() as connection:
                yield connection

    monkeypatch.setattr(sharing, "RETRY", 0)
    await pace_on(Full()).wait()  # type: ignore[arg-type]
    assert len(tries) == 3


async def test_shards_of_several_processes_identify_in_turn(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    gates = [SharedGate(database, utc_now) for _ in range(2)]
    monkeypatch.setattr(asyncio, "sleep", sleep)
    for gate in gates:
        gate.width = 2
    for shard in range(4):
        await gates[shard // 2].wait(shard)
    assert waits == pytest.approx([0, 0, EVERY, EVERY], abs=1)


async def test_one_process_alone_takes_no_leases_and_no_turns(database: Database) -> None:
    alone = sharing_of(Settings(), database, utc_now, lambda: 0.0)
    assert isinstance(alone.tenure, SoleTenure)
    assert type(alone.pace) is Pace
    assert type(alone.gate) is Gate
    one_of_two = sharing_of(Settings(shard_groups=2), database, utc_now, lambda: 0.0)
    assert isinstance(one_of_two.tenure, LeasedTenure)
    assert one_of_two.tenure.is_spare
