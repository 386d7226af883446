"""The planner: finds the subscriptions whose issue time has come and writes down what they are owed."""

import logging
from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from digests.edition import LATE_NEWS, Edition, Options, Window, build_edition
from digests.timetable import Timetable
from storage import outbox, stories, subscriptions
from storage.database import Connection, Database
from storage.models import DeliveryState, Shown, Subscription

# An edition that could not be issued for longer than this is skipped; the next one has its stories.
MAX_LATE = timedelta(hours=12)

EDITION_JSON = TypeAdapter(Edition)
log = logging.getLogger(__name__)


class Planner:
    """Turns due subscriptions into rows of the outbox."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def plan(self) -> int:
        """Plan every edition that is due now and return how many are to be delivered."""
        now = self._clock()
        async with self._database.reading() as connection:
            due = await subscriptions.due(connection, now)
        owed = 0
        for subscription in due:
            async with self._database.transaction() as connection:
                state = await _plan(connection, subscription, now)
            owed += state is DeliveryState.PENDING
            log.info("subscription %d: edition planned, %s", subscription.id, state)
        return owed


async def _plan(connection: Connection, subscription: Subscription, now: datetime) -> DeliveryState:
    """Write the delivery of the last issue time, and move the subscription on, in one transaction."""
    timetable = timetable_of(subscription)
    issue_at = timetable.last_by(now)
    covered_to, edition = subscription.covered_to, None
    state = DeliveryState.SKIPPED
    if now - issue_at <= MAX_LATE:
        edition = await upcoming_edition(connection, subscription, issue_at)
        state = DeliveryState.PENDING if edition.choices else DeliveryState.EMPTY
        covered_to = issue_at
    delivery_id = await outbox.add(
        connection,
        subscription_id=subscription.id,
        issue_date=timetable.local_date(issue_at).isoformat(),
        issue_at=issue_at,
        state=state,
        edition=EDITION_JSON.dump_json(edition).decode() if edition else None,
        now=now,
    )
    if delivery_id is not None and edition is not None:
        shown = [
            Shown(choice.coverage.story_id, choice.coverage.pick.id, choice.coverage.pick.quality)
            for choice in edition.choices
        ]
        await subscriptions.remember(connection, subscription.id, delivery_id, shown)
    await subscriptions.advance(connection, subscription.id, timetable.next_after(now), covered_to)
    return state


async def upcoming_edition(connection: Connection, subscription: Subscription, issue_at: datetime) -> Edition:
    """Build the edition that a subscription is due at `issue_at`."""
    window = Window(subscription.covered_to, issue_at)
    return build_edition(
        subscription.topic.name,
        await stories.candidates(connection, subscription.topic.id, window.since - LATE_NEWS, window.until),
        window,
        Options(limit=subscription.stories, min_quality=subscription.min_quality),
        await subscriptions.memory(connection, subscription.id),
    )


def timetable_of(subscription: Subscription) -> Timetable:
    """Return when a subscription's editions are issued."""
    return Timetable(
        time.fromisoformat(subscription.issue_time), ZoneInfo(subscription.zone), subscription.days
    )
