"""Issues: what subscriptions to the same with the same window and options have in common."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digests.editions.candidates import Candidate, EditionOptions
from digests.editions.edition import Edition, choose
from digests.editions.timetable import Timetable, is_weekly, parse_time
from digests.editions.window import Window
from digests.errors import LostZoneError
from storage import memory
from storage.engine import ReadConnection
from storage.models import DigestOptions, Shown, Subject, Subscription


@dataclass(frozen=True, slots=True)
class Issue:
    """What every subscription to a subject with the same window and options has in common."""

    subject: Subject
    window: Window
    options: EditionOptions
    candidates: tuple[Candidate, ...]

    def edition(self, shown: frozenset[Shown]) -> Edition:
        """Return the edition for a place's memory."""
        return choose(self.subject, self.window, self.options, self.candidates, shown)

    def name_of(self, candidate: Candidate) -> str:
        """Return what a candidate is remembered to be shown for: its section's topic, or the search."""
        named = (topic.name for topic in self.subject.topics if topic.id == candidate.section)
        return next(named, self.subject.name)

    def memories(self, reader: ReadConnection, channel_ids: Iterable[int]) -> dict[int, frozenset[Shown]]:
        """Return what each place remembers of the candidates."""
        articles = {article_id for candidate in self.candidates for article_id in candidate.article_ids}
        return memory.recall(reader, channel_ids, articles)


def window_at(subscription: Subscription, issue_at: datetime) -> Window:
    """Return what an edition at `issue_at`, scheduled or by hand, is about; raises LostZoneError."""
    previous = timetable_of(subscription.options).previous(issue_at)
    weekly = is_weekly(subscription.options.days)
    return Window.following(subscription.covered_to, previous, issue_at, weekly=weekly)


def shown_by(edition: Edition) -> list[Shown]:
    """Return what an edition adds to the memory of the places that get it."""
    return [
        Shown(
            choice.article_ids,
            choice.coverage.pick.id,
            choice.coverage.pick.quality,
            choice.section.name if choice.section else edition.topic,
        )
        for choice in edition.choices
    ]


def edition_options(options: DigestOptions) -> EditionOptions:
    """Return what a digest's options ask of its editions."""
    weekly = is_weekly(options.days)
    return EditionOptions(options.stories, options.min_quality, options.muted, weekly, options.without)


def timetable_of(options: DigestOptions) -> Timetable:
    """Return when a digest's editions are issued; raises LostZoneError if that can't be told.

    Another machine, or a later one, may not know the zone that was chosen.
    """
    try:
        zone = ZoneInfo(options.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise LostZoneError(options.zone) from error
    return Timetable(parse_time(options.issue_time), zone, options.days)
