"""Editions to look at: what a new subscription would get, and what was delivered."""

import asyncio
from datetime import date, datetime

from digests.editions.edition import LATE_NEWS, Edition, Options, Window, build_edition
from digests.errors import EditionForgottenError, FutureDayError, NoStoriesError
from storage import editions, outbox, stories
from storage.models import Delivery, Topic
from storage.sqlite.database import Connection


async def preview_edition(
    connection: Connection,
    topic: Topic,
    when: date | datetime | None,
    days: int,
    options: Options,
    now: datetime,
) -> Edition:
    """Return the edition of the `days` up to `when`; without it, up to the topic's newest day.

    What is published after `now` doesn't exist yet. Raises NoStoriesError where the topic has none, and
    FutureDayError where the window lies ahead.
    """
    window = Window.ending(when or await _newest_day(connection, topic, now), days)
    if window.since >= now:
        raise FutureDayError
    return await edition_of_window(connection, topic, window.by(now), options)


async def edition_of_window(
    connection: Connection, topic: Topic, window: Window, options: Options
) -> Edition:
    """Return the edition that a new subscription to `topic` would get for `window`."""
    found = await connection.run(stories.candidates, topic.id, window.since - LATE_NEWS, window.until)
    return await asyncio.to_thread(build_edition, topic.name, found, window, options)


async def delivered_edition(connection: Connection, delivery_id: int) -> Edition:
    """Return what a delivery brought; raises EditionForgottenError where that isn't kept any more.

    What was withdrawn since is ruled so.
    """
    delivery = await outbox.get(connection, delivery_id)
    edition = await read_edition(connection, delivery) if delivery else None
    if edition is None:
        raise EditionForgottenError
    titles = [(ruling.story_id, ruling.title) for ruling in edition.rulings]
    return edition.with_taken_back(await connection.run(stories.taken_back, titles))


async def _newest_day(connection: Connection, topic: Topic, now: datetime) -> date:
    newest = await connection.run(stories.newest_pick, topic.id, now)
    if newest is None:
        raise NoStoriesError(topic.name)
    return newest.date()


async def read_edition(connection: Connection, delivery: Delivery) -> Edition | None:
    """Return what a delivery was or is to bring; None where nothing was owed."""
    content = await editions.get(connection, delivery.edition_id) if delivery.edition_id else None
    return Edition.from_json(content) if content else None
