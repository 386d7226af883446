"""Several processes of one bot against a stand-in for Discord: starts, load, kills, freezes, replacements.

Run with `make bench-long`, or alone, with what is to be measured and for how long:
`python -m tests.bench.cluster --only load kills --kills 200 --rounds 20`. The processes are real, and so is
the time that everything takes; `--help` tells what can be set. With `--postgres` the database is that of a
PostgreSQL server, which is started for it, waits for the disk, and crashes.
"""

import argparse
import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TypeAlias

from rich.console import Console
from rich.table import Table

from storage.errors import ReloadRunningError
from storage.sqlite.lock import only_reload
from tests.bench.cluster_postgres import bench_server, measure_crashes, measure_partition, measure_planning
from tests.bench.cluster_world import Campaign, Plan, Row, Typing, prepare, world
from tests.bench.delivery import next_issue
from tests.build import HOST, seed_text, write_seed
from tests.fleet import StartFleet, fleets, until
from tests.subscribed import DAY

RELOADED = 6_000  # seeds
HAND_OVER = 6.0  # seconds in which a shard that is handed over may miss commands


async def measure_starts(plan: Plan, folder: Path, start: StartFleet) -> AsyncIterator[Row]:
    """All processes start at once, twice, with one shard at a time that may identify and with four."""
    for concurrency, allowed in ((1, plan.shards * 6), (4, plan.shards / 4 * 6 + 10)):
        place = folder / str(concurrency)
        await prepare(plan, place, [datetime.now(UTC) + DAY / 2], plan.a_round)
        async with world(plan, place, start, concurrency=concurrency) as here:
            for turn in ("first", "second"):
                began, synced = monotonic(), len(here.standin.synced)
                members = await here.start()
                took = monotonic() - began
                yield f"{turn} start, {concurrency} at a time, s", f"{took:.1f}", f"up to {allowed:.0f}"
                wanted = 1 if turn == "first" else 0
                yield "  commands registered", str(len(here.standin.synced) - synced), str(wanted)
                await asyncio.gather(*(each.stop() for each in members))
            yield "  IDENTIFY too soon", str(len(here.standin.violations)), "0"
            yield "  subscriptions marked as left", str(here.left()), "0"


async def measure_load(plan: Plan, folder: Path, start: StartFleet) -> AsyncIterator[Row]:
    """All channels are due at one minute."""
    issue_at = next_issue(datetime.now(UTC)) + timedelta(minutes=1)
    await prepare(plan, folder, [issue_at], plan.channels)
    async with world(plan, folder, start) as here:
        await here.start()
        await until(lambda: here.served() > 0, 200)
        began = monotonic()
        await until(lambda: here.served() >= plan.channels, 200)
        took = monotonic() - began
        await until(lambda: here.states()["sent"] == plan.channels)
        sends = [at for at, method, path in here.standin.requests if method == "POST" and "messages" in path]
        rate = (len(sends) - 1) / (max(sends) - min(sends))
        yield f"{plan.channels:,} channels, {plan.processes} processes: served", str(here.served()), "all"
        yield "  seconds", f"{took:.1f}", "up to 45 for 2,000"
        yield "  requests a second", f"{rate:.1f}", "46 and more"
        for row in here.outcome():
            yield row


async def measure_kills(plan: Plan, folder: Path, start: StartFleet) -> AsyncIterator[Row]:
    """Random processes are killed again and again, and requests fail in every way, while rounds fall due."""
    first = next_issue(datetime.now(UTC)) + timedelta(minutes=2)
    issues = [first + timedelta(minutes=number) for number in range(plan.rounds)]
    await prepare(plan, folder, issues, plan.a_round, stories=10)
    async with world(plan, folder, start) as here:
        await here.start()
        for _ in range(plan.spares):
            here.fleet.add()
        campaign = Campaign(here, issues[-1] + timedelta(seconds=30))
        here.standin.meddle = campaign.spoil
        await campaign.run()
        owed = plan.rounds * plan.a_round
        await until(lambda: here.states()["sent"] == owed, 900 + 60 * plan.rounds)
        processes = len(here.fleet.members)
        yield (
            f"{campaign.kills} kills of {processes} processes, {plan.rounds} rounds: editions",
            str(owed),
            "",
        )
        for row in here.outcome():
            yield row


