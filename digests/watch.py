"""Reload by itself when seed files change."""

import asyncio
import logging
from pathlib import Path

from watchfiles import awatch

from digests.errors import ReloadError
from digests.reload import Reloader

QUIET_MS = 1_600  # changes that follow each other faster make one reload

log = logging.getLogger(__name__)


async def watch(reloader: Reloader, root: Path, stop: asyncio.Event, *, quiet_ms: int = QUIET_MS) -> None:
    """Reload `root` after each burst of changes below it, until `stop` is set."""
    async for _ in awatch(root, debounce=quiet_ms, stop_event=stop):
        try:
            report = await reloader.reload(root)
        except ReloadError as error:
            log.error("%s", error)
        else:
            log.info(
                "seeds changed: %d added, %d changed, %d removed, %d failed",
                report.added,
                report.changed,
                report.removed,
                len(report.failed),
            )
