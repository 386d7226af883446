"""Several processes of one bot against a stand-in for Discord: starts, load, kills, freezes, replacements.

Run with `make bench-long`, or alone, with what is to be measured and for how long:
`python -m tests.bench.cluster --only load kills --kills 200 --rounds 20`. The processes are real, and so is
the time that everything takes; `--help` tells what can be set.
"""

import argparse
import asyncio
import random
import signal
import sqlite3
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from time import monotonic
from typing import TypeAlias

from aiohttp import web
from rich.console import Console
from rich.table import Table

from storage.sqlite.database import open_database
from tests.bench.delivery import interaction, next_issue
from tests.build import HOST, seed_text, write_seed
from tests.fleet import Fleet, Member, StartFleet, fleets, until
from tests.standin import Fault, Limits, Standin, serve, server
from tests.subscribed import DAY, store_stories, subscribe_all

SERVERS_A_SHARD = 4
TYPED_EVERY = 0.5  # seconds between two commands in each shard
HAND_OVER = 6.0  # seconds in which a shard that is handed over may miss commands
FAULTS = [Fault(status, done=done) for status in (500, 502, 503, 504, None) for done in (True, False)]
SPOILED, HANGING = 0.04, 0.1  # the share of requests that go wrong, and of those the share that hang
HANGS = 5.0  # seconds
Row: TypeAlias = tuple[str, str, str]  # what was measured, the figure, and what is wanted


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: how many processes, shards and channels, and how long."""

    processes: int
    spares: int
    shards: int
    channels: int
    kills: int
    kill_every: float
    rounds: int
    a_round: int
    frozen: float
    seed: int


class World:
    """One stand-in, one database, and the processes between them."""

    def __init__(self, plan: Plan, folder: Path, standin: Standin, fleet: Fleet) -> None:
        self.plan = plan
        self.path = folder / "broadsheet.db"
        self.standin = standin
        self.fleet = fleet

    def read(self, sql: str) -> list[tuple[object, ...]]:
        """Return what the database says."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(sql).fetchall()

    def states(self) -> Counter[str]:
        """Return how many deliveries are in each state."""
        rows = self.read("SELECT state, count(*) FROM delivery GROUP BY state")
        return Counter({str(state): int(str(number)) for state, number in rows})

    def is_up(self) -> bool:
        """Say whether every shard is connected."""
        return self.standin.connected() == set(range(self.plan.shards))

    def served(self) -> int:
        """Return how many messages have come."""
        return sum(map(len, self.standin.messages.values()))

    async def start(self, number: int | None = None) -> list[Member]:
        """Start processes, and wait until every shard is connected."""
        members = [self.fleet.add() for _ in range(number or self.plan.processes)]
        await until(self.is_up, 20 + 6 * self.plan.shards)
        return members

    def owner_of(self, shard: int) -> Member:
        """Return the process that has a shard's group."""
        group = next(
            number
            for number in range(self.plan.processes)
            if shard < (number + 1) * self.plan.shards // self.plan.processes
        )
        return max(
            (each for each in self.fleet.members if each.pid and each.has_said(f"has group {group} of")),
            key=lambda each: each.started_at,
        )

    def lost_and_doubled(self) -> tuple[int, int, int]:
        """Return how many parts were lost, came twice, and how many editions came out of order."""
        arrived = Counter(mark for _, mark in self.standin.parts())
        rows = self.read("SELECT id, parts_sent FROM delivery WHERE state = 'sent'")
        owed = {f"why:{number}:{part}" for number, parts in rows for part in range(int(str(parts)))}
        order: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        for channel, mark in self.standin.parts():
            _, delivery, part = mark.split(":")
            order[channel, delivery].append(int(part))
        unsent = sum(self.states().values()) - self.states()["sent"]
        lost = len(owed - arrived.keys()) + unsent
        disordered = sum(parts != sorted(parts) for parts in order.values())
        return lost, sum(times - 1 for times in arrived.values()), disordered

    def seconds(self) -> list[int]:
        """Return how many requests Discord counted in each second of its clock."""
        counted = Counter(
            int(at)
            for at, _, path in self.standin.requests
            if not any(part in path for part in ("/interactions/", "/webhooks/"))
        )
        return list(counted.values())

    def outcome(self) -> list[Row]:
        """Return what was lost or doubled, the worst second, and the answers of 429."""
        lost, doubled, disordered = self.lost_and_doubled()
        return [
            ("  lost, doubled, out of order", f"{lost}, {doubled}, {disordered}", "0, 0, 0"),
            ("  requests in the worst second", str(max(self.seconds(), default=0)), "up to 50"),
            ("  answers of 429", str(self.standin.refused), "0"),
            ("  IDENTIFY too soon", str(len(self.standin.violations)), "0"),
            ("  subscriptions marked as left", str(self.left()), "0"),
        ]

    def left(self) -> int:
        """Return how many subscriptions are suspended."""
        return int(str(self.read("SELECT count(*) FROM subscription WHERE left_at IS NOT NULL")[0][0]))


