"""What is measured of several processes on PostgreSQL only: its crashes, a way to it that is cut, plans."""

import asyncio
import random
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, time

from storage.opening import open_database
from tests.bench.cluster_world import HOST, Plan, Row, Typing, World, guilds, prepare, world
from tests.bench.delivery import FEW, measure_ticks, multiply, next_issue
from tests.cluster import Server, made_server
from tests.fleet import StartFleet, until
from tests.subscribed import DAY, store_stories

OTHER = "127.0.0.2"  # where one process goes to PostgreSQL, so that its way alone can be cut
FIREWALL = "/usr/sbin/iptables"
SURE = 12.0  # seconds for which a process may be sure of its servers
SENTENCE = "reach my database"
BETWEEN = 4.0, 12.0  # seconds between two crashes
LOOK = 0.5  # seconds between two looks at how many are planned
PLANNED_WITHIN = 300.0  # seconds until the planning of many subscriptions is given up


@contextmanager
def bench_server() -> Iterator[Server]:
    """Run a server on a disk, which it waits for."""
    with closing(socket.create_server((HOST, 0))) as free:
        port = free.getsockname()[1]
    with made_server(None, f"listen_addresses={HOST},{OTHER}", "max_connections=200", port=port) as server:
        server.start()
        yield server


async def measure_crashes(plan: Plan, folder: Path, start: StartFleet) -> AsyncIterator[Row]:
    """PostgreSQL crashes again and again, and is gone for a while, amid rounds of editions."""
    first = next_issue(datetime.now(UTC)) + timedelta(minutes=1)
    issues = [first + timedelta(minutes=number) for number in range(plan.rounds)]
    await prepare(plan, folder, issues, plan.a_round, stories=10)
    owed = plan.rounds * plan.a_round
    async with world(plan, folder, start) as here:
        await here.start()
        typing = Typing(here)
        await until(lambda: datetime.now(UTC) > first, 300)
        async with typing.going_on():
            gone, resumed = await crash_often(here, plan, issues[-1] + timedelta(seconds=20))
            await until(lambda: here.states()["sent"] == owed, 300 + 60 * plan.rounds)
        asked = [
            (seconds, said)
            for at, seconds, said in typing.told()
            if any(down < at < up - 3 for down, up in gone)
        ]
        answered = sum(SENTENCE in said for _, said in asked)
        longest = max(up - down for down, up in gone)
        yield f"{len(gone)} crashes of PostgreSQL, gone for up to {longest:.0f} s: editions", str(owed), ""
        yield "  commands typed meanwhile, answered by the sentence", f"{len(asked)}, {answered}", "all"
        yield "  slowest of those answers, s", f"{max((each for each, _ in asked), default=0):.1f}", "up to 3"
        yield "  deliveries go on after, s", f"{max(resumed, default=0):.1f}", "up to 30"
        yield "  processes that ended", str(sum(len(each.exits) for each in here.fleet.members)), "0"
        for row in here.outcome():
            yield row


async def crash_often(
    here: World, plan: Plan, ends_at: datetime
) -> tuple[list[tuple[float, float]], list[float]]:
    """Crash, and start again, in rounds; return when it was gone, and what waited how long."""
    choice = random.Random(plan.seed)
    gone: list[tuple[float, float]] = []
    resumed: list[float] = []
    assert plan.server
    while len(gone) < plan.crashes or datetime.now(UTC) < ends_at:
        await asyncio.sleep(choice.uniform(*BETWEEN))
        down = monotonic()
        await asyncio.to_thread(plan.server.crash)
        await asyncio.sleep(choice.uniform(1, plan.down))
        await asyncio.to_thread(plan.server.start)
        up, served = monotonic(), here.served()
        gone.append((down, up))
        here.forget_session()
        if waiting(here):
            await until(lambda before=served: here.served() > before, 120)  # type: ignore[misc]
            resumed.append(monotonic() - up)
    return gone, resumed


def waiting(here: World) -> int:
    """Return how many editions are due, planned or not."""
    now = int(time())
    return sum(
        int(here.read(sql)[0][0])
        for sql in (
            f"SELECT count(*) FROM delivery WHERE state IN ('pending', 'sending') AND try_at <= {now}",
            f"SELECT count(*) FROM subscription WHERE next_at <= {now}",
        )
    )


