"""The planner: finds the subscriptions whose issue time has come and writes down what they are owed."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

from digests.edition import EDITION_JSON, Edition, Options, Window
from digests.issues import Issue, options_of, prepare_issue, shown_by, timetable_of
from storage import editions, memory, outbox, subscriptions
from storage.database import Connection, Database
from storage.models import DeliveryState, Owed, Shown, Subscription, SubscriptionState
from storage.subscriptions import Move

# An edition that could not be issued for longer than this is skipped; the next one has its stories.
MAX_LATE = timedelta(hours=12)
AT_ONCE = 100  # deliveries written in one transaction
TRY_AGAIN = timedelta(days=1)

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

    @property
    def missed(self) -> Move:
        """The step to the next issue time where no edition is issued: its window stays open."""
        return Move(self.subscription, self.next_at, self.subscription.covered_to)

    @property
    def issued(self) -> Move:
        """The step to the next issue time where an edition is issued."""
        return Move(self.subscription, self.next_at, self.issue_at)


@dataclass(frozen=True, slots=True)
class Built:
    """An edition, and its JSON; alike for all subscriptions that remember the same."""

    edition: Edition
    content: str


class Planner:
    """Turns due subscriptions into rows of the outbox."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        max_late: timedelta = MAX_LATE,
        is_open: Callable[[Subscription], bool] = lambda _: True,
    ) -> None:
        self._database = database
        self._clock = clock
        self._max_late = max_late
        self._is_open = is_open

    async def plan(self) -> int:
        """Plan every edition that is due now and return how many are to be delivered."""
        now = self._clock()
        alike: defaultdict[tuple[int, Window, Options], list[Due]] = defaultdict(list)
        for due in await self._find_due(now):
            if now - due.issue_at > self._max_late:
                await self._skip(due, now)
            else:
                subscription = due.subscription
                alike[subscription.topic.id, due.window, options_of(subscription)].append(due)
        owed = 0
        for group in alike.values():
            try:
                owed += await self._plan_alike(group, now)
            except Exception:
                # Whatever is wrong with one topic's editions, those of the others are due.
                topic = group[0].subscription.topic.name
                log.exception("%s: %d editions can't be planned", topic, len(group))
        return owed

    async def reopen_blocked(self, guild_id: int) -> int:
        """Let a server's blocked subscriptions run again where their places have opened; returns how many."""
        async with self._database.reading() as connection:
            blocked = await subscriptions.blocked(connection, guild_id)
        opened = [each.id for each in blocked if self._is_open(each)]
        if opened:
            async with self._database.transaction() as connection:
                await subscriptions.unblock(connection, opened)
            log.info("server %d: %d subscriptions run again", guild_id, len(opened))
        return len(opened)

    async def _find_due(self, now: datetime) -> list[Due]:
        async with self._database.reading() as connection:
            found = await subscriptions.due(connection, now)
        times: dict[tuple[str, str, frozenset[int]], tuple[datetime, str, datetime]] = {}
        due = []
        for number, subscription in enumerate(found, 1):
            key = (subscription.issue_time, subscription.zone, subscription.days)
            try:
                if key not in times:
                    times[key] = _times(subscription, now)
            except (ZoneInfoNotFoundError, ValueError):
                await self._set_aside(subscription, now)
                continue
            each = Due(subscription, *times[key])
            if subscription.state is SubscriptionState.BLOCKED:
                await self._try_blocked(each)
            if subscription.state is SubscriptionState.ACTIVE or self._is_open(subscription):
                due.append(each)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        return due

    async def _try_blocked(self, due: Due) -> None:
        """Let a blocked subscription run again if its place has opened, else leave its edition out."""
        async with self._database.transaction() as connection:
            if self._is_open(due.subscription):
                await subscriptions.unblock(connection, [due.subscription.id])
            else:
                await subscriptions.advance(connection, [due.missed])

    async def _set_aside(self, subscription: Subscription, now: datetime) -> None:
        """Block a subscription whose issue times can't be told."""
        reason = f"the time zone {subscription.zone} isn't known any more: set another with /digest edit"
        async with self._database.transaction() as connection:
            await subscriptions.block(connection, subscription.id, reason)
            await subscriptions.advance(
                connection, [Move(subscription, now + TRY_AGAIN, subscription.covered_to)]
            )
        log.error("subscription %d: %s", subscription.id, reason)

    async def _skip(self, due: Due, now: datetime) -> None:
        """Write down that an edition was missed; the next one's window begins where its window did."""
        async with self._database.transaction() as connection:
            if await subscriptions.advance(connection, [due.missed]):
                await outbox.add(connection, [_owed(due, DeliveryState.SKIPPED, None)], now)
        log.warning("subscription %d: the edition of %s is skipped", due.subscription.id, due.issue_date)

    async def _plan_alike(self, group: Sequence[Due], now: datetime) -> int:
        """Plan for subscriptions that differ in nothing but what they remember.

        An edition is built and stored once for all that get the same.
        """
        async with self._database.reading() as connection:
            issue = await prepare_issue(connection, group[0].subscription, group[0].issue_at)
        built: dict[frozenset[Shown], Built] = {}
        stored: dict[frozenset[Shown], int] = {}
        owed = 0
        for start in range(0, len(group), AT_ONCE):
            members = group[start : start + AT_ONCE]
            async with self._database.reading() as connection:
                memories = await issue.memories(connection, [due.subscription.id for due in members])
            shown = {due: memories.get(due.subscription.id, frozenset()) for due in members}
            new = set(shown.values()) - built.keys()
            built |= await asyncio.to_thread(_build, issue, new)
            async with self._database.transaction() as connection:
                owed += await _owe(connection, shown, built, stored, now)
        log.info("%s: %d editions planned, %d different ones", issue.topic, len(group), len(built))
        return owed


