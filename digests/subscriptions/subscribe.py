"""Subscribing places to digests: new subscriptions, the ones there are, and ending them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from digests.editions.issue import timetable_of
from digests.editions.limits import DEFAULT_STORIES, MAX_STORIES
from digests.editions.timetable import is_weekly
from digests.errors import (
    DigestLimitError,
    NoDigestsError,
    NotSubscribedError,
)
from digests.lookup.topics import find_topics
from digests.subscriptions.limits import Limits
from digests.subscriptions.losses import Loss, losses_of, topic_losses
from digests.subscriptions.subjects import take_place
from digests.text import slugify
from storage import editions, outbox, subscriptions
from storage.engine import Connection, ReadConnection
from storage.models import Delivery, DigestOptions, PlaceKind, Subject, Subscription


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """What somebody asks for: a digest of what, where, and with which options."""

    subject: Subject
    guild_id: int | None
    channel_id: int
    user_id: int
    options: DigestOptions
    kind: PlaceKind = PlaceKind.CHANNEL


@dataclass(frozen=True, slots=True)
class SubscriptionStatus:
    """A subscription, its latest delivery, how many stories that holds, and what the digest has lost."""

    subscription: Subscription
    last: Delivery | None
    stories: int = 0
    losses: tuple[Loss, ...] = ()


async def subscribe(
    connection: Connection, new: NewSubscription, now: datetime, limits: Limits
) -> Subscription:
    """Store a new subscription, in the open transaction; its first edition looks back one issue time.

    Raises AlreadySubscribedError, or DigestLimitError where its server or person has enough.
    """
    timetable = timetable_of(new.options)
    wanted = Subscription(
        id=0,
        subject=new.subject,
        guild_id=new.guild_id,
        channel_id=new.channel_id,
        kind=new.kind,
        created_by=new.user_id,
        created_at=now,
        options=new.options,
        covered_to=timetable.last_by(now),
        next_at=timetable.next_after(now),
    )
    await take_place(connection, wanted)
    await connection.run(require_room, new.guild_id, new.user_id, limits)
    return await subscriptions.add(connection, wanted)


def usual_stories(days: frozenset[int]) -> int:
    """Return how many stories an edition holds at most, unless somebody says otherwise."""
    return MAX_STORIES if is_weekly(days) else DEFAULT_STORIES


def require_room(reader: ReadConnection, guild_id: int | None, user_id: int, limits: Limits) -> None:
    """Check that a server, or else a person, may have another subscription; raises DigestLimitError."""
    if guild_id is None:
        number, limit = subscriptions.count_of_person(reader, user_id), limits.per_person
    else:
        number, limit = subscriptions.count_of_guild(reader, guild_id), limits.per_server
    if number >= limit:
        raise DigestLimitError(number, limit, "person" if guild_id is None else "server")


def find_subscription(
    reader: ReadConnection, guild_id: int | None, channel_id: int, text: str, now: datetime
) -> Subscription:
    """Return a channel's subscription that has the topics that `text` names, or follows that search.

    Raises NotSubscribedError, or find_topics()'s errors. Its topics may have no stories any more.
    """
    found, named = named_among(reader, _all_at(reader, guild_id, channel_id), text, now)
    if found is None:
        raise NotSubscribedError(named.name, channel_id)
    return found


def named_among(
    reader: ReadConnection, found: Sequence[Subscription], text: str, now: datetime
) -> tuple[Subscription | None, Subject]:
    """Return which of these subscriptions `text` names, by all or some of its topics, and what it names.

    Raises find_topics()'s errors.
    """
    wanted = slugify(text)
    for each in found:
        if wanted in _called(each.subject):
            return each, each.subject
    named = Subject(find_topics(reader, text, now))
    holding = (each for each in found if set(named.topic_ids) <= set(each.subject.topic_ids))
    return next(holding, None), named


def _called(subject: Subject) -> set[str]:
    """Return the slugs of all that a digest is called."""
    names = [subject.words or subject.name, *(topic.name for topic in subject.topics)]
    return {*map(slugify, names), *(topic.slug for topic in subject.topics)}


def find_subscriptions(reader: ReadConnection, guild_id: int | None, channel_id: int) -> list[Subscription]:
    """Return a channel's subscriptions; raises NoDigestsError where it has none."""
    found = _all_at(reader, guild_id, channel_id)
    if not found:
        raise NoDigestsError(channel_id)
    return found


def statuses(reader: ReadConnection, found: Sequence[Subscription]) -> list[SubscriptionStatus]:
    """Return how each of these subscriptions stands."""
    lost = topic_losses(reader, found)
    return [_status(reader, each, losses_of(each, lost)) for each in found]


def _all_at(reader: ReadConnection, guild_id: int | None, channel_id: int) -> list[Subscription]:
    found = subscriptions.all_in_channel(reader, channel_id)
    return [each for each in found if each.guild_id == guild_id]


def _status(reader: ReadConnection, subscription: Subscription, lost: Iterable[Loss]) -> SubscriptionStatus:
    last = outbox.last_of(reader, subscription.id)
    stories = editions.count_stories(reader, last.edition_id) if last and last.edition_id else 0
    return SubscriptionStatus(subscription, last, stories, tuple(lost))
