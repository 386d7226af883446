"""Changing subscriptions: their options, pausing and resuming them, muting outlets."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from digests.editions.issue import timetable_of
from digests.errors import (
    AlreadyPausedError,
    MutedLimitError,
    NothingChangedError,
    NotMutedError,
    NotPausedError,
    SubscriptionEndedError,
)
from digests.lookup.providers import Source
from storage import outbox, subscriptions
from storage.models import Subscription, SubscriptionState
from storage.sqlite.database import Connection, Database

MAX_MUTED = 50

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be different; None stays as it is, and 0 for `mention_role_id` means nobody."""

    issue_time: time | None = None
    zone: ZoneInfo | None = None
    days: frozenset[int] | None = None
    stories: int | None = None
    min_quality: int | None = None
    mention_role_id: int | None = None
    publish: bool | None = None


async def edit(
    connection: Connection, subscription: Subscription, changes: Changes, now: datetime
) -> Subscription:
    """Change a subscription, in the open transaction; a local date that had its edition gets no second."""
    before = await _fresh(connection, subscription)
    changed = replace(
        before,
        issue_time=changes.issue_time.strftime("%H:%M") if changes.issue_time else before.issue_time,
        zone=changes.zone.key if changes.zone else before.zone,
        days=changes.days or before.days,
        stories=before.stories if changes.stories is None else changes.stories,
        min_quality=before.min_quality if changes.min_quality is None else changes.min_quality,
        mention_role_id=(
            before.mention_role_id if changes.mention_role_id is None else changes.mention_role_id or None
        ),
        publish=before.publish if changes.publish is None else changes.publish,
    )
    if changed == before:
        raise NothingChangedError
    if before.state is SubscriptionState.BLOCKED:
        changed = replace(changed, state=SubscriptionState.ACTIVE, reason=None)
    if (changed.issue_time, changed.zone, changed.days) != (before.issue_time, before.zone, before.days):
        changed = await on_time(connection, changed, now)
    await subscriptions.change(connection, changed)
    return changed


async def pause(connection: Connection, subscription: Subscription) -> Subscription:
    """Let no more editions come, in the open transaction; raises AlreadyPausedError."""
    subscription = await _fresh(connection, subscription)
    if subscription.state is SubscriptionState.PAUSED:
        raise AlreadyPausedError(subscription.topic.name)
    paused = replace(subscription, state=SubscriptionState.PAUSED, reason=None)
    await subscriptions.change(connection, paused)
    return paused


async def resume(connection: Connection, subscription: Subscription, now: datetime) -> Subscription:
    """Let editions come again, in the open transaction.

    After a pause the next edition looks back one issue time; after trouble, to the last one that came.
    Raises NotPausedError where they come already, LostZoneError where their times can't be told.
    """
    subscription = await _fresh(connection, subscription)
    if subscription.state is SubscriptionState.ACTIVE:
        raise NotPausedError(subscription.topic.name)
    running = running_again(subscription, now)
    if subscription.state is SubscriptionState.PAUSED:
        running = await on_time(connection, running, now)
    await subscriptions.change(connection, running)
    return running


def running_again(subscription: Subscription, now: datetime) -> Subscription:
    """Return a subscription as one that runs, with what its next edition is to look back to.

    Raises LostZoneError where its issue times can't be told.
    """
    since, last = subscription.covered_to, timetable_of(subscription).last_by(now)
    if subscription.state is SubscriptionState.PAUSED:
        since = max(since, last)
    return replace(subscription, state=SubscriptionState.ACTIVE, reason=None, covered_to=since)


async def on_time(connection: Connection, subscription: Subscription, now: datetime) -> Subscription:
    """Return a subscription with its next issue time, on a later local date than its last edition's."""
    timetable = timetable_of(subscription)
    last_date = await outbox.last_date(connection, subscription.id)
    issue_at = timetable.next_after(now)
    while last_date and timetable.local_date(issue_at).isoformat() <= last_date:
        issue_at = timetable.next_after(issue_at)
    return replace(subscription, next_at=issue_at)


async def mute(connection: Connection, found: Iterable[Subscription], source: Source) -> None:
    """Leave an outlet's articles out of subscriptions, in the open transaction."""
    for subscription in [await _fresh(connection, each) for each in found]:
        if len(subscription.muted | source.domains) > MAX_MUTED:
            raise MutedLimitError(subscription.topic.name, MAX_MUTED)
        changed = replace(subscription, muted=subscription.muted | source.domains)
        await subscriptions.change(connection, changed)


async def unmute(connection: Connection, found: Iterable[Subscription], source: Source) -> None:
    """Take an outlet's articles into subscriptions again, in the open transaction.

    Raises NotMutedError where none had it muted.
    """
    fresh = [await _fresh(connection, each) for each in found]
    muted = [each for each in fresh if source.domains & each.muted]
    if not muted:
        raise NotMutedError(source.name)
    for subscription in muted:
        changed = replace(subscription, muted=subscription.muted - source.domains)
        await subscriptions.change(connection, changed)


async def block(database: Database, subscription_id: int, reason: str) -> Subscription | None:
    """Block a subscription, and return it where its maker is to be told."""
    async with database.transaction() as connection:
        to_tell = await subscriptions.block(connection, subscription_id, reason)
        subscription = await subscriptions.get(connection, subscription_id)
    log.warning("subscription %d is blocked: %s", subscription_id, reason)
    return subscription if to_tell else None


async def _fresh(connection: Connection, subscription: Subscription) -> Subscription:
    """Return a subscription as it is now: an edition may have been planned since it was read."""
    found = await subscriptions.get(connection, subscription.id)
    if found is None:
        raise SubscriptionEndedError(subscription.topic.name)
    return found
