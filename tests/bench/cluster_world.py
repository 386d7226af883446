"""A world for several processes: a stand-in for Discord, a database, who types, and who kills."""

import asyncio
import json
import random
import signal
import sqlite3
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import count
from pathlib import Path
from time import monotonic, time
from typing import Any, TypeAlias

import psycopg
from aiohttp import web

from storage.errors import Place
from storage.opening import open_database
from tests.bench.delivery import interaction
from tests.cluster import USER, Server
from tests.fleet import Fleet, Member, StartFleet, until
from tests.pulse import Pulse, pulse
from tests.standin import EPOCH, Fault, Limits, Standin, marks, serve, server
from tests.subscribed import store_stories, subscribe_all

SERVERS_A_SHARD = 4
TYPED_EVERY = 0.5  # seconds between two commands in each shard
FAULTS = [Fault(status, done=done) for status in (500, 502, 503, 504, None) for done in (True, False)]
SPOILED, HANGING = 0.04, 0.1  # the share of requests that go wrong, and of those the share that hang
HANGS = 5.0  # seconds
NONCES_KEPT = 120.0  # seconds
HOST = "127.0.0.1"
DEFERRED = 5  # the type of an answer that says that there will be one
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
    crashes: int
    down: float
    cut: float
    many: int
    server: Server | None = None  # PostgreSQL's, instead of SQLite

    def place(self, folder: Path) -> Place:
        """Return where the database of a measure is that has a folder of its own."""
        name = f"bench_{blake2b(bytes(folder), digest_size=8).hexdigest()}"
        return f"{_url(self.server)}/{name}?host={HOST}" if self.server else folder / "broadsheet.db"

    def make(self, folder: Path) -> Place:
        """Let there be a server's database of that name, and return where it is."""
        place = self.place(folder)
        if self.server:
            name = str(place).partition("?")[0].rpartition("/")[2]
            with psycopg.connect(f"{_url(self.server)}/postgres?host={HOST}", autocommit=True) as admin:
                admin.execute(f"CREATE DATABASE {name}".encode())
        return place


class World:
    """One stand-in, one database, and the processes between them."""

    def __init__(self, plan: Plan, folder: Path, standin: Standin, fleet: Fleet, beat: Pulse) -> None:
        self.plan = plan
        self.place = plan.place(folder)
        self.standin = standin
        self.fleet = fleet
        self._beat = beat
        self._session: psycopg.Connection[Any] | None = None

    def read(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what the database says."""
        if isinstance(self.place, Path):
            with closing(sqlite3.connect(self.place)) as connection:
                return connection.execute(sql).fetchall()
        if self._session is None or self._session.closed:
            self._session = psycopg.connect(self.place, autocommit=True)
        return self._session.execute(sql.encode()).fetchall()

    def forget_session(self) -> None:
        """Ask in a new session from now on: the server was gone."""
        self._session = None

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

    def doubles(self) -> list[str]:
        """Return the parts that came twice, and how many seconds lay between."""
        times: defaultdict[str, list[float]] = defaultdict(list)
        for messages in self.standin.messages.values():
            for message in messages:
                for mark in marks(message):
                    times[mark].append(made_at(message))
        return [f"{mark} after {at[-1] - at[0]:.1f} s" for mark, at in times.items() if len(at) > 1]

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
            *(("  doubled", each, "") for each in self.doubles()),
            ("  requests in the worst second", str(max(self.seconds(), default=0)), "up to 50"),
            # What comes while it stands still, it counts in one second.
            ("  the stand-in itself stood still for up to, s", f"{self._beat.longest():.2f}", ""),
            ("  answers of 429", str(self.standin.refused), "0"),
            ("  IDENTIFY too soon", str(len(self.standin.violations)), "0"),
            ("  subscriptions marked as left", str(self.left()), "0"),
        ]

    def left(self) -> int:
        """Return how many subscriptions are suspended."""
        return int(str(self.read("SELECT count(*) FROM subscription WHERE left_at IS NOT NULL")[0][0]))


def _url(server: Server) -> str:
    return f"postgresql://{USER}@:{server.port}"


def guilds(plan: Plan) -> list[int]:
    """Return the servers, which are spread evenly over the shards."""
    return [(number << 22) + 1 for number in range(1, 1 + plan.shards * SERVERS_A_SHARD)]


async def prepare(plan: Plan, folder: Path, issues: list[datetime], places: int, stories: int = 5) -> None:
    """Make a database in which so many channels get a digest at each of some times."""
    servers = guilds(plan)
    async with open_database(plan.make(folder)) as database:
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
    place = plan.place(folder)
    settings = {
        "DATABASE_PATH" if isinstance(place, Path) else "DATABASE_URL": str(place),
        "SEEDS_PATH": str(folder / "seeds"),
        "SHARD_GROUPS": str(plan.processes),
    }
    async with serve(standin), start(standin, folder / "logs", **settings) as fleet, pulse() as beat:
        yield World(plan, folder, standin, fleet, beat)


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
            forget_nonces(standin)


def forget_nonces(standin: Standin) -> None:
    """Let the stand-in forget nonces as Discord does: after a few minutes."""
    for key, message in list(standin.nonces.items()):
        if time() - made_at(message) > NONCES_KEPT:
            del standin.nonces[key]


def made_at(message: dict[str, Any]) -> float:
    """Return when a message was made, as its id says."""
    return ((int(message["id"]) >> 22) + EPOCH) / 1000


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

    def told(self) -> Iterator[tuple[float, float, str]]:
        """Yield when each command was typed, the seconds until its answer, and what that is, as JSON."""
        asked: defaultdict[str, list[float]] = defaultdict(list)
        for at, method, path in self._here.standin.requests:
            if method != "DELETE" and (token := next((p for p in path.split("/") if "token-" in p), None)):
                asked[token].append(at)
        for number, (_, typed_at) in self.typed.items():
            answers = self._here.standin.answers[f"token-{number}"]
            for at, body in zip(asked[f"token-{number}"], answers, strict=False):
                if body.get("type") != DEFERRED:
                    yield typed_at, at - typed_at, json.dumps(body)
                    break
            else:
                yield typed_at, float("inf"), ""

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
