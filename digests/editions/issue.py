"""Issues: what subscriptions to one topic with the same window and options have in common."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from digests.editions.edition import LATE_NEWS, Candidate, Edition, Options, Window, choose, judge
from digests.editions.timetable import Timetable, parse_time, zone_names
from digests.errors import LostZoneError
from storage import memory, stories
from storage.models import Shown, Subscription
from storage.sqlite.database import Connection


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
        return await memory.recall(
            connection,
            subscription_ids,
            [candidate.coverage.story_id for candidate in self.candidates],
            [article_id for candidate in self.candidates for article_id in candidate.article_ids],
        )


async def prepare_issue(connection: Connection, subscription: Subscription, issue_at: datetime) -> Issue:
    """Judge everything that a subscription's edition may hold at `issue_at`."""
    window, options = Window(subscription.covered_to, issue_at), options_of(subscription)
    topic_id, since = subscription.topic.id, window.since - LATE_NEWS
    found = await connection.run(stories.candidates, topic_id, since, window.until)
    candidates = await asyncio.to_thread(judge, found, window, options)
    return Issue(subscription.topic.name, window, options, candidates)


async def edition_at(connection: Connection, subscription: Subscription, issue_at: datetime) -> Edition:
    """Return what a subscription's edition would hold at `issue_at`, of what is known now."""
    issue = await prepare_issue(connection, subscription, issue_at)
    memories = await issue.memories(connection, [subscription.id])
    return issue.edition(memories.get(subscription.id, ()))


def shown_by(edition: Edition) -> list[Shown]:
    """Return what an edition adds to the memory of those who get it."""
    coverages = [choice.coverage for choice in edition.choices]
    return [Shown(coverage.story_id, coverage.pick.id, coverage.pick.quality) for coverage in coverages]


def options_of(subscription: Subscription) -> Options:
    """Return what a subscription asked of its editions."""
    return Options(subscription.stories, subscription.min_quality, subscription.muted)


def timetable_of(subscription: Subscription) -> Timetable:
    """Return when a subscription's editions are issued; raises LostZoneError where that can't be told.

    Another machine, or a later one, may not know the zone that was chosen.
    """
    zone = zone_names().get(subscription.zone.casefold())
    if zone is None:
        raise LostZoneError(subscription.zone)
    return Timetable(parse_time(subscription.issue_time), ZoneInfo(zone), subscription.days)
