"""What articles of feeds are judged by: kept while it stays the same, and applied anew when it changes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
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

STEP = 0.04  # seconds that one should take; it holds the write lock for a part of them
FIRST, FEWEST, MOST = 20, 5, 500  # entries of a step
MOST_CHANGED = 25  # of these, as storing costs most


class Judge:
    """Keeps what articles are judged by, as long as nobody changes it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: Judgement | None = None

    def judgement(self, reader: ReadConnection) -> Judgement:
        """Return what articles are judged by just now."""
        kept = self._kept
        if kept is None or kept.version != judging.version(reader):
            self._kept = kept = read_judgement(reader)
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


def read_judgement(reader: ReadConnection) -> Judgement:
    """Read what articles are judged by just now."""
    return Judgement(
        TopicMatcher(topics.described(reader), topics.in_excerpts(reader)),
        outlets.given_levels(reader),
        outlets.learned_levels(reader),
        judging.version(reader),
    )


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
    while True:
        started = perf_counter()
        async with database.reading() as connection:
            todo = await connection.run(judging.pending)
            if todo is None:
                break
            by = await connection.run(judge.judgement)
            seen = await connection.run(_look_at, todo, most, by)
        async with database.transaction() as connection:
            changed += await _follow(connection, todo, seen, by, clock())
        took = perf_counter() - started
        most = max(FEWEST, min(MOST, int(most * STEP / took)))
        looked_at += len(seen.ids)
        on_progress(looked_at)
        await asyncio.sleep(took)  # others have their turn
    if changed:
        await tidy(database)
    return changed


class _Seen(NamedTuple):
    """The entries that a step looked at, and those of them that are judged otherwise now."""

    ids: Sequence[int]
    changed: Sequence[int]
    is_last: bool


def _look_at(reader: ReadConnection, todo: Pending, most: int, by: Judgement) -> _Seen:
    """Look at the next entries, up to `most`, or to MOST_CHANGED that change."""
    found = entries.stored(reader, todo.after, most, todo.feed_id or None)
    changed = _judged_otherwise(reader, found, by)[:MOST_CHANGED]
    if len(changed) < MOST_CHANGED:
        return _Seen([id_ for id_, _ in found], [id_ for id_, _ in changed], len(found) < most)
    ids = [id_ for id_, _ in changed]
    return _Seen([id_ for id_, _ in found if id_ <= ids[-1]], ids, is_last=False)


async def _follow(connection: Connection, todo: Pending, seen: _Seen, by: Judgement, now: datetime) -> int:
    """Store how entries are judged now, and how far that got; returns how many changed.

    If another process was quicker, or what counts has changed meanwhile, nothing is stored.
    """
    if await connection.run(judging.pending) != todo or await connection.run(judging.version) != by.version:
        return 0
    found = await connection.run(entries.stored_of, seen.changed)
    records = [record for _, record in await connection.run(_judged_otherwise, found, by)]
    await judging.go_on(connection, todo.feed_id, None if seen.is_last else seen.ids[-1])
    if records:  # last: a topic that is new lets all be judged anew
        await store(connection, records, {}, (), now)
    return len(records)


def explained(reader: ReadConnection, article_ids: Iterable[int], by: Judgement) -> dict[int, Judged]:
    """Return why articles of feeds have their topics and quality, by id; seeds' have theirs from seeds."""
    found = entries.speaking_for(reader, article_ids)
    options = feeds.options_of(reader, {each.feed_id for each in found.values()})
    known = {id_: each for id_, each in found.items() if each.feed_id in options}
    return {id_: _judged(each, options[each.feed_id], by) for id_, each in known.items()}


def _judged_otherwise(
    reader: ReadConnection, found: Sequence[tuple[int, StoredEntry]], by: Judgement
) -> list[tuple[int, Record]]:
    """Return the records of those entries that are judged otherwise now, by the entries' ids.

    Entries of a feed that is gone stay as they are: what it gave them is not known any more.
    """
    options = feeds.options_of(reader, {each.feed_id for _, each in found})
    tags = entries.topics_of(reader, [each.key for _, each in found])
    records = []
    for id_, each in found:
        if each.feed_id in options:
            why = _judged(each, options[each.feed_id], by)
            names, quality = why.topics, why.estimate.quality
            if quality != each.quality or set(map(slugify, names)) != tags[each.key]:
                outlet = Provider(each.outlet, each.domain)
                record = record_of(each.key, _entry(each), outlet, each.published_at, names, quality)
                records.append((id_, record))
    return records


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
