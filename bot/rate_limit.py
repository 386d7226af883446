"""The pace of requests to Discord: all together stay within what a bot is allowed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp

from bot.settings import REQUESTS

# Discord accepts 50 requests a second from a bot. aiolimiter's bursts would exceed that at the edge of a
# second, so requests are spread evenly. At this rate 49 of them take 43 ms more than a second, which is room
# for SLACK, and for requests that are on their way for longer or shorter than others.
RATE = REQUESTS
# A request that was late because the program was busy lets the next ones go earlier, by up to this.
SLACK = 0.02  # seconds
# A request that Discord lets wait for longer than this fails with RateLimited, and is left for later.
LONGEST_WAIT = 30.0  # seconds; discord.py takes no less
UNPACED = ("/interactions/", "/webhooks/")  # answers to people, which don't count towards the limit


class NotBegunError(Exception):
    """A request was not made, because its time was over."""


class RepeatedError(Exception):
    """The library was about to repeat a request that Discord may have carried out."""


@dataclass(slots=True)
class Bounds:
    """The bounds of a block's requests: none begins after `until`, on the loop's clock."""

    until: float
    once: bool
    begun: int = 0

    def begin(self, now: float) -> None:
        """Count a request; raises NotBegunError if it is late, RepeatedError if it must not be repeated."""
        if self.begun and (self.once or now > self.until):
            raise RepeatedError
        if now > self.until:
            raise NotBegunError
        self.begun += 1


_bounds: ContextVar[Bounds | None] = ContextVar("bounds", default=None)


@asynccontextmanager
async def bounded(seconds: float, *, once: bool = False) -> AsyncIterator[None]:
    """Bound the requests made in this block: none may begin or last longer, and with `once` only one is made.

    So a process that was suspended for a while doesn't send afterwards what others have sent since.
    Raises TimeoutError, NotBegunError or RepeatedError.
    """
    token = _bounds.set(Bounds(asyncio.get_running_loop().time() + seconds, once))
    try:
        async with asyncio.timeout(seconds):
            yield
    finally:
        _bounds.reset(token)


class Pace:
    """Lets at most `rate` requests a second pass."""

    def __init__(self, rate: float = RATE) -> None:
        self._interval = 1 / rate
        self._next = 0.0
        self._turn = asyncio.Lock()

    async def wait(self) -> None:
        """Wait until the next request may be made."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            if (left := self.left(loop.time())) > 0:
                await asyncio.sleep(left)
            self.begin(loop.time())

    def is_open(self) -> bool:
        """Say whether this process may make requests at all."""
        return True

    def left(self, now: float) -> float:
        """Return how many seconds are left until the next request may be made; below 0 if it may be now."""
        return self._next - now

    def begin(self, now: float) -> None:
        """Note that a request is made now."""
        self._next = max(self._next, now - SLACK) + self._interval

    def trace(self) -> aiohttp.TraceConfig:
        """Return a trace that makes an aiohttp session wait before each request that counts."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._before)
        return config

    async def _before(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, request: aiohttp.TraceRequestStartParams
    ) -> None:
        bounds = _bounds.get()
        if not any(part in request.url.path for part in UNPACED):
            await self.wait()
            if not self.is_open():
                raise RepeatedError if bounds and bounds.begun else NotBegunError
        if bounds:
            bounds.begin(asyncio.get_running_loop().time())
