"""Subscribing places to topics: new subscriptions, the ones there are, and ending them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digests.editions.issue import timetable_of
from digests.errors import InvalidInputError, NotFoundError
from digests.lookup.topics import find_topic
from digests.text import count, slugify
from storage import editions, outbox, subscriptions
from storage.engine import Connection, ReadConnection
from storage.models import Delivery, DigestOptions, PlaceKind, Subscription, Topic


@dataclass(frozen=True, slots=True)
class Limits:
    """How many subscriptions a server, and a person in DMs, may have."""

    per_server: int
    per_person: int


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
    """A subscription, its latest delivery, and how many stories that holds."""

    subscription: Subscription
    last: Delivery | None
    stories: int = 0


async def subscribe(
    connection: Connection, new: NewSubscription, now: datetime, limits: Limits
) -> Subscription:
    """Store a new subscription, in the open transaction; its first edition looks back one issue time.

    Raises InvalidInputError where the place has the topic already, or its server or person has enough.
    """
    there = await connection.run(_all_at, Scope(new.guild_id, new.channel_id, new.user_id))
    if existing := next((each for each in there if each.topic.id == new.topic.id), None):
        raise InvalidInputError(
            f"{place_name(existing)} gets {{}} already, at {existing.options.issue_time}"
            f" ({existing.options.zone})."
            " Change that with `/digest edit`, or end it with `/digest unsubscribe`.",
            new.topic.name,
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
    """Let a server, or else a person, have another subscription; raises InvalidInputError otherwise."""
    if guild_id is None:
        number, limit = len(subscriptions.of_person(reader, user_id)), limits.per_person
        whose = "Your DM"
    else:
        number, limit = len(subscriptions.of_guild(reader, guild_id)), limits.per_server
        whose = "This server"
    if number >= limit:
        raise InvalidInputError(
            f"{whose} gets {count(number, 'digest')}, and more than {limit} aren't allowed:"
            " end one with `/digest unsubscribe` first."
        )


def find_subscription(reader: ReadConnection, scope: Scope, text: str, now: datetime) -> Subscription:
    """Return the subscription in a scope to the topic that `text` names; raises NotFoundError.

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
    raise NotFoundError(
        f"{place_name(scope)} doesn't get {{}}. `/digest list` shows who gets what.", topic.name
    )


def find_subscriptions(reader: ReadConnection, scope: Scope) -> list[Subscription]:
    """Return the subscriptions in a scope; raises NotFoundError where none is."""
    found = _all_at(reader, scope)
    if not found:
        raise NotFoundError(f"{place_name(scope)} gets no digest. `/digest subscribe` brings one there.")
    return found


def statuses(reader: ReadConnection, found: Sequence[Subscription]) -> list[SubscriptionStatus]:
    """Return how each of these subscriptions stands."""
    return [_status(reader, each) for each in found]


def place_name(place: Scope | Subscription) -> str:
    """Return how people call the place that subscriptions go to, at the begin of a sentence."""
    return f"<#{place.channel_id}>" if place.guild_id else "Your DM"


def _all_at(reader: ReadConnection, scope: Scope) -> list[Subscription]:
    if scope.guild_id is None:
        return subscriptions.of_person(reader, scope.user_id)
    found = subscriptions.all_in_channel(reader, scope.channel_id)
    return [each for each in found if each.guild_id == scope.guild_id]


def _status(reader: ReadConnection, subscription: Subscription) -> SubscriptionStatus:
    last = outbox.last_of(reader, subscription.id)
    stories = editions.count_stories(reader, last.edition_id) if last and last.edition_id else 0
    return SubscriptionStatus(subscription, last, stories)
