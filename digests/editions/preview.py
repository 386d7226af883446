"""Editions to look at: what a new subscription would get, and what was delivered."""

from datetime import date, datetime

from digests.editions.candidates import EditionOptions, judge
from digests.editions.edition import Edition, choose
from digests.editions.excerpts import without_boilerplate
from digests.editions.window import LATE_NEWS, Window
from digests.errors import (
    EditionForgottenError,
    FutureDayError,
    NoStoriesError,
)
from storage import editions, stories
from storage.engine import ReadConnection
from storage.models import Delivery, Topic

MAX_DAYS = 31


def preview_edition(
    reader: ReadConnection,
    topic: Topic,
    when: date | datetime | None,
    days: int,
    options: EditionOptions,
    now: datetime,
) -> Edition:
    """Return the edition of the `days` up to `when`; without it, up to the topic's newest day.

    What is published after `now` doesn't exist yet. Raises NoStoriesError where the topic has none, and
    FutureDayError where the window lies ahead.
    """
    window = Window.ending(when or _newest_day(reader, topic, now), days)
    if window.since >= now:
        raise FutureDayError
    return edition_of_window(reader, topic, window.by(now), options)


def edition_of_window(
    reader: ReadConnection, topic: Topic, window: Window, options: EditionOptions
) -> Edition:
    """Return the edition that a new subscription to `topic` would get for `window`."""
    found = stories.candidates(reader, topic.id, window.since - LATE_NEWS, window.until)
    candidates = without_boilerplate(reader, judge(found, window, options))
    return choose(topic.name, window, options, candidates)


def delivered_edition(reader: ReadConnection, delivery: Delivery) -> Edition:
    """Return what a delivery brought; raises EditionForgottenError if that isn't kept any more.

    What was withdrawn since is ruled so.
    """
    edition = read_edition(reader, delivery)
    if edition is None:
        raise EditionForgottenError
    titles = [(ruling.story_id, ruling.title) for ruling in edition.rulings]
    return edition.with_taken_back(stories.taken_back(reader, titles))


def _newest_day(reader: ReadConnection, topic: Topic, now: datetime) -> date:
    newest = stories.newest_pick(reader, topic.id, now)
    if newest is None:
        raise NoStoriesError(topic.name)
    return newest.date()


def read_edition(reader: ReadConnection, delivery: Delivery) -> Edition | None:
    """Return what a delivery was or is to bring; None where nothing was owed."""
    content = editions.get(reader, delivery.edition_id) if delivery.edition_id else None
    return Edition.from_json(content) if content else None
