"""Editions to look at: what a new subscription would get, and what was delivered."""

from datetime import date, datetime

from digests.editions.candidates import EditionOptions, judge
from digests.editions.edition import Edition, choose
from digests.editions.excerpts import without_boilerplate
from digests.editions.sections import place
from digests.editions.window import LATE_NEWS, Window
from digests.errors import (
    EditionForgottenError,
    FutureDayError,
    NoStoriesError,
)
from storage import candidates, editions, stories
from storage.engine import ReadConnection
from storage.models import Delivery, Subject

MAX_DAYS = 31


def preview_edition(
    reader: ReadConnection,
    subject: Subject,
    when: date | datetime | None,
    days: int,
    options: EditionOptions,
    now: datetime,
) -> Edition:
    """Return the edition of the `days` up to `when`; without it, up to the topics' newest day.

    What is published after `now` doesn't exist yet. Raises NoStoriesError where the topics have none, and
    FutureDayError where the window lies ahead.
    """
    window = Window.ending(when or _newest_day(reader, subject, now), days)
    if window.since >= now:
        raise FutureDayError
    return edition_of_window(reader, subject, window.by(now), options)


def edition_of_window(
    reader: ReadConnection, subject: Subject, window: Window, options: EditionOptions
) -> Edition:
    """Return the edition that a new subscription to the topics of `subject` would get for `window`."""
    found = candidates.of_topics(reader, subject.topic_ids, window.since - LATE_NEWS, window.until)
    judged = without_boilerplate(reader, judge(found, window, options))
    return choose(subject, window, options, place(judged, subject.topic_ids))


def delivered_edition(reader: ReadConnection, delivery: Delivery) -> Edition:
    """Return what a delivery brought; raises EditionForgottenError if that isn't kept any more.

    What was withdrawn since is ruled so.
    """
    edition = read_edition(reader, delivery)
    if edition is None:
        raise EditionForgottenError
    titles = [(ruling.story_id, ruling.title) for ruling in edition.rulings]
    return edition.with_taken_back(stories.taken_back(reader, titles))


def _newest_day(reader: ReadConnection, subject: Subject, now: datetime) -> date:
    newest = stories.newest_picks(reader, subject.topic_ids, now)
    if not newest:
        raise NoStoriesError(subject.name)
    return max(newest.values()).date()


def read_edition(reader: ReadConnection, delivery: Delivery) -> Edition | None:
    """Return what a delivery was or is to bring; None where nothing was owed."""
    content = editions.get(reader, delivery.edition_id) if delivery.edition_id else None
    return Edition.from_json(content) if content else None
