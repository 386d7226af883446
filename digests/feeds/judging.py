"""What articles of feeds are judged by: kept while it stays the same, and applied anew when it changes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from time import perf_counter
from typing import NamedTuple

from digests.feeds.entries import Entry
from digests.feeds.records import Judged, Judgement, judged, record_of
from digests.stories.ingest import store, tidy
from digests.stories.topics import TopicMatcher
from digests.text import slugify
from storage import entries, feeds, judging, outlets, topics
from storage.engine import Connection, Database, ReadConnection
from storage.entries import StoredEntry
from storage.feeds import FeedOptions
from storage.judging import Pending
from storage.models import Provider, Record

# Seconds that a step should hold the write lock.
STEP = 0.05
FIRST, FEWEST, MOST = 50, 5, 500  # entries of a step
MOST_CHANGED = 50  # of these, as storing costs most


class Judge:
    """Keeps what articles are judged by, as long as nobody changes it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: Judgement | None = None

    def judgement(self, reader: ReadConnection) -> Judgement:
        """Return what articles are judged by just now."""
        version = judging.version(reader)
        kept = self._kept
        if kept is None or kept.version != version:
            described = topics.described(reader)
            kept = Judgement(
                TopicMatcher(described, topics.in_excerpts(reader)),
                outlets.given_levels(reader),
                outlets.learned_levels(reader),
                version,
            )
            self._kept = kept
        return kept

    @asynccontextmanager
    async def judging(self) -> AsyncIterator[tuple[Connection, Judgement]]:
        """Open a transaction, with what articles are judged by in it; what that takes is read before."""
        while True:
            async with self._database.reading() as reading:
                by = await reading.run(self.judgement)
            async with self._database.transaction() as connection:
                if await connection.run(judging.version) == by.version:
                    yield connection, by
                    return


async def judge_pending(
    database: Database,
    judge: Judge,
    clock: Callable[[], datetime],
    *,
    on_progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Judge the entries anew that are to be, and return how many articles changed.

    It goes in steps between which others write, and can be broken off at any moment: it goes on from there,
    here or in another process. `on_progress` hears how many were looked at.
    """
    most, looked_at, changed = FIRST, 0, 0
    while await _is_pending(database):
        async with judge.judging() as (connection, by):
            started = perf_counter()
            done = await _step(connection, by, most, clock())
        took = perf_counter() - started
        most = max(FEWEST, min(MOST, int(most * STEP / took)))
        looked_at, changed = looked_at + done.looked_at, changed + done.changed
        on_progress(looked_at)
        await asyncio.sleep(took)  # others have their turn
    if changed:
        await tidy(database)
    return changed


class _Done(NamedTuple):
    """How many entries a step looked at, and how many of them it changed."""

    looked_at: int = 0
    changed: int = 0


async def _is_pending(database: Database) -> bool:
    async with database.reading() as connection:
        return await connection.run(judging.pending) is not None


async def _step(connection: Connection, by: Judgement, most: int, now: datetime) -> _Done:
    """Judge the next entries anew, up to `most`, and note how far that got, in the open transaction."""
    todo = await connection.run(judging.pending)
    if todo is None:
        return _Done()  # another process did it
    found, records = await connection.run(_judged_anew, todo, most, by)
    is_last = len(found) < most and len(records) < MOST_CHANGED
    await judging.go_on(connection, todo.feed_id, None if is_last else found[-1])
    if records:  # last: a topic that is new lets all be judged anew
        await store(connection, records, {}, (), now)
    return _Done(len(found), len(records))


def explained(reader: ReadConnection, article_ids: Iterable[int], by: Judgement) -> dict[int, Judged]:
    """Return why articles of feeds have their topics and quality, by id; seeds' have theirs from seeds."""
    found = entries.speaking_for(reader, article_ids)
    options = feeds.options_of(reader, {each.feed_id for each in found.values()})
    known = {id_: each for id_, each in found.items() if each.feed_id in options}
    return {id_: _judged(each, options[each.feed_id], by) for id_, each in known.items()}


def _judged_anew(
    reader: ReadConnection, todo: Pending, most: int, by: Judgement
) -> tuple[list[int], list[Record]]:
    """Return the ids of the next entries, and the records of those that are judged otherwise now.

    Entries of a feed that is gone stay as they are: what it gave them is not known any more.
    """
    found = entries.stored(reader, todo.after, most, todo.feed_id or None)
    options = feeds.options_of(reader, {each.feed_id for _, each in found})
    tags = entries.topics_of(reader, [each.key for _, each in found])
    looked_at: list[int] = []
    records: list[Record] = []
    for id_, each in found:
        if len(records) == MOST_CHANGED:
            break
        looked_at.append(id_)
        if each.feed_id in options:
            why = _judged(each, options[each.feed_id], by)
            names, quality = why.topics, why.estimate.quality
            if quality != each.quality or set(map(slugify, names)) != tags[each.key]:
                outlet = Provider(each.outlet, each.domain)
                records.append(record_of(each.key, _entry(each), outlet, each.published_at, names, quality))
    return looked_at, records


def _judged(stored: StoredEntry, given: FeedOptions, by: Judgement) -> Judged:
    outlet = Provider(stored.outlet, stored.domain)
    return judged(_entry(stored), outlet, given.topics, given.quality, by)


def _entry(stored: StoredEntry) -> Entry:
    return Entry(
        "",
        stored.url,
        stored.title,
        stored.excerpt,
        image_url=stored.image_url or "",
        image_width=stored.image_width,
    )