def guilds(plan: Plan) -> list[int]:
    """Return the servers, which are spread evenly over the shards."""
    return [(number << 22) + 1 for number in range(1, 1 + plan.shards * SERVERS_A_SHARD)]


async def prepare(plan: Plan, folder: Path, issues: list[datetime], places: int, stories: int = 5) -> None:
    """Make a database in which so many channels get a digest at each of some times."""
    servers = guilds(plan)
    async with open_database(folder / "broadsheet.db") as database:
        await store_stories(database, folder / "seeds", issues[0], 1, 20)
        for number, issue_at in enumerate(issues):
            for place, guild_id in enumerate(servers):
                first = (number * len(servers) + place) * places + 1
                amount = places // len(servers) + (place < places % len(servers))
                channels = range(first, first + amount)
                await subscribe_all(database, channels, issue_at, guild=guild_id, stories=stories)


@asynccontextmanager
async def world(
    plan: Plan, folder: Path, start: StartFleet, *, concurrency: int = 4, limits: bool = True
) -> AsyncIterator[World]:
    """Open a stand-in and a fleet on a database that was prepared."""
    standin = Standin(
        guilds=[server(each) for each in guilds(plan)],
        shards=plan.shards,
        max_concurrency=concurrency,
        limits=Limits() if limits else None,
    )
    settings = {
        "DATABASE_PATH": str(folder / "broadsheet.db"),
        "SEEDS_PATH": str(folder / "seeds"),
        "SHARD_GROUPS": str(plan.processes),
    }
    async with serve(standin), start(standin, folder / "logs", **settings) as fleet:
        yield World(plan, folder, standin, fleet)


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


class Campaign:
    """Kills processes, cuts connections to the gateway and spoils requests, as long as rounds fall due."""

    def __init__(self, here: World, ends_at: datetime) -> None:
        self._here = here
        self._ends_at = ends_at
        self._choice = random.Random(here.plan.seed)
        self.kills = 0

    @property
    def is_over(self) -> bool:
        """Say whether it has killed enough, and every round has begun."""
        return self.kills >= self._here.plan.kills and datetime.now(UTC) > self._ends_at

    async def spoil(self, request: web.Request) -> Fault | None:
        """Let some requests fail: with any status, without an answer, after a long time, done or not."""
        if request.method != "POST" or self.is_over or self._choice.random() > SPOILED:
            return None
        if self._choice.random() < HANGING:
            await asyncio.sleep(HANGS)
        return self._choice.choice(FAULTS)

    async def run(self) -> None:
        """Go on until it is over."""
        standin = self._here.standin
        while not self.is_over:
            await asyncio.sleep(self._here.plan.kill_every)
            if running := [each for each in self._here.fleet.members if each.pid]:
                self._choice.choice(running).signal(signal.SIGKILL)
                self.kills += 1
            if self.kills % 5 == 0:
                await standin.cut(self._choice.randrange(self._here.plan.shards))
            if self.kills % 50 == 0:
                standin.nonces.clear()  # Discord forgets them after a few minutes


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
    """The collector is killed in the middle of a reload."""
    await prepare(plan, folder, [datetime.now(UTC) + DAY / 2], plan.a_round)
    async with open_database(folder / "broadsheet.db") as database:
        await store_stories(database, folder / "first", datetime.now(UTC), 1, 1)  # so that all else is new
    with closing(sqlite3.connect(folder / "broadsheet.db")) as connection, connection:
        before = connection.execute("SELECT count(*) FROM record").fetchone()[0]
    await asyncio.to_thread(write_many, folder / "seeds", 3_000)
    async with world(plan, folder, start) as here:
        members = [here.fleet.add() for _ in range(plan.processes)]
        await until(lambda: any(each.has_said("is the collector") for each in members), 60)
        (first,) = (each for each in members if each.has_said("is the collector"))
        await asyncio.sleep(1.0)  # a reload of so many takes several
        first.signal(signal.SIGKILL)
        began = monotonic()
        halfway = here.read("SELECT count(*) FROM record")[0][0]
        await until(lambda: here.read("SELECT count(*) FROM record")[0][0] != before, 120)
        took, after = monotonic() - began, here.read("SELECT count(*) FROM record")[0][0]
        yield "collector killed in a reload: records then, of", f"{halfway} of {before}", "as before"
        yield "  another has reloaded after, s", f"{took:.1f}", "up to 60"
        yield "  records then", str(after), "3,020"


