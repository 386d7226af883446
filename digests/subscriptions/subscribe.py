"""Subscribing places to topics: new subscriptions, the ones there are, and ending them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digests.editions.timetable import Timetable
from digests.errors import AlreadySubscribedError, DigestLimitError, NoDigestsError, NotSubscribedError
from digests.lookup.topics import find_topic
from digests.text import slugify
from storage import editions, outbox, subscriptions
from storage.models import Delivery, PlaceKind, Subscription, Topic
from storage.sqlite.database import Connection


@dataclass(frozen=True, slots=True)
class Limits:
    """How many subscriptions a server, and a person in DMs, may have."""

    per_server: int
    per_person: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for: a topic's digest, where and when."""

    topic: Topic
    guild_id: int | None
    channel_id: int
    user_id: int
    timetable: Timetable
    stories: int
    min_quality: int
    kind: PlaceKind = PlaceKind.CHANNEL
    mention_role_id: int | None = None
    publish: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """Where a subscription is looked for: a channel of a server, or, without a server, a person's DM."""

    guild_id: int | None
    channel_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A subscription, its latest delivery, and how many stories that holds."""

    subscription: Subscription
    last: Delivery | None
    stories: int = 0


async def subscribe(connection: Connection, wish: Wish, now: datetime, limits: Limits) -> Subscription:
    """Store a new subscription, in the open transaction; its first edition looks back one issue time.

    Raises AlreadySubscribedError, or DigestLimitError where its server or person has enough.
    """
    there = await _all_at(connection, Address(wish.guild_id, wish.channel_id, wish.user_id))
    if existing := next((each for each in there if each.topic.id == wish.topic.id), None):
        raise AlreadySubscribedError(
            wish.topic.name, _channel_of(existing), existing.issue_time, existing.zone
        )
    await require_room(connection, wish.guild_id, wish.user_id, limits)
    return await subscriptions.add(
        connection,
        Subscription(
            id=0,
            topic=wish.topic,
            guild_id=wish.guild_id,
            channel_id=wish.channel_id,
            kind=wish.kind,
            created_by=wish.user_id,
            created_at=now,
            issue_time=wish.timetable.issue_time.strftime("%H:%M"),
            zone=wish.timetable.zone.key,
            days=wish.timetable.days,
            stories=wish.stories,
            min_quality=wish.min_quality,
            mention_role_id=wish.mention_role_id,
            publish=wish.publish,
            covered_to=wish.timetable.last_by(now),
            next_at=wish.timetable.next_after(now),
        ),
    )


async def require_room(connection: Connection, guild_id: int | None, user_id: int, limits: Limits) -> None:
    """Let a server, or else a person, have another subscription; raises DigestLimitError otherwise."""
    if guild_id is None:
        number, limit = len(await subscriptions.of_person(connection, user_id)), limits.per_person
    else:
        number, limit = len(await subscriptions.of_guild(connection, guild_id)), limits.per_server
    if number >= limit:
        raise DigestLimitError(number, limit, "person" if guild_id is None else "server")


async def find_subscription(
    connection: Connection, address: Address, text: str, now: datetime
) -> Subscription:
    """Return the subscription at an address to the topic that `text` names.

    Raises NotSubscribedError, or find_topic()'s errors.

    Its topic may have no stories any more.
    """
    found = await _all_at(connection, address)
    wanted = slugify(text)
    for each in found:
        if wanted in {each.topic.slug, slugify(each.topic.name)}:
            return each
    topic = await find_topic(connection, text, now)
    for each in found:
        if each.topic.id == topic.id:
            return each
    raise NotSubscribedError(topic.name, _channel_of(address))


async def find_subscriptions(connection: Connection, address: Address) -> list[Subscription]:
    """Return the subscriptions at an address; raises NoDigestsError where none is."""
    found = await _all_at(connection, address)
    if not found:
        raise NoDigestsError(_channel_of(address))
    return found


async def standings(connection: Connection, found: Sequence[Subscription]) -> list[Standing]:
    """Return how each of these subscriptions stands."""
    return [await _standing(connection, each) for each in found]


def _channel_of(place: Address | Subscription) -> int | None:
    """Return the channel that subscriptions go to, None for a person's DM."""
    return place.channel_id if place.guild_id else None


async def _all_at(connection: Connection, address: Address) -> list[Subscription]:
    if address.guild_id is None:
        return await subscriptions.of_person(connection, address.user_id)
    found = await subscriptions.all_in_channel(connection, address.channel_id)
    return [each for each in found if each.guild_id == address.guild_id]


async def _standing(connection: Connection, subscription: Subscription) -> Standing:
    last = await outbox.last_of(connection, subscription.id)
    stories = await editions.count_stories(connection, last.edition_id) if last and last.edition_id else 0
    return Standing(subscription, last, stories)
