"""Subscribing places to topics: new subscriptions, the ones there are, and ending them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digests.editions.issue import timetable_of
from digests.errors import (
    AlreadySubscribedError,
    DigestLimitError,
    NoDigestsError,
    NotSubscribedError,
)
from digests.lookup.topics import find_topic
from digests.subscriptions.limits import Limits
from digests.subscriptions.losses import Loss, TopicLoss, topic_losses
from digests.text import slugify
from storage import editions, outbox, subscriptions
from storage.engine import Connection, ReadConnection
from storage.models import Delivery, DigestOptions, PlaceKind, Subscription, Topic


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """What somebody asks for: a topic's digest, where, and with which options."""

    topic: Topic
    guild_id: int | None
    channel_id: int
    user_id: int
    options: DigestOptions
    kind: PlaceKind = PlaceKind.CHANNEL


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a subscription is looked for: a channel of a server, or, without a server, a person's DM."""

    guild_id: int | None
    channel_id: int
    user_id: int


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
    there = await connection.run(_all_at, Scope(new.guild_id, new.channel_id, new.user_id))
    if existing := next((each for each in there if each.topic.id == new.topic.id), None):
        raise AlreadySubscribedError(
            new.topic.name, _channel_of(existing), existing.options.issue_time, existing.options.zone
        )
    await connection.run(require_room, new.guild_id, new.user_id, limits)
    timetable = timetable_of(new.options)
    return await subscriptions.add(
        connection,
        Subscription(
            id=0,
            topic=new.topic,
            guild_id=new.guild_id,
            channel_id=new.channel_id,
            kind=new.kind,
            created_by=new.user_id,
            created_at=now,
            options=new.options,
            covered_to=timetable.last_by(now),
            next_at=timetable.next_after(now),
        ),
    )


def require_room(reader: ReadConnection, guild_id: int | None, user_id: int, limits: Limits) -> None:
    """Check that a server, or else a person, may have another subscription; raises DigestLimitError."""
    if guild_id is None:
        number, limit = subscriptions.count_of_person(reader, user_id), limits.per_person
    else:
        number, limit = subscriptions.count_of_guild(reader, guild_id), limits.per_server
    if number >= limit:
        raise DigestLimitError(number, limit, "person" if guild_id is None else "server")


def find_subscription(reader: ReadConnection, scope: Scope, text: str, now: datetime) -> Subscription:
    """Return the subscription in a scope to the topic that `text` names.

    Raises NotSubscribedError, or find_topic()'s errors.

    Its topic may have no stories any more.
    """
    found = _all_at(reader, scope)
    wanted = slugify(text)
    for each in found:
        if wanted in {each.topic.slug, slugify(each.topic.name)}:
            return each
    topic = find_topic(reader, text, now)
    for each in found:
        if each.topic.id == topic.id:
            return each
    raise NotSubscribedError(topic.name, _channel_of(scope))


def find_subscriptions(reader: ReadConnection, scope: Scope) -> list[Subscription]:
    """Return the subscriptions in a scope; raises NoDigestsError where none is."""
    found = _all_at(reader, scope)
    if not found:
        raise NoDigestsError(_channel_of(scope))
    return found


def statuses(reader: ReadConnection, found: Sequence[Subscription]) -> list[SubscriptionStatus]:
    """Return how each of these subscriptions stands."""
    lost = topic_losses(reader, found)
    return [_status(reader, each, lost.get(each.topic.id)) for each in found]


def _channel_of(place: Scope | Subscription) -> int | None:
    """Return the channel that subscriptions go to, None for a person's DM."""
    return place.channel_id if place.guild_id else None


def _all_at(reader: ReadConnection, scope: Scope) -> list[Subscription]:
    if scope.guild_id is None:
        return subscriptions.of_person(reader, scope.user_id)
    found = subscriptions.all_in_channel(reader, scope.channel_id)
    return [each for each in found if each.guild_id == scope.guild_id]


def _status(reader: ReadConnection, subscription: Subscription, loss: TopicLoss | None) -> SubscriptionStatus:
    last = outbox.last_of(reader, subscription.id)
    stories = editions.count_stories(reader, last.edition_id) if last and last.edition_id else 0
    return SubscriptionStatus(subscription, last, stories, (loss,) if loss else ())