async def measure_freeze(plan: Plan, folder: Path, start: StartFleet) -> AsyncIterator[Row]:
    """A process stands still for minutes amid its deliveries, and goes on after a spare took over."""
    issue_at = next_issue(datetime.now(UTC)) + timedelta(minutes=1)
    await prepare(plan, folder, [issue_at], plan.channels, stories=10)
    async with world(plan, folder, start) as here:
        typing = Typing(here)
        await here.start()
        here.fleet.add()
        frozen = here.owner_of(0)
        await until(lambda: here.served() > plan.channels // 8, 200)
        async with typing.going_on():
            frozen.signal(signal.SIGSTOP)
            await asyncio.sleep(plan.frozen)
            frozen.signal(signal.SIGCONT)
            await until(lambda: bool(frozen.exits), 60)
            await until(lambda: here.states()["sent"] == plan.channels, 600)
        yield f"frozen for {plan.frozen:.0f} s: exit code", str(frozen.exits[0]), "75"
        yield "  commands answered twice", str(typing.answered_twice()), "few"
        for row in here.outcome():
            yield row


async def measure_failover(plan: Plan, folder: Path, start: StartFleet) -> AsyncIterator[Row]:
    """A process is killed amid its deliveries, while a spare waits."""
    issue_at = next_issue(datetime.now(UTC)) + timedelta(minutes=1)
    await prepare(plan, folder, [issue_at], plan.channels)
    async with world(plan, folder, start) as here:
        await here.start()
        here.fleet.add()
        await until(lambda: here.served() > plan.channels // 8, 200)
        killed, before = here.owner_of(0), here.standin.identified
        killed.signal(signal.SIGKILL)
        began, a_group = monotonic(), plan.shards // plan.processes
        await until(lambda: here.standin.identified >= before + a_group and here.is_up(), 120)
        back = monotonic() - began
        await until(lambda: here.states()["sent"] == plan.channels, 300)
        yield "killed: its shards are back after, s", f"{back:.1f}", f"up to {20 + 6 * a_group}"
        yield "  its editions have come after another, s", f"{monotonic() - began - back:.1f}", "up to 60"
        for row in here.outcome():
            yield row


async def measure_collector(plan: Plan, folder: Path, start: StartFleet) -> AsyncIterator[Row]:
    """The collector is killed in the middle of a reload, which another then does."""
    await prepare(plan, folder, [datetime.now(UTC) + DAY / 2], plan.a_round)
    await asyncio.to_thread(write_many, folder / "seeds")
    database, progress = folder / "broadsheet.db", folder / "broadsheet.db-reload"
    async with world(plan, folder, start) as here:

        def records() -> int:
            return int(str(here.read("SELECT count(*) FROM record")[0][0]))

        def is_halfway() -> bool:
            done, files = [*map(int, progress.read_bytes().split()), 0, 0][:2]
            return 0 < files < 2 * done

        before = records()
        progress.write_bytes(b"")  # which is about what came before
        members = [here.fleet.add() for _ in range(plan.processes)]
        await until(is_halfway, 120)
        (first,) = (each for each in members if each.has_said("is the collector"))
        first.signal(signal.SIGKILL)
        began, halfway = monotonic(), records()
        progress.write_bytes(b"")
        await until(is_halfway, 120)
        told = "nothing"
        try:
            with only_reload(database):
                pass
        except ReloadRunningError as error:
            told = f"{error.done:,} of {error.files:,}"
        await until(lambda: records() != before, 120)
        yield "collector killed in a reload: records then", str(halfway), str(before)
        yield "  another has reloaded after, s", f"{monotonic() - began:.1f}", "up to 60"
        yield "  records then", str(records()), str(before + RELOADED)
        yield "  a second reload at once was told of the first", told, "how far it is"


def write_many(folder: Path) -> None:
    """Write many small seeds."""
    for each in range(RELOADED):
        write_seed(folder, f"many-{each}.md", seed_text(f"{HOST}/many-{each}", title=f"Story {each}"))


async def measure_rolling(plan: Plan, folder: Path, start: StartFleet) -> AsyncIterator[Row]:
    """Each process is restarted in turn, with a spare, while people type and editions go out."""
    issue_at = next_issue(datetime.now(UTC)) + timedelta(minutes=1)
    await prepare(plan, folder, [issue_at], plan.channels)
    async with world(plan, folder, start) as here:
        await here.start()
        here.fleet.add()
        typing = Typing(here)
        await until(lambda: here.served() > 0, 200)
        async with typing.going_on():
            for member in list(here.fleet.members):
                assert await member.stop() == 0
                member.start()
                await until(here.is_up, 60 + 6 * plan.shards)
                await asyncio.sleep(3)
            await until(lambda: here.states()["sent"] == plan.channels, 300)
        unanswered, longest = typing.unanswered()
        yield f"restarted in turn: {len(typing.typed):,} commands, unanswered", str(unanswered), ""
        yield "  longest time in which a shard answered none, s", f"{longest:.1f}", f"up to {HAND_OVER:.0f}"
        for row in here.outcome():
            yield row


Measure: TypeAlias = Callable[[Plan, Path, StartFleet], AsyncIterator[Row]]
MEASURES: dict[str, Measure] = {
    "starts": measure_starts,
    "load": measure_load,
    "kills": measure_kills,
    "freeze": measure_freeze,
    "failover": measure_failover,
    "rolling": measure_rolling,
}
ON_SQLITE: dict[str, Measure] = {"collector": measure_collector}
ON_POSTGRES: dict[str, Measure] = {
    "crashes": measure_crashes,
    "partition": measure_partition,
    "planning": measure_planning,
}
ALL = MEASURES | ON_SQLITE | ON_POSTGRES


async def measure(names: list[str], plan: Plan, show: Callable[[Row], Awaitable[None]]) -> None:
    """Measure one after the other, and show each figure as soon as it is there."""
    with fleets() as start:
        for name in names:
            with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
                async for row in ALL[name](plan, Path(scratch), start):
                    await show(row)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=ALL)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server, not SQLite")
    parser.add_argument("--processes", type=int, default=4, help="that share the shards")
    parser.add_argument("--spares", type=int, default=2, help="besides them, while processes are killed")
    parser.add_argument("--shards", type=int, default=16)
    parser.add_argument("--channels", type=int, default=2_000, help="due at one minute")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--kill-every", type=float, default=2.0, help="seconds")
    parser.add_argument("--rounds", type=int, default=20, help="of editions, a minute each, amid the kills")
    parser.add_argument("--a-round", type=int, default=100, help="channels that are due in each of them")
    parser.add_argument("--frozen", type=float, default=300.0, help="seconds for which a process is frozen")
    parser.add_argument("--crashes", type=int, default=20, help="of PostgreSQL")
    parser.add_argument("--down", type=float, default=120.0, help="seconds for which it is gone, at most")
    parser.add_argument("--cut", type=float, default=180.0, help="seconds without a way to PostgreSQL")
    parser.add_argument("--many", type=int, default=100_000, help="subscriptions that are planned at once")
    parser.add_argument("--seed", type=int, default=2026, help="of what is random")
    given = vars(parser.parse_args())
    is_postgres = given.pop("postgres")
    possible = MEASURES | (ON_POSTGRES if is_postgres else ON_SQLITE)
    names = [name for name in given.pop("only") or possible if name in possible]
    table = Table("measured", "figure", "wanted")

    async def show(row: Row) -> None:
        print(*row, sep=" | ", flush=True)  # noqa: T201 - it takes long
        table.add_row(*row)

    with bench_server() if is_postgres else nullcontext() as server:
        asyncio.run(measure(names, Plan(**given, server=server), show))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
