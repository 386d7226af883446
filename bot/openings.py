"""DM channels: to open many in a short time gets a bot quarantined, so they are opened a few a minute."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

A_MINUTE = 10
MINUTE = 60.0  # seconds


class Openings:
    """Counts the DM channels that are opened, by a timer that never jumps."""

    def __init__(self, timer: Callable[[], float] = monotonic) -> None:
        self._timer = timer
        self._made: deque[float] = deque(maxlen=A_MINUTE)
        self._turn = asyncio.Lock()

    def take(self) -> bool:
        """Return True, and count it, if another channel may be opened now."""
        if self._left() > 0:
            return False
        self._made.append(self._timer())
        return True

    async def wait(self) -> None:
        """Wait until another channel may be opened, and count it."""
        async with self._turn:
            await asyncio.sleep(max(0.0, self._left()))
            self._made.append(self._timer())

    def _left(self) -> float:
        """Return how many seconds are left until another channel may be opened."""
        if len(self._made) < A_MINUTE:
            return 0.0
        return self._made[0] + MINUTE - self._timer()
