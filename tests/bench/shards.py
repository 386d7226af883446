"""How a bot with many servers does: answers in every shard, a lost session, memory and pauses.

Run with `make bench`, or alone: `python -m tests.bench.shards [SERVERS]`. It takes about five minutes.
"""

import asyncio
import json
import os
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from operator import eq
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from bot.app import _start_when_ready, open_app
from bot.connecting import connect
from bot.garbage import keep_for_good, short_collections
from bot.settings import BUNDLED_SEEDS, Settings
from digests.seeds.reload import Reloader
from tests.build import ROOT
from tests.conftest import MORNING, Clock
from tests.databases import make_database
from tests.processes import connect_to, running_bot
from tests.pulse import Pulse, pulse
from tests.standin import BOT, Standin, serve, server
from tests.subscribed import subscribe_all
from tests.tour import (
    ALL,
    ISSUE,
    PERSON,
    Ask,
    commands,
    harbour_town,
    in_dm,
    is_answered,
    make_digests,
    member,
    payload,
    text_channel,
)

SHARDS = 8
SERVERS = 10_000
EACH = 50  # channels and roles of a server
ACK = 1.0  # seconds for a first answer
SUSPENDED = 30.0  # seconds until a server that was left is suspended
PORT = 18_643
LOSSES = 3  # sessions that are lost, one after another


@dataclass(frozen=True, slots=True)
class Answers:
    """How commands were answered in every shard, and what a lost session came to; times in seconds."""

    asked: int
    unanswered: list[str]
    acknowledged: float
    slowest: float
    violations: list[str]
    health: str
    suspended: float
    others: int


class Crowd(Standin):
    """Discord with servers that have many channels and roles, told of when they are asked for."""

    def whole(self, guild: dict[str, Any]) -> dict[str, Any]:
        """Return a server with all of its channels and roles."""
        guild_id = int(guild["id"])
        channels = [
            text_channel(guild_id + number, guild_id)
            | {"name": f"channel-{number}", "position": number, "topic": f"What is said in {number}"}
            | {"permission_overwrites": [{"id": str(guild_id), "type": 0, "allow": "0", "deny": "2048"}]}
            for number in range(1, EACH + 1)
        ]
        roles = [
            {"id": str(guild_id + EACH + number), "name": f"Role {number}", "permissions": ALL}
            | {"position": number, "color": number, "hoist": False, "managed": False, "mentionable": True}
            for number in range(1, EACH)
        ]
        everyone = server(guild_id)["roles"][0] | {"permissions": ALL}
        whole = server(guild_id) | {"channels": channels, "roles": [everyone, *roles]}
        return whole | {"members": [member(BOT)]}


def guild_of(number: int) -> int:
    """Return the id of a server; one after another is in the next shard."""
    return ((SHARDS + number) << 22) + 1


async def measure_answers(folder: Path) -> Answers:
    """Run the whole bot with eight shards, and try every command in each, then lose a session."""
    guilds = [guild_of(number) for number in range(2 * SHARDS)]
    standin = Standin(guilds=[harbour_town(each, each + 1) for each in guilds], shards=SHARDS)
    database = await bundled(folder)
    settings = Settings(database_path=database, seeds_path=BUNDLED_SEEDS)
    os.environ |= {"OWNER_IDS": str(PERSON), "HEALTH_PORT": str(PORT)}
    async with serve(standin), open_app(settings, Clock()) as app:
        asked: list[tuple[Ask, Callable[[Ask, int, Standin], dict[str, Any]]]] = []
        for guild_id in guilds[:SHARDS]:
            there = partial(payload, guild_id=guild_id, channel_id=guild_id + 1)
            asked += [(ask, there) async for ask in commands(app, make_digests(app, guild_id))]
        asked += [(ask, in_dm) async for ask in commands(app, make_digests(app, guilds[SHARDS]))]
        async with running_bot(standin, database, BUNDLED_SEEDS):
            await standin.until(lambda: standin.identified == SHARDS, 2 * 6 * SHARDS)
            await until(lambda: ready_says("true"))
            asked_at = {}
            for number, (ask, said) in enumerate(asked):
                asked_at[str(number)] = monotonic()
                await standin.dispatch("INTERACTION_CREATE", said(ask, number, standin))
                await standin.until(partial(standin.answered.__contains__, str(number)))
            # A suggestion waits for its turn to be sent by DM.
            await standin.until(lambda: all(map(is_answered, list(standin.answers.values()))), 200)
            took = [standin.answered[number] - at for number, at in asked_at.items()]
            left = guilds[3]
            standin.hold(3)
            await standin.lose(3)
            await standin.remove_guild(left)
            await until(lambda: ready_says("shard 3 of 8"))
            health = json.loads(await ready())["checks"]["discord"]
            lost_at = monotonic()
            standin.release(3)
            await until(lambda: is_left(database, left))
            suspended = monotonic() - lost_at
            await until(lambda: ready_says("true"))
            with closing(sqlite3.connect(database)) as connection:
                (others,) = connection.execute(
                    "SELECT count(*) FROM subscription"
                    " WHERE left_at IS NOT NULL AND ended_at IS NULL AND guild_id <> ?",
                    (left,),
                ).fetchone()
    unanswered = [each.name for number, (each, _) in enumerate(asked) if str(number) not in standin.answered]
    return Answers(
        len(asked), unanswered, median(took), max(took), standin.violations, health, suspended, others
    )