async def measure_partition(plan: Plan, folder: Path, start: StartFleet) -> AsyncIterator[Row]:
    """One process can't reach PostgreSQL any more, but Discord, amid its deliveries; a spare takes over."""
    if not can_cut():
        yield "a cut way to PostgreSQL: not measured", "this machine allows no firewall", ""
        return
    issue_at = next_issue(datetime.now(UTC)) + timedelta(minutes=1)
    await prepare(plan, folder, [issue_at], plan.channels, stories=10)
    async with world(plan, folder, start) as here:
        cut = here.fleet.add(DATABASE_URL=str(here.place).replace(HOST, OTHER))
        await until(lambda: cut.has_said("has group"), 30)
        await here.start(plan.processes - 1)
        spare = here.fleet.add()
        await until(lambda: here.served() > plan.channels // 8, 200)
        assert plan.server
        with cut_way(plan.server.port):
            began = monotonic()
            await until(lambda: spare.has_said("has group"), 60)
            taken = monotonic()
            await asyncio.sleep(plan.cut - (taken - began))
        await until(lambda: bool(cut.exits), 60)
        await until(lambda: here.states()["sent"] == plan.channels, 600)
        mine = {
            str(channel)
            for channel, guild in here.read("SELECT channel_id, guild_id FROM subscription")
            if here.standin.shard_of(guild) < plan.shards // plan.processes
        }
        late = sum(
            began + SURE < at < taken and method == "POST" and path.split("/")[-2] in mine
            for at, method, path in here.standin.requests
            if path.endswith("/messages")
        )
        yield f"cut off for {plan.cut:.0f} s: exit code", str(cut.exits[0]), "75"
        yield "  its group is taken after, s", f"{taken - began:.1f}", "up to 20"
        yield f"  messages sent there from {SURE:.0f} s until then", str(late), "0"
        for row in here.outcome():
            yield row


def can_cut() -> bool:
    """Say whether ways can be cut here."""
    try:
        return subprocess.run([FIREWALL, "-S"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@contextmanager
def cut_way(port: int) -> Iterator[None]:
    """Drop whatever goes to and from PostgreSQL at the other address, without a word to either end."""
    rules = [
        ["OUTPUT", "-d", OTHER, "-p", "tcp", "--dport", str(port), "-j", "DROP"],
        ["OUTPUT", "-s", OTHER, "-p", "tcp", "--sport", str(port), "-j", "DROP"],
    ]
    try:
        for rule in rules:
            subprocess.run([FIREWALL, "-A", *rule], check=True)
        yield
    finally:
        for rule in rules:
            subprocess.run([FIREWALL, "-D", *rule], check=False)


async def measure_planning(plan: Plan, folder: Path, start: StartFleet) -> AsyncIterator[Row]:
    """Very many subscriptions are due at one minute; then the ticks with nothing due of few and of many."""
    issue_at = next_issue(datetime.now(UTC)) + timedelta(minutes=2)
    servers = len(guilds(plan))
    async with open_database(plan.make(folder)) as database:
        await store_stories(database, folder / "seeds", issue_at, 1, 20)
        await multiply(database, plan.many, issue_at - DAY / 2)
        async with database.transaction() as connection:
            await connection.execute(
                "UPDATE subscription SET guild_id = ((channel_id % ? + 1) << 22) + 1", (servers,)
            )
    async with world(plan, folder, start) as here:
        await here.start()

        def planned() -> int:
            return int(here.read("SELECT count(*) FROM delivery")[0][0])

        await until(lambda: datetime.now(UTC) >= issue_at, 300)
        began = monotonic()
        async with asyncio.timeout(PLANNED_WITHIN):
            while planned() < plan.many:  # noqa: ASYNC110 - processes bring it about
                await asyncio.sleep(LOOK)  # to count them takes a while, too
        yield (
            f"{plan.many:,} subscriptions, {plan.processes} owners: planned in, s",
            f"{monotonic() - began:.1f}",
            "up to 40 for 100,000",
        )
    ratio = await measure_ticks(folder, lambda name: plan.make(folder / name))
    yield f"  a tick with nothing due, 100,000 subscriptions to {FEW}", f"{ratio:.2f}", "up to 2"
