"""What a person can leave out of their digests: the outlets and topics of what a delivery brought."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.access.places import is_place_of
from bot.client import Interaction
from bot.errors import NoticeError
from bot.locale import _
from bot.views.buttons import IDS, not_a_button
from digests.editions.preview import delivered_edition
from digests.errors import EditionForgottenError
from digests.subscriptions.tuning import sole_topic
from storage import outbox, providers, subscriptions, topics
from storage.engine import ReadConnection
from storage.models import Subscription

MOST_OUTLETS = 12  # of a menu's 25 entries
LONGEST = 90  # characters of what a button can hold
OF = re.compile(r"(outlet|topic):(\S+)")


@dataclass(frozen=True, slots=True)
class Thing:
    """An outlet or a topic, to leave out or to bring back, and what it is called."""

    name: str
    domains: frozenset[str] = frozenset()
    topic_ids: frozenset[int] = frozenset()


def thing_of(reader: ReadConnection, said: str) -> Thing:
    """Return what a menu's entry or a button is about; raises NoticeError if none of mine says that."""
    match = OF.fullmatch(said)
    if match is None:
        raise not_a_button()
    kind, value = match.groups()
    if kind == "outlet":
        return Thing(_outlet(reader, value), domains=frozenset({value}))
    if not value.isdecimal() or int(value) not in IDS:
        raise not_a_button()
    topic = topics.get(reader, int(value))
    if topic is None:
        raise not_a_button()
    return Thing(topic.name, topic_ids=frozenset({topic.id}))


async def things_brought(interaction: Interaction, delivery_id: int) -> dict[str, str]:
    """Return the outlets and topics of what a delivery brought to this person, by what stands for each.

    Raises NoticeError if it was delivered to somebody else, EditionForgottenError if that isn't kept.
    """
    async with interaction.client.services.database.reading() as connection:
        delivery = await connection.run(outbox.get, delivery_id)
        if delivery is None:
            raise EditionForgottenError
        subscription = await connection.run(subscriptions.get, delivery.subscription_id)
        is_theirs = subscription is not None and subscription.created_by == interaction.user.id
        if subscription is None or not is_theirs or not is_place_of(interaction, delivery):
            raise NoticeError(_("You can tune only your own digests."))
        edition = await connection.run(delivered_edition, delivery)
        picks = [choice.coverage.pick for choice in edition.choices]
        found = {f"outlet:{pick.provider.domain}": pick.provider.name for pick in picks}
        shown = {of: name for of, name in found.items() if len(of) <= LONGEST}
        offered = dict(list(shown.items())[:MOST_OUTLETS])
        story_ids = [choice.coverage.story_id for choice in edition.choices]
        return offered | await connection.run(_topics_of, story_ids, subscription)


def things_left_out(reader: ReadConnection, subscription: Subscription) -> dict[str, str]:
    """Return the outlets and topics that a digest leaves out, by what stands for each."""
    options = subscription.options
    outlets = {f"outlet:{domain}": _outlet(reader, domain) for domain in sorted(options.muted)}
    known = topics.by_ids(reader, options.without)
    return outlets | {f"topic:{each.id}": _topic(each.name) for each in known.values()}


def _topics_of(reader: ReadConnection, story_ids: Iterable[int], digest: Subscription) -> dict[str, str]:
    found = {topic.id: topic for each in story_ids for topic in topics.topics_of_story(reader, each)}
    offered = [topic for topic_id, topic in found.items() if topic_id not in sole_topic(digest.subject)]
    return {f"topic:{topic.id}": _topic(topic.name) for topic in offered}


def _topic(name: str) -> str:
    return _("Topic: {topic}", topic=name)


def _outlet(reader: ReadConnection, domain: str) -> str:
    named = (each.name for each in providers.providers(reader) if each.domain == domain)
    return next(named, domain)
