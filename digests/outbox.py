"""The outbox: claim a delivery, send its parts, settle it; try again later, or give up."""

import asyncio
import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from structlog.contextvars import bind_contextvars

from digests.edition import EDITION_JSON, Edition
from digests.planner import MAX_LATE
from digests.transport import PermanentError, TemporaryError, Transport, UncertainError
from storage import editions, outbox, subscriptions
from storage.database import Connection, Database
from storage.models import Delivery, DeliveryState

# Longer than one part can take to send, retries within the transport included.
LEASE = timedelta(minutes=5)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)

log = logging.getLogger(__name__)


class Outbox:
    """Delivers what the planner wrote down."""

    def __init__(self, database: Database, transport: Transport, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._transport = transport
        self._clock = clock
        self._lock = asyncio.Lock()
        self._closing = False

    async def deliver_due(self) -> int:
        """Deliver everything that is due and return how many editions arrived."""
        arrived = 0
        async with self._lock:
            while not self._closing and (delivery := await self._claim()) is not None:
                arrived += await self._deliver(delivery)
        return arrived

    async def close(self) -> None:
        """Finish the delivery in hand, and begin no other."""
        self._closing = True
        async with self._lock:
            log.debug("outbox closed")

    async def _claim(self) -> Delivery | None:
        now = self._clock()
        async with self._database.transaction() as connection:
            return await outbox.claim(connection, now, now + LEASE)

    async def _deliver(self, delivery: Delivery) -> bool:
        """Send the parts that are missing; returns whether the edition is complete now."""
        bind_contextvars(
            delivery=delivery.id, subscription=delivery.subscription_id, channel=delivery.channel_id
        )
        async with self._database.reading() as connection:
            edition = await read_edition(connection, delivery)
        if edition is None:
            raise LookupError(f"delivery {delivery.id} owes no edition")
        try:
            await self._send_missing(delivery, edition)
        except PermanentError as error:
            await self._give_up(delivery, edition, str(error))
        except (TemporaryError, UncertainError) as error:
            uncertain = isinstance(error, UncertainError)
            await self._retry_later(delivery, edition, str(error), uncertain=uncertain)
        else:
            async with self._database.transaction() as connection:
                await outbox.settle(connection, delivery.id, DeliveryState.SENT, self._clock())
            log.info("delivery %d: sent to channel %d", delivery.id, delivery.channel_id)
            return True
        return False

    async def _send_missing(self, delivery: Delivery, edition: Edition) -> None:
        doubtful = delivery.state is DeliveryState.SENDING
        for part in range(delivery.parts_sent, self._transport.count_parts(delivery.id, edition)):
            message_id = None
            if doubtful:
                message_id = await self._transport.find(delivery.channel_id, delivery.id, part)
                doubtful = False
            if message_id is None:
                message_id = await self._transport.send(delivery.channel_id, delivery.id, edition, part)
            async with self._database.transaction() as connection:
                await outbox.note_part(connection, delivery.id, part + 1, message_id)

    async def _retry_later(
        self, delivery: Delivery, edition: Edition, error: str, *, uncertain: bool
    ) -> None:
        now = self._clock()
        try_at = now + _pause(delivery.attempts)
        if try_at > delivery.issue_at + MAX_LATE:
            await self._give_up(delivery, edition, error)
            return
        state = DeliveryState.SENDING if uncertain else DeliveryState.PENDING
        async with self._database.transaction() as connection:
            await outbox.postpone(connection, delivery.id, try_at, error, state)
        log.warning("delivery %d: %s; next try at %s", delivery.id, error, try_at.isoformat())

    async def _give_up(self, delivery: Delivery, edition: Edition, error: str) -> None:
        async with self._database.transaction() as connection:
            await outbox.settle(connection, delivery.id, DeliveryState.FAILED, self._clock(), error)
            if delivery.parts_sent == 0:
                await subscriptions.reopen(
                    connection, delivery.subscription_id, edition.window.until, edition.window.since
                )
        log.error("delivery %d: given up: %s", delivery.id, error)


def _pause(attempts: int) -> timedelta:
    """Return how long to wait after `attempts` earlier tries: doubling, with jitter, up to an hour."""
    pause = min(FIRST_RETRY * (1 << min(attempts, 10)), LONGEST_RETRY)
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing


async def read_edition(connection: Connection, delivery: Delivery) -> Edition | None:
    """Return what a delivery was or is to bring; None where nothing was owed."""
    content = await editions.get(connection, delivery.edition_id) if delivery.edition_id else None
    return EDITION_JSON.validate_json(content) if content else None