def write_many(folder: Path, number: int) -> None:
    """Write so many small seeds."""
    for each in range(number):
        write_seed(folder, f"many-{each}.md", seed_text(f"{HOST}/many-{each}", title=f"Story {each}"))


async def measure_rolling(plan: Plan, folder: Path, start: StartFleet) -> AsyncIterator[Row]:
    """Each process is restarted in turn, while people type in every shard and editions go out."""
    issue_at = next_issue(datetime.now(UTC)) + timedelta(minutes=1)
    await prepare(plan, folder, [issue_at], plan.channels)
    async with world(plan, folder, start) as here:
        await here.start()
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


class Typing:
    """People who type a command in every shard, again and again."""

    def __init__(self, here: World) -> None:
        self._here = here
        self._ids = count(1)
        self.typed: dict[str, tuple[int, float]] = {}  # the shard and the time of each command

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Type during the block, and for a while afterwards."""
        typing = asyncio.create_task(self._type())
        try:
            yield
            await asyncio.sleep(3)
        finally:
            typing.cancel()
            await asyncio.gather(typing, return_exceptions=True)
        await asyncio.sleep(3)  # which Discord waits for an answer

    async def _type(self) -> None:
        servers = {self._here.standin.shard_of(each): each for each in guilds(self._here.plan)}
        while True:
            for shard, guild_id in servers.items():
                number = next(self._ids)
                self.typed[str(number)] = shard, monotonic()
                command = interaction(number) | {"guild_id": str(guild_id)}
                command["channel"] = command["channel"] | {"guild_id": str(guild_id)}
                await self._here.standin.dispatch("INTERACTION_CREATE", command)
            await asyncio.sleep(TYPED_EVERY)

    def answered_twice(self) -> int:
        """Return how many commands two processes answered."""
        paths = Counter(
            path.split("/")[-3] for _, _, path in self._here.standin.requests if path.endswith("/callback")
        )
        return sum(times > 1 for times in paths.values())

    def unanswered(self) -> tuple[int, float]:
        """Return how many commands nobody answered, and for how long a shard answered none at most."""
        answered = self._here.standin.answered
        by_shard: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
        for number, (shard, at) in self.typed.items():
            by_shard[shard].append((at, number in answered))
        longest = 0.0
        for commands in by_shard.values():
            for run in runs(commands):
                longest = max(longest, run)
        return len(self.typed.keys() - answered.keys()), longest


def runs(commands: list[tuple[float, bool]]) -> Iterator[float]:
    """Yield the seconds of each run of commands that nobody answered, until the next that was."""
    began: float | None = None
    for at, is_answered in commands:
        if is_answered and began is not None:
            yield at - began
            began = None
        elif not is_answered and began is None:
            began = at
    if began is not None:
        yield commands[-1][0] - began


MEASURES: dict[str, Callable[[Plan, Path, StartFleet], AsyncIterator[Row]]] = {
    "starts": measure_starts,
    "load": measure_load,
    "kills": measure_kills,
    "freeze": measure_freeze,
    "failover": measure_failover,
    "collector": measure_collector,
    "rolling": measure_rolling,
}


async def measure(names: list[str], plan: Plan, show: Callable[[Row], Awaitable[None]]) -> None:
    """Measure one after the other, and show each figure as soon as it is there."""
    with fleets() as start:
        for name in names:
            with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
                async for row in MEASURES[name](plan, Path(scratch), start):
                    await show(row)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES))
    parser.add_argument("--processes", type=int, default=4, help="that share the shards")
    parser.add_argument("--spares", type=int, default=2, help="besides them, while processes are killed")
    parser.add_argument("--shards", type=int, default=16)
    parser.add_argument("--channels", type=int, default=2_000, help="due at one minute")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--kill-every", type=float, default=2.0, help="seconds")
    parser.add_argument("--rounds", type=int, default=20, help="of editions, a minute each, amid the kills")
    parser.add_argument("--a-round", type=int, default=100, help="channels that are due in each of them")
    parser.add_argument("--frozen", type=float, default=300.0, help="seconds for which a process is frozen")
    parser.add_argument("--seed", type=int, default=2026, help="of what is random")
    given = vars(parser.parse_args())
    names = given.pop("only")
    table = Table("measured", "figure", "wanted")

    async def show(row: Row) -> None:
        print(*row, sep=" | ", flush=True)  # noqa: T201 - it takes long
        table.add_row(*row)

    asyncio.run(measure(names, Plan(**given), show))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
