"""One request a host at a time, and a while between two."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

MAX_HOSTS = 5_000  # that are remembered


class Pace:
    """Lets requests to one host wait for each other; those to others don't notice."""

    def __init__(
        self,
        pause: Callable[[], float] = lambda: random.uniform(1, 2),  # noqa: S311 - it guards nothing
        timer: Callable[[], float] = monotonic,
    ) -> None:
        """`pause` returns the seconds between two requests."""
        self._pause = pause
        self._timer = timer
        self._locks: dict[str, asyncio.Lock] = {}
        self._free_at: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for one's turn to ask a host, and hold it throughout the block."""
        self._forget()
        lock = self._locks.setdefault(host, asyncio.Lock())
        async with lock:
            if (wait := self._free_at.get(host, 0.0) - self._timer()) > 0:
                await asyncio.sleep(wait)
            try:
                yield
            finally:
                self._free_at[host] = self._timer() + self._pause()

    def _forget(self) -> None:
        if len(self._locks) > MAX_HOSTS:
            now = self._timer()
            for host in [host for host, free_at in self._free_at.items() if free_at < now]:
                if self._locks[host].locked():
                    continue
                del self._locks[host]
                del self._free_at[host]
