"""Keeping the garbage collector's pauses short: it stops every thread while it looks at all that there is."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import thread_time

LONG = 0.03  # seconds of computing: about 25,000 objects


def keep_for_good() -> None:
    """Take everything that there is by now from the garbage collector.

    A full collection stops every thread, for 40 to 90 ms where it looks through all that was imported.
    """
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def short_collections() -> AsyncIterator[None]:
    """Keep full collections short while the block runs, however much comes that stays, as servers do.

    What one left that took long is in use, so the next ones needn't look at it.
    """
    began = 0.0

    def watch(phase: str, info: dict[str, int]) -> None:
        nonlocal began
        if info["generation"] < 2:
            return
        if phase == "start":
            began = thread_time()
        elif thread_time() - began > LONG:
            gc.freeze()

    gc.callbacks.append(watch)
    try:
        yield
    finally:
        gc.callbacks.remove(watch)
