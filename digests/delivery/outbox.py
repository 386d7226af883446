"""The outbox: sends the deliveries that are due, publishes what is to be published, and closes tidily."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from structlog.contextvars import bind_contextvars

from digests.delivery.patience import patiently
from digests.delivery.publisher import Publisher
from digests.delivery.retry import LEASE, MAX_LATE
from digests.delivery.sender import Sender, leave_to_next
from digests.delivery.transport import Transport
from digests.delivery.worker import Worker
from digests.editions.edition import Edition
from digests.editions.preview import read_edition
from digests.ownership import EVERYTHING, Owned
from storage import outbox
from storage.engine import Connection, Database
from storage.models import Delivery, DeliveryState, Trouble

EXPIRE_BATCH = 50  # editions skipped in one transaction
LONGEST_WAIT = timedelta(hours=2)  # more than any lease or retry: the clock was ahead when it was written

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
        owned: Owned = EVERYTHING,
    ) -> None:
        self._database = database
        self._transport = transport
        self._clock = clock
        self._max_late = max_late
        self._owned = owned
        self._publisher = Publisher(database, transport, clock, max_late, owned)
        self._sender = Sender(database, transport, clock, max_late, self._publisher.wake, owned)
        self._worker = Worker(self._claim, self._deliver)

    def wake(self) -> None:
        """Start delivering and publishing what is due now, in the background."""
        self._worker.wake()
        self._publisher.wake()

    async def deliver_due(self) -> int:
        """Deliver everything that is due, then publish it, and return how many editions arrived."""
        arrived = await self._worker.drain()
        await self._publisher.publish_due()
        return arrived

    async def expire(self) -> int:
        """Skip what has waited too long, in steps, and return how many editions that was.

        The next editions have its stories, so call this before those are planned.
        """
        now, total, found = self._clock(), 0, EXPIRE_BATCH
        while found == EXPIRE_BATCH and (owner := self._owned()):
            async with self._database.transaction() as connection:
                expired = await outbox.expire(connection, now - self._max_late, now, EXPIRE_BATCH, owner)
                for delivery in expired:
                    if edition := await _readable(connection, delivery):
                        await leave_to_next(connection, self._transport, delivery, edition)
            for delivery in expired:
                log.warning("delivery %d: skipped, too late to be sent", delivery.id)
            found = len(expired)
            total += found
        return total

    async def take_over(self) -> None:
        """Go on with what a process that is gone had begun of the servers that are now this one's."""
        if owner := self._owned():
            async with self._database.transaction() as connection:
                await outbox.take_over(connection, self._clock(), owner)

    async def close(self) -> None:
        """Finish the requests in hand and begin no others; the next process goes on with the rest."""
        self._sender.stop()
        await asyncio.gather(self._worker.close(), self._publisher.close())

    async def _claim(self, busy: set[int]) -> Delivery | None:
        now, owner = self._clock(), self._owned()
        if owner is None:
            return None
        async with self._database.transaction() as connection:
            delivery = await outbox.claim(connection, now, now + LEASE, busy, owner)
            if delivery is None and await outbox.hasten(connection, now, now + LONGEST_WAIT):
                delivery = await outbox.claim(connection, now, now + LEASE, busy, owner)
            return delivery

    async def _deliver(self, delivery: Delivery) -> bool:
        bind_contextvars(
            delivery=delivery.id, subscription=delivery.subscription_id, channel=delivery.channel_id
        )
        lease_ends = self._clock() + LEASE

        async def read() -> Edition | None:
            async with self._database.reading() as connection:
                return await _readable(connection, delivery)

        edition = await patiently(read, lambda: not self._sender.is_stopping and self._clock() < lease_ends)
        if edition:
            return await self._sender.deliver(delivery, edition)
        async with self._database.transaction() as connection:
            await outbox.settle(connection, delivery, DeliveryState.FAILED, self._clock(), Trouble.UNREADABLE)
        return False


async def _readable(connection: Connection, delivery: Delivery) -> Edition | None:
    """Return what a delivery is to bring; if what is stored is no edition, log that and return None."""
    try:
        return await connection.run(read_edition, delivery)
    except ValueError:
        log.exception("delivery %d: its edition can't be read", delivery.id)
        return None
