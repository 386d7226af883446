"""A worker: claims jobs one by one and does many at once, in each channel one at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from typing import Any, Generic, Protocol, TypeVar

from digests.delivery.patience import AGAIN
from storage.errors import StorageError

# A send that empties its channel's allowance returns only after five seconds, when that is full again, so
# many channels are served at the same time. The transport paces all requests together.
MAX_PARALLEL = 100
CLOSING_SECONDS = 7.5  # a process that was told to stop has ten

log = logging.getLogger(__name__)


class InChannel(Protocol):
    """What a worker needs to know of a job."""

    @property
    def channel_id(self) -> int:
        """The channel that it is done in."""


Job = TypeVar("Job", bound=InChannel)


class Worker(Generic[Job]):
    """Does what is due, until nothing is.

    `claim` takes the next job that is in none of the given channels, or returns None; `work` does one, and
    returns whether it succeeded. A job that raises is claimed again when its lease has ended.
    """

    def __init__(
        self,
        claim: Callable[[set[int]], Awaitable[Job | None]],
        work: Callable[[Job], Coroutine[Any, Any, bool]],
    ) -> None:
        self._claim = claim
        self._work = work
        self._lock = asyncio.Lock()
        self._working: dict[asyncio.Task[bool], int] = {}  # with the channel of each
        self._news = asyncio.Event()
        self._awake: asyncio.Task[None] | None = None
        self._closing = False

    def wake(self) -> None:
        """Start doing what is due now, in the background."""
        self._news.set()
        if not self._closing and (self._awake is None or self._awake.done()):
            self._awake = asyncio.create_task(self._run(), context=Context())

    async def drain(self) -> int:
        """Do everything that is due and return how many jobs succeeded.

        If that is being done already, it goes on with what is due now, and this call waits until it ends.
        """
        succeeded = 0
        self._news.set()
        async with self._lock:
            while not self._closing:
                self._news.clear()
                job = await self._claim(set(self._working.values())) if self._has_room else None
                if job is not None:
                    # What is logged of a job carries its own ids, not those of the command that woke this.
                    task = asyncio.create_task(self._work(job), context=Context())
                    self._working[task] = job.channel_id
                elif self._working:
                    succeeded += await self._settle_some()
                elif not self._news.is_set():
                    break
            while self._working:
                self._news.clear()
                succeeded += await self._settle_some()
        return succeeded

    async def close(self) -> None:
        """Finish the jobs in hand and begin no others; break off those that take too long."""
        self._closing = True
        self._news.set()
        if self._working:
            done, late = await asyncio.wait(self._working, timeout=CLOSING_SECONDS)
            for task in late:
                task.cancel()
            for task in done & self._working.keys():  # which nobody else looks at any more
                _log_failure(task, self._working.pop(task))
        async with self._lock:
            log.debug("closed")
        if self._awake:
            await asyncio.wait({self._awake})

    @property
    def _has_room(self) -> bool:
        return len(self._working) < MAX_PARALLEL

    async def _run(self) -> None:
        woken, is_told = True, False
        while woken and not self._closing:
            try:
                await self.drain()
            except StorageError as error:
                if not is_told:
                    log.warning("what is due waits for the database: %r", error)
                is_told = True
                await asyncio.sleep(AGAIN)
                continue
            except Exception:
                # Like a failing job of APScheduler: it is logged, and the next alarm tries again.
                log.exception("what is due could not be done")
            woken = self._news.is_set()  # while it failed

    async def _settle_some(self) -> int:
        """Wait until some jobs have ended, or for news, and return how many succeeded."""
        news = asyncio.create_task(self._news.wait())
        try:
            await asyncio.wait({*self._working, news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
        done = [task for task in self._working if task.done()]
        for task in done:
            _log_failure(task, self._working.pop(task))
        return sum(task.result() for task in done if not task.cancelled() and not task.exception())


def _log_failure(task: "asyncio.Task[bool]", channel_id: int) -> None:
    """Log why a job that has ended failed, if it did."""
    if not task.cancelled() and (error := task.exception()):
        log.error(
            "a job in channel %d failed; it is tried again when its lease has ended",
            channel_id,
            exc_info=None if isinstance(error, StorageError) else error,
        )
