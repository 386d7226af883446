"""Publishing messages to the followers of their channels, once they were posted."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from structlog.contextvars import bind_contextvars

from digests.delivery.retry import LEASE, pause_after
from digests.delivery.transport import PermanentError, RefusedError, TemporaryError, Transport, UncertainError
from digests.delivery.worker import Worker
from digests.ownership import EVERYTHING, Owned
from storage import publications
from storage.engine import Database
from storage.models import Publication, PublicationState, Trouble

log = logging.getLogger(__name__)


class Publisher:
    """Publishes what the sender wrote down, while other messages are being sent.

    What fails is tried again, with growing pauses, until `max_late` after the message was posted.
    """

    def __init__(
        self,
        database: Database,
        transport: Transport,
        clock: Callable[[], datetime],
        max_late: timedelta,
        owned: Owned = EVERYTHING,
    ) -> None:
        self._database = database
        self._transport = transport
        self._clock = clock
        self._max_late = max_late
        self._owned = owned
        self._worker = Worker(self._claim, self._publish)

    def wake(self) -> None:
        """Start publishing what is due now, in the background."""
        self._worker.wake()

    async def publish_due(self) -> int:
        """Publish everything that is due and return how many messages that was."""
        return await self._worker.drain()

    async def close(self) -> None:
        """Finish the requests in hand and begin no others."""
        await self._worker.close()

    async def _claim(self, busy: set[int]) -> Publication | None:
        now, owner = self._clock(), self._owned()
        if owner is None:
            return None
        async with self._database.transaction() as connection:
            return await publications.claim(connection, now, now + LEASE, busy, owner)

    async def _publish(self, publication: Publication) -> bool:
        bind_contextvars(delivery=publication.delivery_id, channel=publication.channel_id)
        if self._clock() > self._last_try(publication):
            await self._give_up(publication, Trouble.TOO_LATE)
            return False
        try:
            await self._transport.publish(publication.channel_id, publication.message_id)
        except (PermanentError, RefusedError) as error:
            await self._give_up(publication, str(error))
        except TemporaryError as error:
            await self._retry_later(publication, str(error), error.after)
        except UncertainError as error:  # to publish a message twice does no harm
            await self._retry_later(publication, str(error))
        except Exception:
            log.exception("delivery %d: part %d could not be published", *_numbers(publication))
            await self._retry_later(publication, Trouble.INTERNAL)
        else:
            async with self._database.transaction() as connection:
                await publications.settle(connection, publication, PublicationState.DONE)
            log.info("delivery %d: part %d published", *_numbers(publication))
            return True
        return False

    def _last_try(self, publication: Publication) -> datetime:
        return publication.owed_at + self._max_late

    async def _retry_later(
        self, publication: Publication, error: str, after: timedelta = timedelta()
    ) -> None:
        """Try again after a pause, which is `after` at least: then nothing of the channel is tried before."""
        now = self._clock()
        try_at = now + max(pause_after(publication.attempts), after)
        if try_at > self._last_try(publication):
            await self._give_up(publication, error)
            return
        async with self._database.transaction() as connection:
            await publications.postpone(connection, publication, try_at, Trouble.UNPUBLISHED.about(error))
            if after:
                await publications.hold(connection, publication.channel_id, now + after)
        log.warning(
            "delivery %d: part %d not published yet: %s; next try at %s",
            *_numbers(publication),
            error,
            try_at.isoformat(),
        )

    async def _give_up(self, publication: Publication, error: str) -> None:
        async with self._database.transaction() as connection:
            await publications.settle(
                connection, publication, PublicationState.FAILED, Trouble.NOT_PUBLISHED.about(error)
            )
        log.error("delivery %d: part %d not published: %s", *_numbers(publication), error)


def _numbers(publication: Publication) -> tuple[int, int]:
    """Return a publication's delivery and part, as the log names it."""
    return publication.delivery_id, publication.part
