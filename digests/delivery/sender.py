"""Sending one delivery: its missing parts in order, and what becomes of it if that fails."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from digests.delivery.patience import patiently
from digests.delivery.retry import LEASE, pause_after
from digests.delivery.transport import (
    ClosedError,
    PermanentError,
    RefusedError,
    TemporaryError,
    Transport,
    UncertainError,
)
from digests.editions.candidates import Verdict
from digests.editions.edition import Edition
from digests.ownership import EVERYTHING, Owned
from digests.subscriptions.edit import block
from storage import editions, memory, outbox, publications, stories, subscriptions, troubles
from storage.engine import Connection, Database
from storage.errors import StorageError
from storage.models import Delivery, DeliveryState, PlaceKind, Trouble

# What must be left of a lease when a look or a send begins: longer than one takes, repetitions included.
MIN_LEASE_LEFT = LEASE / 2
Stored = TypeVar("Stored")

log = logging.getLogger(__name__)


class _LeftError(Exception):
    """Another process goes on with the delivery: this one lost the lease, or is stopping."""


@dataclass(slots=True)
class _Sending:
    """How far a delivery is; if `doubtful`, its next part may have been sent."""

    delivery: Delivery
    edition: Edition
    doubtful: bool
    lease_ends: datetime


class Sender:
    """Sends claimed deliveries and settles them."""

    def __init__(
        self,
        database: Database,
        transport: Transport,
        clock: Callable[[], datetime],
        max_late: timedelta,
        publish_soon: Callable[[], None],
        owned: Owned = EVERYTHING,
    ) -> None:
        self._database = database
        self._transport = transport
        self._clock = clock
        self._max_late = max_late
        self._publish_soon = publish_soon
        self._owned = owned
        self.is_stopping = False

    def stop(self) -> None:
        """Begin no more parts."""
        self.is_stopping = True

    async def deliver(self, delivery: Delivery, edition: Edition) -> bool:
        """Send the parts that are missing and return True if the edition is complete now."""
        doubtful = delivery.state is DeliveryState.SENDING
        progress = _Sending(delivery, edition, doubtful, self._clock() + LEASE)
        try:
            await self._send_missing(progress)
        except _LeftError:
            await self._put_back(progress, self._clock(), delivery.error)
        except ClosedError as error:
            await self._close(progress, str(error))
        except PermanentError as error:
            await self._block(progress, str(error))
        except RefusedError as error:
            await self._give_up(progress, str(error))
        except TemporaryError as error:
            await self._retry_later(progress, str(error), error.after)
        except UncertainError as error:
            await self._retry_later(progress, str(error))
        except StorageError as error:
            log.warning("delivery %d waits for the database: %r", delivery.id, error)
            await self._put_back(progress, self._clock(), delivery.error)
        except Exception:
            # Whatever is wrong with one delivery, the others must go out.
            log.exception("delivery %d failed", delivery.id)
            await self._retry_later(progress, Trouble.INTERNAL)
        else:
            return await self._settle(progress)
        return False

    async def _send_missing(self, progress: _Sending) -> None:
        """Send the missing parts in order, each after the one before was noted."""
        if progress.doubtful:
            await self._look(progress)
        if progress.delivery.parts_sent == 0:
            await self._leave_out_gone(progress)
            if progress.edition.is_empty:
                return
        parts = self._transport.compose(progress.delivery, progress.edition)
        for number in range(progress.delivery.parts_sent, len(parts)):
            self._go_on()
            await self._note(progress, await self._send(progress, number, parts[number]))

    async def _look(self, progress: _Sending) -> None:
        """Find out whether the next part has arrived unnoticed."""
        self._go_on()
        await self._keep(progress)
        message_id = await self._transport.find(progress.delivery, progress.delivery.parts_sent)
        if message_id is not None:
            await self._note(progress, message_id)
        progress.doubtful = False

    def _go_on(self) -> None:
        """Raise _LeftError if another process is to go on."""
        if self.is_stopping or self._owned() is None:
            raise _LeftError

    async def _leave_out_gone(self, progress: _Sending) -> None:
        """Leave out of an edition that waited what was withdrawn since, and outlets that were muted since."""
        delivery, edition = progress.delivery, progress.edition
        coverages = [choice.coverage for choice in edition.choices]
        named = [article for coverage in coverages for article in coverage.named]
        async with self._database.reading() as connection:
            withdrawn = await connection.run(stories.withdrawn, [article.id for article in named])
            subscription = await connection.run(subscriptions.get, delivery.subscription_id)
        muted = subscription.options.muted if subscription else frozenset()
        gone = {article.id: Verdict.MUTED for article in named if article.provider.domain in muted}
        gone |= dict.fromkeys(withdrawn, Verdict.WITHDRAWN)
        if not gone:
            return
        progress.edition = edition.without(gone)
        async with self._database.transaction() as connection:
            edition_id = await editions.add(connection, progress.edition.to_json())
            if not await outbox.exchange_edition(connection, delivery, edition_id):
                raise _LeftError
            lost = [coverage.pick.id for coverage in coverages if coverage.pick.id in gone]
            await memory.forget(connection, delivery.id, lost)

    async def _send(self, progress: _Sending, number: int, part: Any) -> int:
        """Send a part and return its message's id."""
        if number == 0 and self._clock() > progress.delivery.issue_at + self._max_late:
            raise RefusedError(Trouble.TOO_LATE)
        await self._keep(progress)
        progress.doubtful = True
        try:
            return await self._transport.send(progress.delivery, number, part)
        except (TemporaryError, PermanentError, RefusedError):
            progress.doubtful = False
            raise

    async def _keep(self, progress: _Sending) -> None:
        """Renew the lease if little is left of it; raises _LeftError if it is lost.

        A process that stood still for a while must not continue what another one has taken over.
        """
        now = self._clock()
        if progress.lease_ends - now < MIN_LEASE_LEFT:
            async with self._database.transaction() as connection:
                if not await outbox.renew(connection, progress.delivery, now + LEASE):
                    raise _LeftError
            progress.lease_ends = now + LEASE

    async def _note(self, progress: _Sending, message_id: int) -> None:
        """Note that the next part has arrived and, in the same transaction, that it is to be published."""
        now, delivery = self._clock(), progress.delivery
        progress.lease_ends = now + LEASE
        number = delivery.parts_sent

        async def note(connection: Connection) -> None:
            if not await outbox.note_part(connection, delivery, number + 1, message_id, progress.lease_ends):
                raise _LeftError
            if delivery.options.publish:
                await publications.add(connection, delivery, number, message_id, now)

        await self._store(progress, note)
        first = delivery.message_id or message_id
        progress.delivery = replace(delivery, parts_sent=number + 1, message_id=first)
        progress.doubtful = False
        if delivery.options.publish:
            self._publish_soon()

    async def _settle(self, progress: _Sending) -> bool:
        delivery = progress.delivery
        state = DeliveryState.EMPTY if progress.edition.is_empty else DeliveryState.SENT

        async def settle(connection: Connection) -> bool:
            settled = await outbox.settle(connection, delivery, state, self._clock())
            if settled and state is DeliveryState.SENT:
                await troubles.note_arrival(connection, delivery.subscription_id)
            return settled

        settled = await self._store(progress, settle)
        log.info("delivery %d: %s to channel %d", delivery.id, state, delivery.channel_id)
        return settled and state is DeliveryState.SENT

    async def _put_back(self, progress: _Sending, try_at: datetime, error: str | None) -> None:
        state = DeliveryState.SENDING if progress.doubtful else DeliveryState.PENDING
        await self._store(
            progress,
            lambda connection: outbox.postpone(connection, progress.delivery, try_at, error, state),
        )

    async def _store(self, progress: _Sending, write: Callable[[Connection], Awaitable[Stored]]) -> Stored:
        """Store what has happened, as soon as that can be done.

        While the lease lasts nobody else goes on with the delivery; afterwards whoever does looks first for
        what may have arrived. Raises StorageError if it ends before.
        """

        async def store() -> Stored:
            async with self._database.transaction() as connection:
                return await write(connection)

        return await patiently(store, lambda: not self.is_stopping and self._clock() < progress.lease_ends)

    async def _retry_later(self, progress: _Sending, error: str, after: timedelta = timedelta()) -> None:
        delivery = progress.delivery
        try_at = self._clock() + max(pause_after(delivery.attempts), after)
        # A part that may have arrived is looked for first.
        if try_at > delivery.issue_at + self._max_late and not progress.doubtful:
            await self._give_up(progress, error)
        else:
            await self._put_back(progress, try_at, error)
            log.warning("delivery %d: %s; next try at %s", delivery.id, error, try_at.isoformat())

    async def _block(self, progress: _Sending, reason: str) -> None:
        """Block the subscription of a delivery whose place is closed.

        If some of the edition has arrived, or may have, the rest is sent when the place opens.
        """
        if progress.doubtful or progress.delivery.parts_sent:
            await self._put_back(progress, self._clock(), reason)
        else:
            await self._give_up(progress, reason)
        blocked = await block(self._database, progress.delivery.subscription_id, reason, self._clock())
        if blocked and blocked.kind is not PlaceKind.DM:  # one that is closed tells nobody
            await self._transport.tell(blocked, reason)

    async def _close(self, progress: _Sending, reason: str) -> None:
        """Block the subscription of a delivery whose DM is closed; the second time in a row, pause it.

        To go on writing to people who don't want that gets a bot quarantined.
        """
        delivery = progress.delivery
        async with self._database.reading() as connection:
            again = await connection.run(outbox.failed_before, delivery, reason)
        await self._block(progress, reason)
        if again:
            async with self._database.transaction() as connection:
                await troubles.pause(connection, delivery.subscription_id, reason)
            log.warning("subscription %d is paused: %s", delivery.subscription_id, reason)

    async def _give_up(self, progress: _Sending, error: str) -> None:
        delivery = progress.delivery
        async with self._database.transaction() as connection:
            if await outbox.settle(connection, delivery, DeliveryState.FAILED, self._clock(), error):
                await leave_to_next(connection, self._transport, delivery, progress.edition)
        log.error("delivery %d: given up: %s", delivery.id, error)


async def leave_to_next(
    connection: Connection, transport: Transport, delivery: Delivery, edition: Edition
) -> None:
    """Give the stories of this edition that did not arrive to the next one."""
    arrived = transport.count_stories(delivery, edition, delivery.parts_sent) if delivery.parts_sent else 0
    missed = [choice.coverage.pick.id for choice in edition.choices[arrived:]]
    await memory.forget(connection, delivery.id, missed)
    await subscriptions.reopen(connection, delivery.subscription_id, edition.window.since)
