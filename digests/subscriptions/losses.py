"""What a digest relies on and has lost, though it could go on: its topic's stories, the role it pings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from digests.errors import AlreadySubscribedError, NothingToSwitchError
from storage import subscriptions, topics, troubles
from storage.engine import Connection, Database, ReadConnection
from storage.models import Subscription, Topic


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
    wanted = {each.topic.id: each.topic for each in found}
    heirs = topics.lost(reader, list(wanted))
    return {topic_id: TopicLoss(wanted[topic_id], heir) for topic_id, heir in heirs.items()}


async def switch_topic(connection: Connection, subscription: Subscription, heir_id: int) -> Subscription:
    """Switch a digest to the topic that has its stories now, in the open transaction.

    All else stays, also what was shown. Raises NothingToSwitchError if its topic hasn't lost its stories to
    that one, AlreadySubscribedError if its place has that one's digest.
    """
    loss = (await connection.run(topic_losses, [subscription])).get(subscription.topic.id)
    if loss is None or loss.heir is None or loss.heir.id != heir_id:
        raise NothingToSwitchError(subscription.topic.name)
    if other := await connection.run(subscriptions.in_channel, subscription.channel_id, heir_id):
        channel_id = other.channel_id if other.guild_id else None
        raise AlreadySubscribedError(
            other.topic.name, channel_id, other.options.issue_time, other.options.zone
        )
    await subscriptions.set_topic(connection, subscription.id, heir_id)
    return replace(subscription, topic=loss.heir)


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
    losses = {each.id: lost.get(each.topic.id) or roles.get(each.id) for each in found}
    keys = {each: loss.key if loss else None for each, loss in losses.items()}
    news = [each for each in found if keys[each.id] != warned.get(each.id)]
    if not news:
        return []
    async with database.transaction() as connection:
        to_tell = [each for each in news if await troubles.warn(connection, each, keys[each.id])]
    return [(each, loss) for each in to_tell if (loss := losses[each.id])]
