"""Owing editions: one transaction writes the deliveries and what they show, and moves subscriptions on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digests.editions.edition import Edition
from digests.editions.issue import shown_by, timetable_of
from digests.editions.window import Window
from digests.errors import AlreadySendingError, NothingNewError, PausedError
from digests.subscriptions.follows import news_for, told_by
from digests.subscriptions.issues import edition_at
from storage import editions, memory, outbox, subscriptions
from storage.engine import Connection, Database, ReadConnection
from storage.models import DeliveryState, Owed, Subscription, SubscriptionState
from storage.subscriptions import Move
from storage.visibility import DIRECT

FIRST_WINDOW = timedelta(days=7)  # of a digest that is sent by hand before its first issue time


@dataclass(frozen=True, slots=True)
class Due:
    """A subscription whose issue time has come: what its edition is about, and when the next one is.

    Its edition isn't sent before `send_at`. `viewer` is whose stories it may hold, see storage/visibility.py.
    """

    subscription: Subscription
    window: Window
    issue_date: str
    next_at: datetime
    send_at: datetime
    viewer: int = DIRECT

    @property
    def issue_at(self) -> datetime:
        """The issue time: the last one by now."""
        return self.window.until

    @property
    def missed(self) -> Move:
        """The step to the next issue time if no edition is issued: the window stays open."""
        return Move(self.subscription, self.next_at, self.subscription.covered_to)

    @property
    def issued(self) -> Move:
        """The step to the next issue time if an edition is issued."""
        return Move(self.subscription, self.next_at, self.issue_at)

    def row(self, state: DeliveryState, edition_id: int | None) -> Owed:
        """Return the outbox row for it."""
        return Owed(self.subscription.id, self.issue_date, self.issue_at, state, edition_id, self.send_at)


@dataclass(frozen=True, slots=True)
class StoredEdition:
    """An edition that was stored; nothing is delivered of an empty one.

    `shows` are the ids of its showings, each with that of the topic that it is shown for.
    """

    id: int
    shows: tuple[tuple[int, int | None], ...]
    is_empty: bool


async def owe(connection: Connection, editions_due: Mapping[Due, StoredEdition], now: datetime) -> int:
    """Move subscriptions on, write their deliveries and what those show; return how many are to be sent."""
    moved = await subscriptions.advance(connection, [due.issued for due in editions_due])
    owed = [
        due.row(DeliveryState.EMPTY if stored.is_empty else DeliveryState.PENDING, stored.id)
        for due, stored in editions_due.items()
        if due.subscription.id in moved  # otherwise somebody else planned or changed it since it was read
    ]
    added = await outbox.add(connection, owed, now)
    remembered = []
    for due, stored in editions_due.items():
        subscription = due.subscription
        if subscription.id in added:
            place, delivery, words = (
                subscription.channel_id,
                added[subscription.id],
                subscription.subject.words,
            )
            remembered += [
                memory.Memory(place, showing, delivery, topic_id, words or None)
                for showing, topic_id in stored.shows
            ]
        elif subscription.id in moved:  # this date had its edition before the zone's rules changed
            await subscriptions.reopen(connection, subscription.id, subscription.covered_to)
    await memory.remember(connection, remembered)
    return sum(1 for each in owed if each.state is DeliveryState.PENDING and each.subscription_id in added)


def _edition_now(reader: ReadConnection, subscription: Subscription, now: datetime) -> Edition:
    """Return what a subscription's edition would hold now; if it had none, it looks back a week."""
    news = news_for(reader, [subscription], now).get(subscription.id, ())
    if outbox.last_of(reader, subscription.id) is None:
        since = min(subscription.covered_to, now - FIRST_WINDOW)
        subscription = replace(subscription, covered_to=since)
    return edition_at(reader, subscription, now, told_by(news)).with_followed(news)


async def store_edition(connection: Connection, edition: Edition, content: str) -> StoredEdition:
    """Store an edition, whose JSON is `content`, and what it shows, in the open transaction."""
    edition_id = await editions.add(connection, content)
    shows = await memory.add(connection, shown_by(edition), edition.window.until)
    topic_ids = [choice.section.topic_id if choice.section else None for choice in edition.choices]
    return StoredEdition(edition_id, tuple(zip(shows, topic_ids, strict=True)), edition.is_empty)


async def send_now(database: Database, subscription: Subscription, now: datetime) -> Edition:
    """Owe a subscription what is new since its last edition, or in a week if it had none; return that.

    The next edition comes at its time, without these stories. Raises NothingNewError, PausedError, or
    AlreadySendingError if somebody else has just sent it.
    """
    if subscription.state is not SubscriptionState.ACTIVE:
        raise PausedError(subscription.subject.name)
    now = now.replace(microsecond=0)
    async with database.reading(subscription.guild_id or DIRECT) as connection:
        edition = await connection.run(_edition_now, subscription, now)
    if not edition.choices:
        raise NothingNewError(subscription.subject.name)
    # With the time behind it, this isn't the date's own edition.
    issue_date = now.astimezone(timetable_of(subscription.options).zone).strftime("%Y-%m-%d %H:%M:%S")
    due = Due(subscription, edition.window, issue_date, subscription.next_at, now)
    async with database.transaction() as connection:
        stored = await store_edition(connection, edition, edition.to_json())
        if not await owe(connection, {due: stored}, now):
            raise AlreadySendingError(subscription.subject.name)
    return edition