def _build(issue: Issue, memories: Iterable[frozenset[Shown]]) -> dict[frozenset[Shown], Built]:
    """Build the edition for each memory."""
    editions_by_memory = {shown: issue.edition(shown) for shown in memories}
    return {
        shown: Built(edition, EDITION_JSON.dump_json(edition).decode())
        for shown, edition in editions_by_memory.items()
    }


async def _owe(
    connection: Connection,
    members: dict[Due, frozenset[Shown]],
    built: dict[frozenset[Shown], Built],
    stored: dict[frozenset[Shown], int],
    now: datetime,
) -> int:
    """Move subscriptions on, write their deliveries, and what those will have shown; returns how many.

    `stored` holds the ids of the editions stored so far.
    """
    moved = await subscriptions.advance(connection, [due.issued for due in members])
    owed = []
    for due, shown in members.items():
        if due.subscription.id not in moved:
            continue  # planned or changed by somebody else since it was read
        if shown not in stored:
            stored[shown] = await editions.add(connection, built[shown].content)
        state = DeliveryState.PENDING if built[shown].edition.choices else DeliveryState.EMPTY
        owed.append(_owed(due, state, stored[shown]))
    added = await outbox.add(connection, owed, now)
    remembered = []
    for due, shown in members.items():
        subscription = due.subscription
        if subscription.id in added:
            delivery_id = added[subscription.id]
            remembered += [(subscription.id, delivery_id, each) for each in shown_by(built[shown].edition)]
        elif subscription.id in moved:  # the date had its edition: a zone's rules have changed
            await subscriptions.reopen(connection, subscription.id, subscription.covered_to)
    await memory.remember(connection, remembered)
    return sum(1 for each in owed if each.state is DeliveryState.PENDING and each.subscription_id in added)


def _owed(due: Due, state: DeliveryState, edition_id: int | None) -> Owed:
    return Owed(due.subscription.id, due.issue_date, due.issue_at, state, edition_id)


def _times(subscription: Subscription, now: datetime) -> tuple[datetime, str, datetime]:
    """Return the last issue time by now, its local date, and the next one."""
    timetable = timetable_of(subscription)
    issue_at = timetable.last_by(now)
    return issue_at, timetable.local_date(issue_at).isoformat(), timetable.next_after(now)
