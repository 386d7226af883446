"""The pace of requests to Discord: all of them together stay within what a bot is allowed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace

import aiohttp

# Discord takes 50 requests a second of a bot. aiolimiter's bursts would break that at the edge of a
# second, so requests go one by one, evenly.
RATE = 48.0
# A request that could not go at its moment, because the program was busy, is made up for, up to this.
SLACK = 0.02  # seconds
UNPACED = ("/interactions/", "/webhooks/")  # answers to people, which don't count

_tries: ContextVar[list[str] | None] = ContextVar("tries", default=None)


class RepeatedError(Exception):
    """The library was about to repeat a request that may have been carried out."""


@contextmanager
def one_try() -> Iterator[None]:
    """Let the one request made in this block not be repeated; raises RepeatedError in its place."""
    token = _tries.set([])
    try:
        yield
    finally:
        _tries.reset(token)


class Pace:
    """Lets requests pass, at most `rate` a second."""

    def __init__(self, rate: float = RATE) -> None:
        self._interval = 1 / rate
        self._next = 0.0
        self._turn = asyncio.Lock()

    async def wait(self) -> None:
        """Return when the next request may go."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            if (left := self._next - loop.time()) > 0:
                await asyncio.sleep(left)
            self._next = max(self._next, loop.time() - SLACK) + self._interval

    def trace(self) -> aiohttp.TraceConfig:
        """Return what makes an aiohttp session wait before each request that counts."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._before)
        return config

    async def _before(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, request: aiohttp.TraceRequestStartParams
    ) -> None:
        tries = _tries.get()
        if tries is not None:
            if tries:
                raise RepeatedError(f"{request.method} {request.url.path}")
            tries.append(request.url.path)
        if not any(part in request.url.path for part in UNPACED):
            await self.wait()
