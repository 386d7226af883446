"""The outbox: claims what is due, as much as goes at once, and closes without leaving work half done."""

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context
from datetime import datetime, timedelta

from structlog.contextvars import bind_contextvars

from digests.delivery.sender import LEASE, MAX_LATE, Sender, leave_to_next
from digests.delivery.transport import Transport
from digests.editions.edition import Edition
from digests.editions.preview import read_edition
from storage import outbox
from storage.engine import Connection, Database
from storage.models import Delivery, DeliveryState, Trouble

# A send that empties its channel's allowance returns only when that is full again, after five seconds,
# so many channels are served side by side; the pace of requests is the transport's.
MAX_PARALLEL_SENDS = 100
LONGEST_WAIT = timedelta(hours=2)  # more than any lease or retry: the clock was ahead when it was written
CLOSING_SECONDS = 7.5  # seconds; a process that was told to stop has ten

log = logging.getLogger(__name__)


class Outbox:
    """Delivers what the planner wrote down."""

    def __init__(
        self,
        database: Database,
        transport: Transport,
        clock: Callable[[], datetime],
        *,
        max_late: timedelta = MAX_LATE,
    ) -> None:
        self._database = database
        self._transport = transport
        self._clock = clock
        self._max_late = max_late
        self._sender = Sender(database, transport, clock, max_late)
        self._lock = asyncio.Lock()
        self._sending: dict[asyncio.Task[bool], int] = {}  # the channel that each one sends to
        self._news = asyncio.Event()
        self._awake: asyncio.Task[None] | None = None
        self._closing = False

    def wake(self) -> None:
        """Let what has become due since be delivered, beside what is being sent; nobody waits for that."""
        self._news.set()
        if self._awake is None or self._awake.done():
            self._awake = asyncio.create_task(self._run(), context=Context())

    async def deliver_due(self) -> int:
        """Deliver everything that is due and return how many editions arrived.

        One channel gets one edition at a time.
        """
        arrived = 0
        self._news.set()  # where somebody delivers already, that goes on with what is due now
        async with self._lock:
            while not self._closing:
                self._news.clear()
                delivery = await self._claim() if len(self._sending) < MAX_PARALLEL_SENDS else None
                if delivery is not None:
                    # What is logged of it carries its own ids, not those of the command that woke this.
                    task = asyncio.create_task(self._deliver(delivery), context=Context())
                    self._sending[task] = delivery.channel_id
                elif self._sending:
                    arrived += await self._settle_some()
                elif not self._news.is_set():
                    break
            while self._sending:
                self._news.clear()
                arrived += await self._settle_some()
        return arrived

    async def expire(self) -> int:
        """Skip what has waited for too long; the next editions have its stories. Returns how many.

        So it is to be called before these are planned.
        """
        now = self._clock()
        async with self._database.transaction() as connection:
            expired = await outbox.expire(connection, now - self._max_late, now)
            for delivery in expired:
                if edition := await _readable(connection, delivery):
                    await leave_to_next(connection, self._transport, delivery, edition)
        for delivery in expired:
            log.warning("delivery %d: skipped, too late to be sent", delivery.id)
        return len(expired)

    async def close(self) -> None:
        """Finish the messages in hand, and begin no others; what takes too long is looked after later."""
        self._closing = True
        self._sender.stop()
        self._news.set()
        if self._sending:
            _, late = await asyncio.wait(self._sending, timeout=CLOSING_SECONDS)
            for task in late:
                task.cancel()
        async with self._lock:
            log.debug("outbox closed")
        if self._awake:
            await asyncio.wait({self._awake})

    async def _run(self) -> None:
        woken = True
        while woken and not self._closing:
            try:
                await self.deliver_due()
            except Exception:
                # As a job's of APScheduler: told in the log, and tried again at the next alarm.
                log.exception("the outbox failed")
            woken = self._news.is_set()  # while it failed

    async def _claim(self) -> Delivery | None:
        now = self._clock()
        async with self._database.transaction() as connection:
            busy = set(self._sending.values())
            delivery = await outbox.claim(connection, now, now + LEASE, busy)
            if delivery is None and await outbox.hasten(connection, now, now + LONGEST_WAIT):
                delivery = await outbox.claim(connection, now, now + LEASE, busy)
            return delivery

    async def _deliver(self, delivery: Delivery) -> bool:
        bind_contextvars(
            delivery=delivery.id, subscription=delivery.subscription_id, channel=delivery.channel_id
        )
        async with self._database.reading() as connection:
            edition = await _readable(connection, delivery)
        if edition:
            return await self._sender.deliver(delivery, edition)
        async with self._database.transaction() as connection:
            await outbox.settle(connection, delivery, DeliveryState.FAILED, self._clock(), Trouble.UNREADABLE)
        return False

    async def _settle_some(self) -> int:
        """Wait for some of what is being sent, or for news, and return how many editions arrived."""
        news = asyncio.create_task(self._news.wait())
        try:
            await asyncio.wait({*self._sending, news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
        done = [task for task in self._sending if task.done()]
        for task in done:
            channel_id = self._sending.pop(task)
            if not task.cancelled() and (error := task.exception()):
                log.error(
                    "a delivery to channel %d failed; it is tried again when its lease ends",
                    channel_id,
                    exc_info=error,
                )
        return sum(task.result() for task in done if not task.cancelled() and not task.exception())


async def _readable(connection: Connection, delivery: Delivery) -> Edition | None:
    """Return what a delivery is to bring; None, told in the log, where what is stored is no edition."""
    try:
        return await connection.run(read_edition, delivery)
    except ValueError:
        log.exception("delivery %d: its edition can't be read", delivery.id)
        return None
