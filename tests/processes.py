"""Real processes of the bot, against the stand-in for Discord.

`python -m tests.processes` is a process that others are forked from, with everything imported. It writes
the port where it listens. A connection sends lines of JSON, one for each run, and is sent the new
process's id, then how that process ended. With settings, the process is the whole bot; else it does what
the bot does at one moment.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import run
from bot.cli.main import main
from bot.openings import Openings
from bot.rate_limit import LONGEST_WAIT, Pace
from bot.settings import load_settings
from bot.transport import DiscordTransport
from digests.delivery.outbox import Outbox
from digests.delivery.planner import Planner
from storage.refusals import Refusals
from storage.sqlite.database import open_database
from tests.build import ROOT
from tests.standin import Standin


def connect_to(url: str) -> None:
    """Let discord.py take the stand-in for Discord."""
    Route.BASE = f"{url}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"{url.replace('http', 'ws')}/gateway")


async def deliver(database_path: Path, now: datetime, rate: float) -> None:
    """Do what the bot does at a moment: plan what is due and deliver it."""
    client = discord.Client(
        intents=discord.Intents.none(),
        allowed_mentions=discord.AllowedMentions.none(),
        http_trace=Pace(rate).trace(),
        max_ratelimit_timeout=LONGEST_WAIT,
    )
    async with client, open_database(database_path) as database:
        await client.login("token")
        transport = DiscordTransport(client, Refusals(database, lambda: now), Openings())
        outbox = Outbox(database, transport, lambda: now)
        await outbox.expire()
        await Planner(database, transport, lambda: now).plan()
        await outbox.deliver_due()


def run_whole(options: list[str], settings: dict[str, str], log: str) -> int:
    """Run the bot as `broadsheet run` does, and return its exit code; what it says goes to a file."""
    os.environ |= settings
    written = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(written, 1)
    os.dup2(written, 2)
    sys.argv = ["broadsheet", "run", *options]
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception as error:  # noqa: BLE001 - Python, which ends a process like that, comes no more into play
        traceback.print_exception(error)
        return 1
    return 0


def fork_on_request(connection: socket.socket) -> None:
    """Fork a process for every line, which delivers and ends, if nobody ends it before."""
    with connection, connection.makefile("rw") as stream:
        for line in stream:
            order = json.loads(line)
            child = os.fork()
            if child == 0:
                connect_to(order["url"])
                if "settings" in order:
                    os._exit(run_whole(order["options"], order["settings"], order["log"]))
                now = datetime.fromtimestamp(order["now"], UTC)
                asyncio.run(deliver(Path(order["database"]), now, order["rate"]))
                os._exit(0)
            stream.write(f"{child}\n")
            stream.flush()
            _, status = os.waitpid(child, 0)
            stream.write(f"{os.waitstatus_to_exitcode(status)}\n")
            stream.flush()


def serve_forks() -> None:
    """Answer every connection in a process of its own, so that runs may overlap."""
    signal.signal(signal.SIGCHLD, lambda *_: reap())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)  # noqa: T201
        while True:
            connection, _ = listening.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                fork_on_request(connection)
                os._exit(0)
            connection.close()


def reap() -> None:
    """Let children that have ended go."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


@contextmanager
def running_zygote() -> Iterator[int]:
    """Run the process that others are forked from, and return the port where it listens."""
    arguments = [sys.executable, "-m", "tests.processes"]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


@asynccontextmanager
async def running_bot(
    standin: Standin, database: Path, seeds: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the whole bot against a stand-in, from when it is connected until the block ends."""
    settings = {
        "DISCORD_TOKEN": "token",
        "DATABASE_PATH": str(database),
        "SEEDS_PATH": str(seeds),
        "LOG_LEVEL": "warning",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.processes", standin.url, cwd=ROOT, env=os.environ | settings
    )
    try:
        await standin.until(lambda: standin.identified > 0)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        connect_to(sys.argv[1])
        asyncio.run(run(load_settings()))
    else:
        serve_forks()
