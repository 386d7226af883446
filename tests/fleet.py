"""Several processes of one bot, as a supervisor keeps them: each is started again when it has ended."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from time import monotonic

from tests.processes import running_zygote
from tests.standin import Standin

LOOK = 0.05  # seconds between two looks at what the processes did
STOP = {0, 78}  # exit codes after which nothing is started again
PAUSE = 0.2  # seconds until it is


class Member:
    """One of the processes; `exits` are its exit codes so far, below 0 the signals that ended it."""

    def __init__(self, order: Mapping[str, object], port: int) -> None:
        self._order = order
        self._port = port
        self._running: asyncio.Task[None] | None = None
        self.pid: int | None = None
        self.exits: list[int] = []
        self.started_at = 0.0
        self.ended = asyncio.Event()

    def start(self) -> None:
        """Start it, and start it again whenever it ends, unless it ended for good."""
        self.ended.clear()
        self._running = asyncio.create_task(self._run())

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal, if there is one."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def has_said(self, what: str) -> bool:
        """Say whether it has written something."""
        log = Path(str(self._order["log"]))
        return log.exists() and what in log.read_text("utf-8")

    async def stop(self) -> int:
        """End it as a supervisor does, for good, and return its exit code."""
        self.signal(signal.SIGTERM)
        await self.ended.wait()
        return self.exits[-1]

    async def end(self) -> None:
        """End it at once, however it is."""
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        self.signal(signal.SIGKILL)

    async def _run(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        ended = None
        try:
            while ended not in STOP:
                if ended is not None:
                    await asyncio.sleep(PAUSE)
                writer.write(f"{json.dumps(self._order)}\n".encode())
                self.pid, self.started_at = int(await reader.readline()), monotonic()
                ended = int(await reader.readline())
                self.pid = None
                self.exits.append(ended)
            self.ended.set()
        finally:
            writer.close()


class Fleet:
    """Starts the processes of one bot, which share a database and a stand-in for Discord."""

    def __init__(self, port: int, standin: Standin, logs: Path, settings: dict[str, str]) -> None:
        self._port = port
        self._standin = standin
        self._logs = logs
        self._settings = {"DISCORD_TOKEN": "token", "LOG_LEVEL": "info", **settings}
        self.members: list[Member] = []

    def add(self, *options: str, **settings: str) -> Member:
        """Start another process, with options of `broadsheet run` and settings of its own."""
        order = {
            "options": options,
            "url": self._standin.url,
            "settings": self._settings | settings,
            "log": str(self._logs / f"{len(self.members)}.log"),
        }
        member = Member(order, self._port)
        self.members.append(member)
        member.start()
        return member


async def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is so that processes bring about."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - they can set no event here
            await asyncio.sleep(LOOK)


StartFleet = Callable[..., AbstractAsyncContextManager[Fleet]]


@contextmanager
def fleets() -> Iterator[StartFleet]:
    """Yield what starts a fleet with a stand-in, a new folder for logs, and settings."""
    with running_zygote() as port:

        @asynccontextmanager
        async def start(standin: Standin, logs: Path, **settings: str) -> AsyncIterator[Fleet]:
            await asyncio.to_thread(logs.mkdir, parents=True, exist_ok=True)
            fleet = Fleet(port, standin, logs, settings)
            try:
                yield fleet
            finally:
                await asyncio.gather(*(member.end() for member in fleet.members))

        yield start
