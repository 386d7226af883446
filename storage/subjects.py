"""What subscriptions are about: their topics in order, or the words of a search."""

import json
from collections import defaultdict
from collections.abc import Mapping

from storage.engine import Connection, ReadConnection
from storage.models import Subject, Subscription, Topic
from storage.topics import by_ids


def of_subscriptions(reader: ReadConnection, words: Mapping[int, str | None]) -> dict[int, Subject]:
    """Return what subscriptions are about, by their ids, of which `words` has the words of their searches.

    A topic that the reader doesn't see is left out, and so is a subscription that has no other.
    """
    chosen = reader.execute(
        "SELECT subscription_id, topic_id FROM json_each(?) AS wanted CROSS JOIN subscription_topic"
        " ON subscription_id = wanted.value ORDER BY subscription_id, place",
        (json.dumps(list(words)),),
    ).fetchall()
    known = by_ids(reader, {topic_id for _, topic_id in chosen})
    topics: defaultdict[int, list[Topic]] = defaultdict(list)
    for subscription_id, topic_id in chosen:
        if topic_id in known:
            topics[subscription_id].append(known[topic_id])
    subjects = {each: Subject(tuple(topics[each]), said or "") for each, said in words.items()}
    return {each: subject for each, subject in subjects.items() if subject != Subject()}


async def store(connection: Connection, subscription: Subscription) -> None:
    """Store what a subscription is about; the rest of what it is stays."""
    await connection.execute(
        "UPDATE subscription SET words = ? WHERE id = ?",
        (subscription.subject.words or None, subscription.id),
    )
    await connection.execute("DELETE FROM subscription_topic WHERE subscription_id = ?", (subscription.id,))
    await connection.executemany(
        "INSERT INTO subscription_topic (channel_id, topic_id, subscription_id, place) VALUES (?, ?, ?, ?)",
        [
            (subscription.channel_id, topic_id, subscription.id, place)
            for place, topic_id in enumerate(subscription.subject.topic_ids)
        ],
    )
