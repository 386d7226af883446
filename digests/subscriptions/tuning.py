"""Less of this: outlets and topics that a person leaves out of all of their digests, and brings back."""

from dataclasses import replace

from digests.errors import MutedLimitError
from digests.subscriptions.edit import MAX_MUTED
from storage import subscriptions
from storage.engine import Connection, ReadConnection
from storage.models import DigestOptions, Subject, Subscription


async def leave_out(
    connection: Connection, user_id: int, domains: frozenset[str], topic_ids: frozenset[int]
) -> None:
    """Leave outlets and topics out of a person's digests, in the open transaction.

    A digest that has only one of the topics keeps that. Raises MutedLimitError.
    """
    for each in await connection.run(subscriptions.of_person, user_id):
        options = each.options
        muted, without = options.muted | domains, options.without | (topic_ids - sole_topic(each.subject))
        if len(muted) > MAX_MUTED or len(without) > MAX_MUTED:
            raise MutedLimitError(each.subject.name, MAX_MUTED)
        await _change(connection, each, replace(options, muted=muted, without=without))


async def bring_back(
    connection: Connection, user_id: int, domains: frozenset[str], topic_ids: frozenset[int]
) -> None:
    """Take outlets and topics into a person's digests again, in the open transaction."""
    for each in await connection.run(subscriptions.of_person, user_id):
        options = each.options
        changed = replace(options, muted=options.muted - domains, without=options.without - topic_ids)
        await _change(connection, each, changed)


def tuned(reader: ReadConnection, user_id: int, subject: Subject, options: DigestOptions) -> DigestOptions:
    """Return a new digest's options with what the person leaves out of their others."""
    others = [each.options for each in subscriptions.of_person(reader, user_id)]
    muted = frozenset().union(*(each.muted for each in others))
    without = frozenset().union(*(each.without for each in others)) - sole_topic(subject)
    return replace(options, muted=muted, without=without)


def sole_topic(subject: Subject) -> frozenset[int]:
    """Return the id of a digest's topic if it has no other."""
    topic_ids = subject.topic_ids
    return frozenset(topic_ids) if len(topic_ids) == 1 else frozenset()


async def _change(connection: Connection, subscription: Subscription, options: DigestOptions) -> None:
    if options != subscription.options:
        await subscriptions.change(connection, replace(subscription, options=options))
