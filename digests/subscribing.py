"""Subscribing channels to topics: new subscriptions, the ones there are, and ending them."""

from dataclasses import dataclass
from datetime import datetime

from digests.edition import Edition
from digests.errors import InvalidInputError, NotFoundError
from digests.planner import prepare_issue
from digests.timetable import Timetable
from storage import outbox, subscriptions
from storage.database import Connection
from storage.models import Delivery, Subscription, Topic


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for: a topic's digest, where and when."""

    topic: Topic
    guild_id: int
    channel_id: int
    user_id: int
    timetable: Timetable
    stories: int
    min_quality: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A subscription and its latest delivery."""

    subscription: Subscription
    last: Delivery | None


async def subscribe(connection: Connection, wish: Wish, now: datetime) -> Subscription:
    """Store a new subscription, in the open transaction; its first edition looks back one issue time.

    Raises InvalidInputError where the channel has the topic already.
    """
    existing = await subscriptions.in_channel(connection, wish.channel_id, wish.topic.id)
    if existing:
        raise InvalidInputError(
            f"<#{wish.channel_id}> gets {{}} already, at {existing.issue_time} ({existing.zone})."
            " Unsubscribe it first to change that.",
            wish.topic.name,
        )
    next_at = wish.timetable.next_after(now)
    return await subscriptions.add(
        connection,
        Subscription(
            id=0,
            topic=wish.topic,
            guild_id=wish.guild_id,
            channel_id=wish.channel_id,
            created_by=wish.user_id,
            created_at=now,
            issue_time=wish.timetable.issue_time.strftime("%H:%M"),
            zone=wish.timetable.zone.key,
            days=wish.timetable.days,
            stories=wish.stories,
            min_quality=wish.min_quality,
            covered_to=wish.timetable.last_by(now),
            next_at=next_at,
        ),
    )


async def next_edition(connection: Connection, subscription: Subscription) -> Edition:
    """Return what a subscription's next edition would hold, of what is known now."""
    issue = await prepare_issue(connection, subscription, subscription.next_at)
    memories = await issue.memories(connection, [subscription.id])
    return issue.edition(memories.get(subscription.id, ()))


async def standings(connection: Connection, guild_id: int) -> list[Standing]:
    """Return a server's subscriptions, each with its latest delivery."""
    found = await subscriptions.of_guild(connection, guild_id)
    return [Standing(each, await outbox.last_of(connection, each.id)) for each in found]


async def unsubscribe(connection: Connection, guild_id: int, channel_id: int, topic: Topic) -> Subscription:
    """End a channel's subscription to a topic, in the open transaction; raises NotFoundError."""
    existing = await subscriptions.in_channel(connection, channel_id, topic.id)
    if existing is None or existing.guild_id != guild_id:
        raise NotFoundError(
            f"<#{channel_id}> doesn't get {{}}. `/digest list` shows who gets what.", topic.name
        )
    await subscriptions.remove(connection, existing.id)
    return existing
