"""Subscribing places to topics: new subscriptions, the ones there are, and ending them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digests.editions.timetable import Timetable
from digests.errors import InvalidInputError, NotFoundError
from digests.lookup.topics import find_topic
from digests.text import count, slugify
from storage import editions, outbox, subscriptions
from storage.engine import Connection, ReadConnection
from storage.models import Delivery, PlaceKind, Subscription, Topic


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

    Raises InvalidInputError where the place has the topic already, or its server or person has enough.
    """
    there = await connection.run(_all_at, Address(wish.guild_id, wish.channel_id, wish.user_id))
    if existing := next((each for each in there if each.topic.id == wish.topic.id), None):
        raise InvalidInputError(
            f"{place_name(existing)} gets {{}} already, at {existing.issue_time} ({existing.zone})."
            " Change that with `/digest edit`, or end it with `/digest unsubscribe`.",
            wish.topic.name,
        )
    await connection.run(require_room, wish.guild_id, wish.user_id, limits)
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


def find_subscription(reader: ReadConnection, address: Address, text: str, now: datetime) -> Subscription:
    """Return the subscription at an address to the topic that `text` names; raises NotFoundError.

    Its topic may have no stories any more.
    """
    found = _all_at(reader, address)
    wanted = slugify(text)
    for each in found:
        if wanted in {each.topic.slug, slugify(each.topic.name)}:
            return each
    topic = find_topic(reader, text, now)
    for each in found:
        if each.topic.id == topic.id:
            return each
    raise NotFoundError(
        f"{place_name(address)} doesn't get {{}}. `/digest list` shows who gets what.", topic.name
    )


def find_subscriptions(reader: ReadConnection, address: Address) -> list[Subscription]:
    """Return the subscriptions at an address; raises NotFoundError where none is."""
    found = _all_at(reader, address)
    if not found:
        raise NotFoundError(f"{place_name(address)} gets no digest. `/digest subscribe` brings one there.")
    return found


def standings(reader: ReadConnection, found: Sequence[Subscription]) -> list[Standing]:
    """Return how each of these subscriptions stands."""
    return [_standing(reader, each) for each in found]


def place_name(place: Address | Subscription) -> str:
    """Return how people call the place that subscriptions go to, at the begin of a sentence."""
    return f"<#{place.channel_id}>" if place.guild_id else "Your DM"


def _all_at(reader: ReadConnection, address: Address) -> list[Subscription]:
    if address.guild_id is None:
        return subscriptions.of_person(reader, address.user_id)
    found = subscriptions.all_in_channel(reader, address.channel_id)
    return [each for each in found if each.guild_id == address.guild_id]


def _standing(reader: ReadConnection, subscription: Subscription) -> Standing:
    last = outbox.last_of(reader, subscription.id)
    stories = editions.count_stories(reader, last.edition_id) if last and last.edition_id else 0
    return Standing(subscription, last, stories)