async def bundled(folder: Path) -> Path:
    """Return a new database with the bundled seeds."""
    load = lambda database: Reloader(database, Clock()).reload(BUNDLED_SEEDS)  # noqa: E731
    return await asyncio.to_thread(make_database, folder / "broadsheet.db", load)


async def ready() -> str:
    """Return what /readyz says."""
    async with aiohttp.ClientSession() as session:
        try:
            async with session.get(f"http://127.0.0.1:{PORT}/readyz") as answer:
                return await answer.text()
        except aiohttp.ClientError:
            return ""


async def ready_says(part: str) -> bool:
    return part in await ready()


async def is_left(database: Path, guild_id: int) -> bool:
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT 1 FROM subscription WHERE guild_id = ? AND left_at IS NULL"
        return not connection.execute(query, (guild_id,)).fetchall()


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 120) -> None:
    """Wait until something is so that another process does."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)


async def discord(servers: int) -> None:
    """Be Discord, in a process of its own: say where, and lose the sessions of shards that are named."""
    guilds = [{"id": str(guild_of(number))} for number in range(servers)]
    async with serve(Crowd(guilds=guilds, shards=SHARDS, max_concurrency=SHARDS)) as standin:
        print(standin.url, flush=True)  # noqa: T201
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            await standin.lose(int(line))


@asynccontextmanager
async def crowded(servers: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run Discord with many servers, let discord.py connect there, and yield it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.shards", "discord", str(servers)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        connect_to((await process.stdout.readline()).decode().strip())
        yield process
    finally:
        process.stdin.close()
        await process.wait()


def megabytes() -> float:
    """Return how much memory this process takes, resident."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def measure_crowd(folder: Path, servers: int) -> dict[str, list[float]]:
    """Return, by what the bot did: its longest pause, what of that was computing, in ms; MB and seconds."""
    clock = Clock(MORNING)
    settings = Settings(database_path=await bundled(folder))
    taken: dict[str, list[float]] = {}

    @asynccontextmanager
    async def doing(what: str) -> AsyncIterator[None]:
        began = monotonic()
        async with pulse() as found:
            yield
        taken[what] = [*longest(found), megabytes(), monotonic() - began]

    async with crowded(servers) as standin, open_app(settings, clock) as app, app.client, short_collections():
        assert standin.stdin
        for number in range(servers):
            guild_id = guild_of(number)
            await subscribe_all(app.services.database, [guild_id + 1], ISSUE, guild=guild_id)
        keep_for_good()
        connection = asyncio.create_task(connect(app.client, "token", clock))
        async with doing("connecting, before it is ready"):
            await _start_when_ready(app)
        async with doing("the first minute"):
            await asyncio.sleep(60)
        for number in range(LOSSES):
            async with doing(f"lost session {number + 1}"):
                back = app.client.wait_for("shard_ready", check=partial(eq, number), timeout=120)
                standin.stdin.write(f"{number}\n".encode())
                await back
                await asyncio.sleep(5)
        clock.now = ISSUE + timedelta(seconds=1)
        async with doing(f"planning {servers:,} digests"):
            await app.client.planner.plan()
        await app.scheduler.stop()
        await app.client.close()
        await connection
    return taken


def longest(found: Pulse) -> list[float]:
    return [found.longest() * 1_000, found.longest_own() * 1_000]


async def in_a_process(what: str, *arguments: str) -> Any:
    """Return what one part of this prints, run in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.shards", what, *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    return json.loads(printed.decode().splitlines()[-1])


def main() -> None:
    """Measure and print; each part in a process of its own."""
    what, *arguments = sys.argv[1:] or [str(SERVERS)]
    if what == "discord":
        asyncio.run(discord(int(arguments[0])))
        return
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
        if what == "answers":
            print(json.dumps(asdict(asyncio.run(measure_answers(Path(scratch))))))  # noqa: T201
            return
        if what == "crowd":
            print(json.dumps(asyncio.run(measure_crowd(Path(scratch), int(arguments[0])))))  # noqa: T201
            return
    console = Console(width=110)
    answers = asyncio.run(in_a_process("answers"))
    table = Table(f"{SHARDS} shards, one process", "", "wanted")
    table.add_row("commands asked, in every shard and in DMs", f"{answers['asked']}", "")
    table.add_row("not answered", f"{len(answers['unanswered'])}", "0")
    first = f"{answers['acknowledged'] * 1_000:.0f} ms, at most {answers['slowest'] * 1_000:.0f} ms"
    table.add_row("first answer", first, f"less than {ACK:.0f} s")
    table.add_row("what Discord would mind", ", ".join(answers["violations"]) or "nothing", "nothing")
    table.add_row("health while a shard is away", answers["health"], "names it")
    suspended = f"{answers['suspended']:.2f} s"
    table.add_row("until a server that was left is suspended", suspended, f"less than {SUSPENDED:.0f} s")
    table.add_row("other servers that were suspended", f"{answers['others']}", "0")
    console.print(table)
    table = Table(f"{int(what):,} servers, {SHARDS} shards", "longest pause, ms", "computing", "MB", "s")
    for doing, figures in asyncio.run(in_a_process("crowd", what)).items():
        table.add_row(doing, *(f"{each:.0f}" for each in figures))
    console.print(table)


if __name__ == "__main__":
    main()
