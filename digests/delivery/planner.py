"""The planner: finds the subscriptions whose issue time has come and writes down what they are owed."""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeAlias

from digests.dates import FIRST_CLOCK
from digests.delivery.building import IssueEditions, IssueKey, Known, build, key_of
from digests.delivery.heal import RETRY_UNKNOWN_ZONE, Healer
from digests.delivery.owe import Due, owe, store_edition
from digests.delivery.retry import MAX_LATE
from digests.delivery.spread import sent_at
from digests.delivery.transport import Transport
from digests.editions.issue import timetable_of
from digests.editions.sharing import Rival, share
from digests.editions.timetable import is_weekly
from digests.editions.window import Window
from digests.errors import LostZoneError, NotATimeError
from digests.ownership import EVERYTHING, Owned
from digests.subscriptions.edit import block
from digests.subscriptions.follows import news_for, told_by
from digests.subscriptions.issues import prepare_issue
from digests.subscriptions.losses import Loss, RoleLoss, note_losses
from digests.text import count
from storage import outbox, subscriptions, troubles, visibility
from storage.engine import Database
from storage.errors import StorageError
from storage.models import DeliveryState, Shown, Subscription, SubscriptionState, Trouble
from storage.subscriptions import Move
from storage.visibility import DIRECT

PLAN_BATCH = 200  # places looked at in one go

log = logging.getLogger(__name__)


Memories: TypeAlias = dict[Due, frozenset[Shown]]  # what is due to what its place was shown of it


