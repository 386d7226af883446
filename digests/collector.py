"""The tenure of a process that only does what is done once for all processes."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from time import monotonic

from digests.tenure import LOOK_SECONDS, LeasedTenure
from storage.engine import Database
from storage.errors import StorageError

log = logging.getLogger(__name__)


class CollectorTenure(LeasedTenure):
    """A process without shards: it waits to be the collector, and is nothing else."""

    serves = False

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        timer: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(database, clock, 0, timer)

    @property
    def is_spare(self) -> bool:
        """Say whether this process isn't the collector yet."""
        return not self._collects.is_set()

    async def join(self, wanted: int | None = None) -> None:  # noqa: ARG002 - it has no shards
        """Wait until there is no other collector, and be it."""
        log.info("waiting to be the collector")
        while not self._held:
            try:
                await self._renew()
            except StorageError as error:
                log.warning("can't look for a collector: %r", error)
                self._let_others_first()
            if not self._held:
                await asyncio.sleep(LOOK_SECONDS)
