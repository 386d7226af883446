"""What a digest relies on and has lost, though it could go on: its topics' stories, the role it pings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from digests.errors import NothingToSwitchError
from digests.subscriptions.subjects import change_subject
from storage import topics, troubles
from storage.engine import Connection, Database, ReadConnection
from storage.models import Subject, Subscription, Topic


@dataclass(frozen=True, slots=True)
class TopicLoss:
    """A topic that has no stories any more; `heir` is the topic that they carry now."""

    topic: Topic
    heir: Topic | None

    @property
    def key(self) -> str:
        """What tells it from other losses, as it is stored."""
        return f"topic: {self.topic.slug}: {self.heir.slug if self.heir else ''}"


@dataclass(frozen=True, slots=True)
class RoleLoss:
    """A role to ping that was deleted."""

    role_id: int

    @property
    def key(self) -> str:
        """What tells it from other losses, as it is stored."""
        return f"role: {self.role_id}"


Loss: TypeAlias = TopicLoss | RoleLoss


def topic_losses(reader: ReadConnection, found: Iterable[Subscription]) -> dict[int, TopicLoss]:
    """Return which of these subscriptions' topics have lost their stories, by the topic's id."""
    wanted = {topic.id: topic for each in found for topic in each.subject.topics}
    heirs = topics.lost(reader, list(wanted))
    return {topic_id: TopicLoss(wanted[topic_id], heir) for topic_id, heir in heirs.items()}


def losses_of(subscription: Subscription, lost: Mapping[int, TopicLoss]) -> list[TopicLoss]:
    """Return which of a subscription's topics have lost their stories, out of what topic_losses() found."""
    return [lost[topic_id] for topic_id in subscription.subject.topic_ids if topic_id in lost]


async def switch_topic(connection: Connection, subscription: Subscription, heir_id: int) -> Subscription:
    """Switch a digest to the topic that has the stories of one of its own now, in the open transaction.

    All else stays, also what was shown. Raises NothingToSwitchError if none of its topics has lost its
    stories to that one, AlreadySubscribedError if its place has that one in another digest.
    """
    losses = (await connection.run(topic_losses, [subscription])).values()
    heirs = {loss.topic.id: loss.heir for loss in losses if loss.heir and loss.heir.id == heir_id}
    if not heirs:
        raise NothingToSwitchError(subscription.subject.name)
    switched = {heirs.get(topic.id, topic): None for topic in subscription.subject.topics}
    return await change_subject(connection, subscription, Subject(tuple(switched)))


async def note_losses(
    database: Database, found: Sequence[Subscription], roles: Mapping[int, RoleLoss]
) -> list[tuple[Subscription, Loss]]:
    """Note what these subscriptions have lost; returns those whose makers are to be told, and of what.

    `roles` are lost roles by the subscription's id. Each loss is told once, also where several digests of
    one maker share it.
    """
    async with database.reading() as connection:
        lost = await connection.run(topic_losses, found)
        warned = await connection.run(troubles.warned, [each.id for each in found])
    losses = {each.id: next(iter(losses_of(each, lost)), None) or roles.get(each.id) for each in found}
    keys = {each: loss.key if loss else None for each, loss in losses.items()}
    news = [each for each in found if keys[each.id] != warned.get(each.id)]
    if not news:
        return []
    async with database.transaction() as connection:
        to_tell = [each for each in news if await troubles.warn(connection, each, keys[each.id])]
    return [(each, loss) for each in to_tell if (loss := losses[each.id])]