class Planner:
    """Writes the outbox rows of the subscriptions that are due."""

    def __init__(
        self,
        database: Database,
        transport: Transport,
        clock: Callable[[], datetime],
        *,
        max_late: timedelta = MAX_LATE,
        owned: Owned = EVERYTHING,
    ) -> None:
        self._database = database
        self._transport = transport
        self._clock = clock
        self._max_late = max_late
        self._owned = owned
        self._healer = Healer(database, owned)
        self._to_tell: list[tuple[Subscription, str]] = []
        self._to_warn: list[tuple[Subscription, Loss]] = []

    async def plan(self) -> int:
        """Plan every edition that is due now and return how many are to be delivered.

        Subscriptions that get the same edition share one stored copy.
        """
        now = self._clock()
        if now < FIRST_CLOCK:
            log.error("the clock shows %s, so nothing is planned until it is set", now.isoformat())
            return 0
        await self._healer.heal(now)
        planned: dict[IssueKey, IssueEditions] = {}
        owed, last = 0, 0
        while owner := self._owned():
            async with self._database.reading() as connection:
                found = await connection.run(subscriptions.due, now, PLAN_BATCH, last, owner)
            if not found:
                break
            last = found[-1].channel_id
            await self._look_for_losses(found)
            due = await self._sort(found, now)
            for issue_at in sorted({each.issue_at for each in due}):
                # What a place's digest of an earlier time shows, those of a later one know.
                minute = [each for each in due if each.issue_at == issue_at]
                owed += await self._plan_minute(minute, now, planned)
        if planned:
            different = sum(len(prepared.editions) for prepared in planned.values())
            log.info("%s planned, %d different", count(owed, "edition"), different)
        return owed

    async def tell_makers(self) -> None:
        """Tell those whose digests could not be planned. That may take a while, so call it last."""
        to_tell, self._to_tell = self._to_tell, []
        to_warn, self._to_warn = self._to_warn, []
        tellings = [self._transport.tell(subscription, reason) for subscription, reason in to_tell]
        tellings += [self._transport.warn(subscription, loss) for subscription, loss in to_warn]
        for failure in await asyncio.gather(*tellings, return_exceptions=True):
            if failure:
                log.error("someone who subscribed could not be notified", exc_info=failure)

    async def reopen_blocked(self, guild_ids: Collection[int]) -> int:
        """Restart some servers' blocked subscriptions whose places are open again; return how many."""
        async with self._database.reading() as connection:
            blocked = await connection.run(subscriptions.blocked, guild_ids)
        opened = [each for each in blocked if self._transport.is_open(each)]
        if opened:
            async with self._database.transaction() as connection:
                await troubles.unblock(connection, [each.id for each in opened])
            for guild_id, number in Counter(each.guild_id for each in opened).items():
                log.info("server %d: %s open again", guild_id, count(number, "subscription"))
        return len(opened)

    async def _look_for_losses(self, found: Sequence[Subscription]) -> None:
        """Note what running subscriptions rely on and have lost; their makers are told later."""
        running = [each for each in found if each.state is SubscriptionState.ACTIVE]
        roles = {
            each.id: RoleLoss(each.options.mention_role_id)
            for each in running
            if each.options.mention_role_id and self._transport.has_lost_role(each)
        }
        try:
            self._to_warn += await note_losses(self._database, running, roles)
        except StorageError:
            log.exception("what digests have lost can't be noted")

    async def _sort(self, found: Sequence[Subscription], now: datetime) -> list[Due]:
        """Return the subscriptions that get an edition; skip closed and late ones."""
        issued: list[Due] = []
        closed: list[Due] = []
        opened: list[Due] = []
        late: list[Due] = []
        for due in await self._look_up(found, now):
            subscription = due.subscription
            if subscription.state is SubscriptionState.BLOCKED:
                is_closed = self._transport.is_open(subscription) is False
                (closed if is_closed else opened).append(due)
                if is_closed:
                    continue
            (late if now - due.issue_at > self._max_late else issued).append(due)
        if closed or opened or late:
            async with self._database.transaction() as connection:
                await troubles.unblock(connection, [due.subscription.id for due in opened])
                await subscriptions.advance(connection, [due.missed for due in closed])
                # The next editions have their stories: those windows begin where these did.
                moved = await subscriptions.advance(connection, [due.missed for due in late])
                skipped = [due for due in late if due.subscription.id in moved]
                await outbox.add(connection, [due.row(DeliveryState.SKIPPED, None) for due in skipped], now)
        if closed or late:
            log.warning(
                "skipped: %s because they are too late, %d because their places are closed",
                count(len(late), "edition"),
                len(closed),
            )
        return issued

    async def _look_up(self, found: Sequence[Subscription], now: datetime) -> list[Due]:
        """Return what is due; set aside subscriptions whose time or zone can't be read."""
        times: dict[tuple[str, str, frozenset[int]], tuple[datetime, datetime, str, datetime]] = {}
        due = []
        async with self._database.reading() as connection:
            own = await connection.run(visibility.servers)
        for subscription in found:
            key = (subscription.options.issue_time, subscription.options.zone, subscription.options.days)
            try:
                if key not in times:
                    times[key] = _times(subscription, now)
            except LostZoneError as error:
                await self._set_aside(subscription, Trouble.UNKNOWN_ZONE.about(error.zone), now)
            except NotATimeError as error:
                await self._set_aside(subscription, Trouble.UNKNOWN_TIME.about(error.text), now)
            else:
                previous, issue_at, issue_date, next_at = times[key]
                weekly = is_weekly(subscription.options.days)
                window = Window.following(subscription.covered_to, previous, issue_at, weekly=weekly)
                # The others share what shows everywhere.
                viewer = subscription.guild_id if subscription.guild_id in own else DIRECT
                send_at = sent_at(subscription, issue_at)
                due.append(Due(subscription, window, issue_date, next_at, send_at, viewer or DIRECT))
        return due

    async def _set_aside(self, subscription: Subscription, reason: str, now: datetime) -> None:
        """Block a subscription whose time or zone can't be read, and look at it again later."""
        async with self._database.transaction() as connection:
            await subscriptions.advance(
                connection, [Move(subscription, now + RETRY_UNKNOWN_ZONE, subscription.covered_to)]
            )
        if blocked := await block(self._database, subscription.id, reason, now):
            self._to_tell.append((blocked, reason))

    async def _plan_minute(
        self, due: Sequence[Due], now: datetime, planned: dict[IssueKey, IssueEditions]
    ) -> int:
        """Plan the editions of one issue time, all of a place's together, and return how many are owed."""
        groups: defaultdict[IssueKey, list[Due]] = defaultdict(list)
        for each in due:
            groups[key_of(each)].append(each)
        memories: Memories = {}
        for key, group in groups.items():
            with self._others_go_on(group):
                memories |= await self._remember(group, planned, key)
        memories |= await asyncio.to_thread(_share, memories, planned)
        known = dict(zip(memories, map(Known, memories.values()), strict=True))
        with self._others_go_on(due):
            known = await self._follow(memories)
        owed = 0
        for key, group in groups.items():
            if of_group := {each: known[each] for each in group if each in known}:
                with self._others_go_on(group):
                    owed += await self._plan_issue(of_group, now, planned[key])
        return owed

    async def _follow(self, memories: Memories) -> dict[Due, Known]:
        """Return what places know, and what is new of stories that are followed there."""
        found = [due.subscription for due in memories]
        async with self._database.reading(DIRECT) as connection:
            news = await connection.run(news_for, found, next(iter(memories)).issue_at) if found else {}
        told = {each.channel_id: told_by(news[each.id]) for each in found if each.id in news}
        return {
            due: Known(
                shown | told.get(due.subscription.channel_id, frozenset()),
                news.get(due.subscription.id, ()),
            )
            for due, shown in memories.items()
        }

    @contextmanager
    def _others_go_on(self, group: Sequence[Due]) -> Iterator[None]:
        """Log what goes wrong with the editions of one issue: the others' must come."""
        try:
            yield
        except StorageError:  # which all of them need
            raise
        except Exception:
            name = group[0].subscription.subject.name
            log.exception("%s: %s can't be planned", name, count(len(group), "edition"))

    async def _remember(
        self, group: Sequence[Due], planned: dict[IssueKey, IssueEditions], key: IssueKey
    ) -> Memories:
        """Return what the places of subscriptions with the same issue were shown of it."""
        first = group[0]
        async with self._database.reading(first.viewer) as connection:
            if key not in planned:
                planned[key] = IssueEditions(
                    await connection.run(prepare_issue, first.subscription, first.window)
                )
            places = [due.subscription.channel_id for due in group]
            memories = await connection.run(planned[key].issue.memories, places)
        return {due: memories.get(due.subscription.channel_id, frozenset()) for due in group}

    async def _plan_issue(self, known: Mapping[Due, Known], now: datetime, prepared: IssueEditions) -> int:
        """Plan for subscriptions that differ only in what their places know."""
        built = await asyncio.to_thread(build, prepared.issue, set(known.values()) - prepared.editions.keys())
        async with self._database.transaction() as connection:
            stored = {
                each: await store_edition(connection, edition, content)
                for each, (edition, content) in built.items()
            }
            editions = prepared.editions | stored
            owed = await owe(connection, {due: editions[each] for due, each in known.items()}, now)
        prepared.editions = editions
        return owed


def _share(memories: Memories, planned: Mapping[IssueKey, IssueEditions]) -> Memories:
    """Return what places know, with what others of their digests are to show, where they have several."""
    by_place: defaultdict[int, list[Due]] = defaultdict(list)
    for due in sorted(memories, key=lambda each: each.subscription.id):
        by_place[due.subscription.channel_id].append(due)
    shared: Memories = {}
    for together in by_place.values():
        if len(together) > 1:
            rivals = [Rival(planned[key_of(due)].issue, memories[due]) for due in together]
            for due, shown in zip(together, share(rivals), strict=True):
                shared[due] = memories[due] | shown
    return shared


def _times(subscription: Subscription, now: datetime) -> tuple[datetime, datetime, str, datetime]:
    """Return the last issue time but one by now, the last one, its local date, and the next one."""
    timetable = timetable_of(subscription.options)
    issue_at = timetable.last_by(now)
    date = timetable.local_date(issue_at).isoformat()
    return timetable.previous(now), issue_at, date, timetable.next_after(now)
