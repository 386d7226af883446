"""Changing subscriptions: their options, pausing and resuming them, muting outlets."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from digests.editions.issue import timetable_of, window_at
from digests.errors import (
    AlreadyPausedError,
    MutedLimitError,
    NothingChangedError,
    NotMutedError,
    NotPausedError,
    SubscriptionEndedError,
)
from digests.lookup.providers import ProviderMatch
from digests.subscriptions.subjects import change_subject
from digests.subscriptions.subscribe import usual_stories
from storage import outbox, subscriptions, troubles, undo
from storage.engine import Connection, Database
from storage.models import PlaceKind, Subject, Subscription, SubscriptionState

MAX_MUTED = 50
TIMES = frozenset({"issue_time", "zone", "days"})  # the options that say when editions come

log = logging.getLogger(__name__)


class Place(NamedTuple):
    """A channel of a server, or another place that editions go to."""

    channel_id: int
    kind: PlaceKind


async def edit(
    connection: Connection,
    subscription: Subscription,
    changes: Mapping[str, Any],
    now: datetime,
    subject: Subject | None = None,
    place: Place | None = None,
) -> Subscription:
    """Change a subscription, in the open transaction: `changes` are fields of DigestOptions.

    A local date that had its edition gets no second one; the usual number of stories stays the usual one.
    What it was is kept, for undo.py. Raises InvalidInputError if nothing changes, AlreadySubscribedError if
    the place has the new subject.
    """
    before = await _fresh(connection, subscription)
    options = replace(before.options, **changes)
    if "stories" not in changes and before.options.stories == usual_stories(before.options.days):
        options = replace(options, stories=usual_stories(options.days))
    channel_id, kind = place or (before.channel_id, before.kind)
    changed = replace(
        before, options=options, subject=subject or before.subject, channel_id=channel_id, kind=kind
    )
    if changed == before:
        raise NothingChangedError
    await undo.keep(connection, before, now)
    if changed.channel_id != before.channel_id:
        await subscriptions.move(connection, changed)
    if (changed.channel_id, changed.subject) != (before.channel_id, before.subject):
        await change_subject(connection, changed, changed.subject)
    if before.state is SubscriptionState.BLOCKED:
        changed = replace(changed, state=SubscriptionState.ACTIVE, reason=None)
    if TIMES & {name for name in changes if getattr(changed.options, name) != getattr(before.options, name)}:
        changed = await on_time(connection, changed, now)
    await subscriptions.change(connection, changed)
    return changed


async def pause(connection: Connection, subscription: Subscription) -> Subscription:
    """Pause a subscription, in the open transaction; raises AlreadyPausedError."""
    subscription = await _fresh(connection, subscription)
    if subscription.state is SubscriptionState.PAUSED:
        raise AlreadyPausedError(subscription.subject.name)
    paused = replace(subscription, state=SubscriptionState.PAUSED, reason=None)
    await subscriptions.change(connection, paused)
    return paused


async def resume(connection: Connection, subscription: Subscription, now: datetime) -> Subscription:
    """Resume a subscription, in the open transaction.

    Raises NotPausedError where they come already, LostZoneError where their times can't be told.
    """
    subscription = await _fresh(connection, subscription)
    if subscription.state is SubscriptionState.ACTIVE:
        raise NotPausedError(subscription.subject.name)
    running = await running_again(connection, subscription, now)
    await subscriptions.change(connection, running)
    return running


async def running_again(connection: Connection, subscription: Subscription, now: datetime) -> Subscription:
    """Return a subscription as one that runs; after a pause, with its next issue time and window.

    Raises LostZoneError where its issue times can't be told.
    """
    running = replace(subscription, state=SubscriptionState.ACTIVE, reason=None)
    scheduled = await on_time(connection, running, now)
    if subscription.state is not SubscriptionState.PAUSED:
        return running  # it was planned all the time
    return replace(scheduled, covered_to=window_at(scheduled, scheduled.next_at).since)


async def on_time(
    connection: Connection, subscription: Subscription, now: datetime, first: datetime | None = None
) -> Subscription:
    """Return a subscription with its next issue time, on a later local date than its last edition's.

    That is `first` or a later one, by default one after `now`. Editions that a wrong clock dated after
    the next issue time don't count.
    """
    timetable = timetable_of(subscription.options)
    upcoming = timetable.next_after(now)
    last_date = await connection.run(outbox.last_date, subscription.id, upcoming)
    issue_at = first or upcoming
    while last_date and timetable.local_date(issue_at).isoformat() <= last_date:
        issue_at = timetable.next_after(issue_at)
    return replace(subscription, next_at=issue_at)


async def mute(connection: Connection, found: Iterable[Subscription], provider: ProviderMatch) -> None:
    """Leave an outlet's articles out of subscriptions, in the open transaction."""
    for subscription in [await _fresh(connection, each) for each in found]:
        if len(subscription.options.muted | provider.domains) > MAX_MUTED:
            raise MutedLimitError(subscription.subject.name, MAX_MUTED)
        await _change_muted(connection, subscription, subscription.options.muted | provider.domains)


async def unmute(connection: Connection, found: Iterable[Subscription], provider: ProviderMatch) -> None:
    """Take an outlet's articles into subscriptions again, in the open transaction.

    Raises NotMutedError where none had it muted.
    """
    fresh = [await _fresh(connection, each) for each in found]
    muted = [each for each in fresh if provider.domains & each.options.muted]
    if not muted:
        raise NotMutedError(provider.name)
    for subscription in muted:
        await _change_muted(connection, subscription, subscription.options.muted - provider.domains)


async def _change_muted(connection: Connection, subscription: Subscription, muted: frozenset[str]) -> None:
    options = replace(subscription.options, muted=muted)
    await subscriptions.change(connection, replace(subscription, options=options))


async def block(database: Database, subscription_id: int, reason: str, now: datetime) -> Subscription | None:
    """Block a subscription, and return it if its creator should be told."""
    async with database.transaction() as connection:
        to_tell = await troubles.block(connection, subscription_id, reason, now)
        subscription = await connection.run(subscriptions.get, subscription_id)
    log.warning("subscription %d is blocked: %s", subscription_id, reason)
    return subscription if to_tell else None


async def _fresh(connection: Connection, subscription: Subscription) -> Subscription:
    """Return a subscription as it is now: an edition may have been planned since it was read."""
    found = await connection.run(subscriptions.get, subscription.id)
    if found is None:
        raise SubscriptionEndedError(subscription.subject.name)
    return found
