"""Issues: what subscriptions to one topic with the same window and options have in common."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digests.editions.candidates import Candidate, EditionOptions, judge
from digests.editions.edition import Edition, choose
from digests.editions.excerpts import without_boilerplate
from digests.editions.timetable import Timetable, parse_time
from digests.editions.window import LATE_NEWS, Window
from digests.errors import LostZoneError
from storage import memory, stories
from storage.engine import ReadConnection
from storage.models import DigestOptions, Shown, Subscription


@dataclass(frozen=True, slots=True)
class Issue:
    """What every subscription to a topic with the same window and options has in common."""

    topic: str
    window: Window
    options: EditionOptions
    candidates: tuple[Candidate, ...]

    def edition(self, shown: frozenset[Shown]) -> Edition:
        """Return the edition for a place's memory."""
        return choose(self.topic, self.window, self.options, self.candidates, shown)

    def memories(self, reader: ReadConnection, channel_ids: Iterable[int]) -> dict[int, frozenset[Shown]]:
        """Return what each place remembers of the candidates."""
        articles = {article_id for candidate in self.candidates for article_id in candidate.article_ids}
        return memory.recall(reader, channel_ids, articles)


def prepare_issue(reader: ReadConnection, subscription: Subscription, window: Window) -> Issue:
    """Judge everything that a subscription's edition of `window` may hold."""
    options = edition_options(subscription.options)
    topic_id, since = subscription.topic.id, window.since - LATE_NEWS
    found = stories.candidates(reader, topic_id, since, window.until)
    candidates = without_boilerplate(reader, judge(found, window, options))
    return Issue(subscription.topic.name, window, options, candidates)


def edition_at(reader: ReadConnection, subscription: Subscription, issue_at: datetime) -> Edition:
    """Return what a subscription's edition would hold at `issue_at`, of what is known now."""
    issue = prepare_issue(reader, subscription, window_at(subscription, issue_at))
    memories = issue.memories(reader, [subscription.channel_id])
    return issue.edition(memories.get(subscription.channel_id, frozenset()))


def window_at(subscription: Subscription, issue_at: datetime) -> Window:
    """Return what an edition at `issue_at`, scheduled or by hand, is about; raises LostZoneError."""
    previous = timetable_of(subscription.options).previous(issue_at)
    return Window.following(subscription.covered_to, previous, issue_at)


def shown_by(edition: Edition) -> list[Shown]:
    """Return what an edition adds to the memory of the places that get it."""
    picks = [(choice.article_ids, choice.coverage.pick) for choice in edition.choices]
    return [Shown(article_ids, pick.id, pick.quality, edition.topic) for article_ids, pick in picks]


def edition_options(options: DigestOptions) -> EditionOptions:
    """Return what a digest's options ask of its editions."""
    return EditionOptions(options.stories, options.min_quality, options.muted)


def timetable_of(options: DigestOptions) -> Timetable:
    """Return when a digest's editions are issued; raises LostZoneError if that can't be told.

    Another machine, or a later one, may not know the zone that was chosen.
    """
    try:
        zone = ZoneInfo(options.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise LostZoneError(options.zone) from error
    return Timetable(parse_time(options.issue_time), zone, options.days)
