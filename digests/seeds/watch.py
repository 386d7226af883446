"""Reload by itself when seed files change."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

from watchfiles import awatch

from digests.errors import ReloadBusyError, ReloadError
from digests.seeds.reload import Reloader
from storage.errors import StorageError

QUIET_MS = 1_600  # changes that follow each other faster make one reload
LOOK_AGAIN_MS = 5_000  # how often to see whether another folder stands in the place of the watched one

log = logging.getLogger(__name__)


async def watch(
    reloader: Reloader,
    root: Path,
    stop: asyncio.Event,
    *,
    quiet_ms: int = QUIET_MS,
    look_again_ms: int = LOOK_AGAIN_MS,
) -> None:
    """Reload `root` after each burst of changes below it, until `stop` is set.

    A folder that is renamed, unmounted or replaced is looked for again under the same path.
    """
    watched = _identity(root)
    missed = False
    while not stop.is_set():
        if watched is None:
            await _pause(stop, look_again_ms)
        else:
            async for changes in awatch(
                root,
                debounce=quiet_ms,
                stop_event=stop,
                rust_timeout=look_again_ms,
                yield_on_timeout=True,
                ignore_permission_denied=True,  # a reload names such a folder
            ):
                if _identity(root) != watched:
                    break
                if changes or missed:
                    missed = not await _reload(reloader, root)
        if not stop.is_set() and (found := _identity(root)) != watched:
            watched = found
            missed = not await _reload(reloader, root)


async def _pause(stop: asyncio.Event, milliseconds: int) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), milliseconds / 1000)


def _identity(root: Path) -> tuple[int, int] | None:
    """Return what tells a folder from another one under the same path, None where there is none."""
    try:
        status = root.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


async def _reload(reloader: Reloader, root: Path) -> bool:
    """Reload; returns False if that should be tried again: another reload ran, or the database failed."""
    try:
        report = await reloader.reload(root)
    except (ReloadBusyError, StorageError) as error:
        log.warning("seeds changed, but the reload has to wait: %r", error)
        return False
    except ReloadError as error:
        log.error("seeds changed, but the reload failed: %r", error)
    except Exception:  # the watch goes on, whatever it was
        log.exception("the changed seeds can't be loaded")
    else:
        log.info(
            "seeds changed: %d added, %d changed, %d removed, %d failed",
            report.added,
            report.changed,
            report.removed,
            len(report.failed),
        )
    return True
