"""The planner: finds the subscriptions whose issue time has come and writes down what they are owed."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from digests.edition import EDITION_JSON, LATE_NEWS, Candidate, Edition, Options, Window, choose, judge
from digests.timetable import Timetable
from storage import editions, outbox, stories, subscriptions
from storage.database import Connection, Database
from storage.models import DeliveryState, Shown, Subscription

# An edition that could not be issued for longer than this is skipped; the next one has its stories.
MAX_LATE = timedelta(hours=12)
AT_ONCE = 100  # deliveries written in one transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """A subscription whose issue time has come: the last one by now, and when the next one is."""

    subscription: Subscription
    issue_at: datetime
    issue_date: str
    next_at: datetime

    @property
    def window(self) -> Window:
        """The time that its edition is about."""
        return Window(self.subscription.covered_to, self.issue_at)


@dataclass(frozen=True, slots=True)
class Issue:
    """What every subscription to a topic with the same window and options has in common."""

    topic: str
    window: Window
    options: Options
    candidates: tuple[Candidate, ...]

    def edition(self, shown: Iterable[Shown]) -> Edition:
        """Return the edition for one subscription's memory."""
        return choose(self.topic, self.window, self.options, self.candidates, tuple(shown))

    async def memories(
        self, connection: Connection, subscription_ids: Sequence[int]
    ) -> dict[int, frozenset[Shown]]:
        """Return what each subscription remembers of the candidates."""
        return await subscriptions.memories(
            connection,
            subscription_ids,
            [candidate.coverage.story_id for candidate in self.candidates],
            [article_id for candidate in self.candidates for article_id in candidate.article_ids],
        )


class Planner:
    """Turns due subscriptions into rows of the outbox."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def plan(self) -> int:
        """Plan every edition that is due now and return how many are to be delivered."""
        now = self._clock()
        async with self._database.reading() as connection:
            due = [_due(subscription, now) for subscription in await subscriptions.due(connection, now)]
        alike: defaultdict[tuple[int, Window, Options], list[Due]] = defaultdict(list)
        for each in due:
            if now - each.issue_at > MAX_LATE:
                await self._skip(each, now)
            else:
                subscription = each.subscription
                alike[subscription.topic.id, each.window, options_of(subscription)].append(each)
        return sum([await self._plan_alike(group, now) for group in alike.values()])

    async def _skip(self, due: Due, now: datetime) -> None:
        """Write down that an edition was missed; the next one's window begins where its window did."""
        async with self._database.transaction() as connection:
            if await subscriptions.advance(connection, due.subscription, due.next_at, due.window.since):
                await _add(connection, due, DeliveryState.SKIPPED, None, now)
        log.warning("subscription %d: the edition of %s is skipped", due.subscription.id, due.issue_date)

    async def _plan_alike(self, group: Sequence[Due], now: datetime) -> int:
        """Plan for subscriptions that differ in nothing but what they remember.

        An edition is built and stored once for all that get the same.
        """
        async with self._database.reading() as connection:
            issue = await prepare_issue(connection, group[0].subscription, group[0].issue_at)
        built: dict[frozenset[Shown], tuple[Edition, int]] = {}
        owed = 0
        for start in range(0, len(group), AT_ONCE):
            members = group[start : start + AT_ONCE]
            async with self._database.transaction() as connection:
                memories = await issue.memories(connection, [due.subscription.id for due in members])
                for due in members:
                    if not await subscriptions.advance(
                        connection, due.subscription, due.next_at, due.issue_at
                    ):
                        continue  # planned by somebody else since it was read
                    shown = memories.get(due.subscription.id, frozenset())
                    if shown not in built:
                        edition = issue.edition(shown)
                        content = EDITION_JSON.dump_json(edition).decode()
                        built[shown] = edition, await editions.add(connection, content)
                    owed += await _owe(connection, due, *built[shown], now)
        log.info("%s: %d editions planned, %d different ones", issue.topic, len(group), len(built))
        return owed


async def _owe(connection: Connection, due: Due, edition: Edition, edition_id: int, now: datetime) -> bool:
    """Write a delivery, and what it will have shown; returns whether there is something to deliver."""
    state = DeliveryState.PENDING if edition.choices else DeliveryState.EMPTY
    delivery_id = await _add(connection, due, state, edition_id, now)
    if delivery_id is None or not edition.choices:
        return False
    coverages = [choice.coverage for choice in edition.choices]
    shown = [Shown(coverage.story_id, coverage.pick.id, coverage.pick.quality) for coverage in coverages]
    await subscriptions.remember(connection, due.subscription.id, delivery_id, shown)
    return True


async def _add(
    connection: Connection, due: Due, state: DeliveryState, edition_id: int | None, now: datetime
) -> int | None:
    return await outbox.add(
        connection,
        subscription_id=due.subscription.id,
        issue_date=due.issue_date,
        issue_at=due.issue_at,
        state=state,
        edition_id=edition_id,
        now=now,
    )


async def prepare_issue(connection: Connection, subscription: Subscription, issue_at: datetime) -> Issue:
    """Judge everything that a subscription's edition may hold at `issue_at`."""
    window, options = Window(subscription.covered_to, issue_at), options_of(subscription)
    found = await stories.candidates(
        connection, subscription.topic.id, window.since - LATE_NEWS, window.until
    )
    candidates = await asyncio.to_thread(judge, found, window, options)
    return Issue(subscription.topic.name, window, options, candidates)


def options_of(subscription: Subscription) -> Options:
    """Return what a subscription asked of its editions."""
    return Options(limit=subscription.stories, min_quality=subscription.min_quality)


def _due(subscription: Subscription, now: datetime) -> Due:
    timetable = timetable_of(subscription)
    issue_at = timetable.last_by(now)
    return Due(subscription, issue_at, timetable.local_date(issue_at).isoformat(), timetable.next_after(now))


def timetable_of(subscription: Subscription) -> Timetable:
    """Return when a subscription's editions are issued."""
    return Timetable(
        time.fromisoformat(subscription.issue_time), ZoneInfo(subscription.zone), subscription.days
    )
