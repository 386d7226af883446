"""A pulse of the event loop: how late it comes, and how much of that is this process's own doing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from time import monotonic, process_time

BEAT = 0.005  # seconds
TOLERATED = 2 * BEAT  # between two beats of an idle loop on an idle machine


@dataclass(slots=True)
class Pulse:
    """When the loop came round, and the CPU seconds that the process, all its threads, had used by then."""

    beats: list[tuple[float, float]] = field(default_factory=list)

    def late(self, since: float, until: float) -> float:
        """Return for how many seconds between two moments the loop did not come round in time."""
        gaps = pairwise([since, *(at for at, _ in self.beats if since <= at <= until)])
        return sum(max(0.0, end - begin - TOLERATED) for begin, end in gaps)

    def longest(self) -> float:
        """Return the longest pause, in seconds."""
        return max(0.0, *(end[0] - begin[0] - BEAT for begin, end in pairwise(self.beats)))

    def longest_own(self) -> float:
        """Return the longest pause, in seconds, as far as this process was computing meanwhile."""
        gaps = pairwise(self.beats)
        return max(0.0, *(min(end[0] - begin[0] - BEAT, end[1] - begin[1]) for begin, end in gaps))


@asynccontextmanager
async def pulse() -> AsyncIterator[Pulse]:
    """Take the running loop's pulse while the block runs."""
    taken = Pulse()

    def note() -> None:
        taken.beats.append((monotonic(), process_time()))

    async def beat() -> None:
        while True:
            await asyncio.sleep(BEAT)
            note()

    note()

    beating = asyncio.create_task(beat())
    try:
        yield taken
    finally:
        beating.cancel()
        note()
