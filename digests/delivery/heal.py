"""Healing: subscriptions that were moved into the future by a wrong clock come back when it is right."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from digests.editions.issue import timetable_of
from digests.errors import LostZoneError, NotATimeError
from digests.ownership import EVERYTHING, Owned, Shards
from digests.subscriptions.edit import on_time
from digests.text import count
from storage import outbox, subscriptions
from storage.engine import Connection, Database, ReadConnection
from storage.models import DigestOptions, Subscription

LOOK_AGAIN = timedelta(minutes=10)
RETRY_UNKNOWN_ZONE = timedelta(days=1)  # until issue times that can't be told are looked at again

log = logging.getLogger(__name__)


class Healer:
    """Puts right what was planned while the clock was ahead, as soon as the clock has gone back.

    That shows as a next issue time after the one that the timetable gives, or as a last window that ends
    in the future. To see it takes a look at every subscription, so without a sign of it there is one now
    and then, for what other processes, or an earlier one, have planned.
    """

    def __init__(self, database: Database, owned: Owned = EVERYTHING) -> None:
        self._database = database
        self._owned = owned
        self._last_now: datetime | None = None
        self._looked_at: datetime | None = None

    async def heal(self, now: datetime) -> int:
        """Put right what needs it, if it is time to look, and return for how many subscriptions."""
        if self._last_now is not None and now < self._last_now:
            self._looked_at = None
        self._last_now = now
        if self._looked_at is not None and now < self._looked_at + LOOK_AGAIN:
            return 0
        owner = self._owned()
        if owner is None:
            return 0
        async with self._database.reading() as connection:
            found = await connection.run(_astray, now, owner)
        healed = 0
        for subscription_id in found:
            try:
                async with self._database.transaction() as connection:
                    healed += await _bring_back(connection, subscription_id, now)
            except Exception:
                # Whatever is wrong with one subscription, the others are planned.
                log.exception("subscription %d can't be put right", subscription_id)
        if healed:
            log.warning("%s planned by a clock that was ahead, now put right", count(healed, "subscription"))
        self._looked_at = now
        return healed


def _astray(reader: ReadConnection, now: datetime, owner: Shards) -> list[int]:
    latest = [(options, _latest(options, now)) for options in subscriptions.timetables(reader)]
    return subscriptions.ahead(reader, now, latest, owner)


def _latest(options: DigestOptions, now: datetime) -> datetime:
    try:
        return timetable_of(options).next_after(now)
    except (LostZoneError, NotATimeError):
        return now + RETRY_UNKNOWN_ZONE


async def _bring_back(connection: Connection, subscription_id: int, now: datetime) -> bool:
    subscription = await connection.run(subscriptions.get, subscription_id)
    if subscription is None:
        return False
    try:
        healed = await _put_right(connection, subscription, now)
    except (LostZoneError, NotATimeError):  # the planner says so
        healed = replace(subscription, next_at=now, covered_to=min(subscription.covered_to, now))
    if healed == subscription:  # it waits because the date of its next issue time had its edition
        return False
    await subscriptions.change(connection, healed)
    return True


async def _put_right(connection: Connection, subscription: Subscription, now: datetime) -> Subscription:
    """Return a subscription as its timetable, and the editions that it got by `now`, would have it."""
    timetable = timetable_of(subscription.options)
    last, covered_to = timetable.last_by(now), subscription.covered_to
    await outbox.give_back_dates(connection, subscription.id, now, timetable.next_after(now))
    if covered_to > now:
        issued = await connection.run(outbox.last_issued, subscription.id, now)
        covered_to = issued or last
    missed = last if covered_to < last else None
    return await on_time(connection, replace(subscription, covered_to=covered_to), now, missed)
