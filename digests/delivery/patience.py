"""Patience with a database that is gone: what has to be read or stored is tried again for a while."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from storage.errors import StorageError

AGAIN = 1.0  # seconds until it is tried again
Done = TypeVar("Done")


async def patiently(work: Callable[[], Awaitable[Done]], goes_on: Callable[[], bool]) -> Done:
    """Do something as soon as the database lets it be done; raises StorageError once `goes_on` says no."""
    while True:
        try:
            return await work()
        except StorageError:
            if not goes_on():
                raise
        await asyncio.sleep(AGAIN)
