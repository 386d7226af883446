"""/healthz, /readyz and /metrics over HTTP, in a thread of their own, so that a stuck bot still answers."""

import asyncio
import errno
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread
from typing import TypeAlias

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.errors import WaitError
from bot.monitoring.health import Health
from bot.settings import SettingsError
from digests.text import shorten

OK, UNWELL = 200, 503
SHOWN = 60  # characters of a host's name
Listening: TypeAlias = tuple[int, asyncio.AbstractEventLoop, asyncio.Event]


@contextmanager
def served(health: Health, host: str, port: int) -> Iterator[int]:
    """Answer on `host` and `port` while the block runs, and yield the port: 0 takes a free one.

    Raises SettingsError if it can't listen there, WaitError if somebody else does.
    """
    listening: Future[Listening] = Future()
    thread = Thread(target=_run, args=(health, host, port, listening), daemon=True)
    thread.start()
    try:
        taken, loop, stop = listening.result()
    except (OSError, ValueError) as error:
        reason = error.strerror or error if isinstance(error, OSError) else "that can't be a host's name"
        message = (
            f"HEALTH_HOST, HEALTH_PORT: can't listen on {shorten(host, SHOWN)}:{port} ({reason})."
            " Choose another address or a free port, or unset HEALTH_PORT."
        )
        is_taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        raise (WaitError if is_taken else SettingsError)(message) from error
    try:
        yield taken
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def _run(health: Health, host: str, port: int, listening: Future[Listening]) -> None:
    try:
        asyncio.run(_serve(health, host, port, listening))
    finally:
        listening.cancel()  # if the thread ends before it listened, nobody must wait for it


class Endpoints:
    """The answers, by path."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def app(self) -> web.Application:
        """Return the paths as an application."""
        app = web.Application()
        app.router.add_get("/healthz", self.alive)
        app.router.add_get("/readyz", self.ready)
        app.router.add_get("/metrics", self.metrics)
        return app

    async def alive(self, _: web.Request) -> web.Response:
        """Answer whether the event loop and the scheduler live; if not, only a new start helps."""
        dead = self._health.death()
        return web.Response(text=f"{dead or self._health.life()}\n", status=UNWELL if dead else OK)

    async def ready(self, _: web.Request) -> web.Response:
        """Answer whether the bot can do its work, and what is wrong if not."""
        problems = self._health.problems()
        ready = not any(problems.values())
        document = {"ready": ready, "checks": {check: wrong or "ok" for check, wrong in problems.items()}}
        if self._health.is_spare:
            document["spare"] = True
        return web.json_response(document, status=OK if ready else UNWELL)

    async def metrics(self, _: web.Request) -> web.Response:
        """Answer with all metrics, in Prometheus's text format."""
        self._health.problems()  # updates the metrics of readiness
        body = generate_latest(self._health.metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _serve(health: Health, host: str, port: int, listening: Future[Listening]) -> None:
    """Listen, report that or the error through `listening`, and answer until stopped."""
    stop = asyncio.Event()
    runner = web.AppRunner(Endpoints(health).app(), access_log=None, shutdown_timeout=1)
    try:
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        listening.set_result((runner.addresses[0][1], asyncio.get_running_loop(), stop))
        await stop.wait()
    except (OSError, ValueError) as error:  # ValueError: a name too long, or with a NUL
        listening.set_exception(error)
    finally:
        await runner.cleanup()
