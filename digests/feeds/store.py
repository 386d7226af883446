"""What checks found becomes records, and each feed is told when it is checked next."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import sleep
from typing import Any

from digests.feeds.addresses import host_of
from digests.feeds.check import Check
from digests.feeds.entries import ReadFeed
from digests.feeds.identity import Identified, identify, keyed, published_at
from digests.feeds.outlets import Outlets, domain_of
from digests.feeds.poll import PERIOD, interval, next_check, retry_interval
from digests.feeds.problems import FeedProblem
from digests.feeds.records import Judged, Judgement, judged, record_of, without_boilerplate
from digests.stories.events import Events
from digests.stories.ingest import store
from storage import entries, feeds, outlets
from storage.engine import Connection, ReadConnection
from storage.entries import SeenEntry
from storage.feeds import Feed
from storage.models import Record

NAP = 0.0005  # seconds of each pause before a feed while lookups run
NAPS = 10  # and how often
MOVED_FOR = timedelta(days=7)  # after which a permanent redirect is believed


@dataclass(frozen=True, slots=True)
class Stored:
    """What came of checks: entries read, records that are new, records that say something else now."""

    entries: int = 0
    added: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A feed's entries, and the records of those that are new or changed, as they were judged."""

    feed: Feed
    entries: Sequence[tuple[SeenEntry, int]]
    judged: Sequence[tuple[Record, Judged]]
    added: int

    @property
    def records(self) -> list[Record]:
        """The records of the entries that are new or changed."""
        return [record for record, _ in self.judged]


async def store_checks(
    connection: Connection,
    checks: Sequence[Check],
    by: Judgement,
    now: datetime,
    events: Events,
    is_read: Callable[[], bool] = lambda: False,
) -> Stored:
    """Store what checks found, in the open transaction; `is_read` says whether anybody is reading now."""
    prepared = await connection.run(_prepare, checks, by, now, is_read)
    open_ = [record for each in prepared if not each.feed.options.servers for record in each.records]
    limited = [record for each in prepared if each.feed.options.servers for record in each.records]
    if open_:
        await store(connection, open_, {}, (), now, events)
    if limited:  # a story that shows everywhere must not depend on what doesn't
        await store(connection, limited, {}, (), now)
    await entries.note_seen(connection, [(each.feed.id, each.entries) for each in prepared], now)
    # What was there when a feed was added is nothing new.
    first = [record.key for each in prepared if each.feed.read_at is None for record in each.records]
    await entries.know_since_published(connection, first, now)
    await feeds.note_checks(connection, await connection.run(_outcomes, checks, now))
    for check in checks:
        if check.error and check.error.problem is FeedProblem.TOO_MANY and check.error.retry_after:
            await feeds.hold_host(connection, check.feed.host, now + check.error.retry_after)
    added = sum(each.added for each in prepared)
    changed = len(open_) + len(limited) - added
    return Stored(sum(len(each.entries) for each in prepared), added, changed)


def _prepare(
    reader: ReadConnection,
    checks: Iterable[Check],
    by: Judgement,
    now: datetime,
    is_read: Callable[[], bool],
) -> list[_Prepared]:
    """Return the records of what is new or changed; in the connection's thread, for it takes a while.

    Python runs one thread at a time, so lookups go first.
    """
    prepared = []
    for check in checks:
        if check.read is not None:
            for _ in range(NAPS):
                if not is_read():
                    break
                sleep(NAP)
            prepared.append(_prepare_one(reader, check.feed, check.read, by, now))
    return prepared


def preview_records(
    reader: ReadConnection, feed: Feed, read: ReadFeed, by: Judgement, now: datetime
) -> Sequence[tuple[Record, Judged]]:
    """Return the records of what a feed holds, as they would be judged, stored nowhere."""
    return _prepare_one(reader, feed, read, by, now).judged


def _prepare_one(
    reader: ReadConnection, feed: Feed, read: ReadFeed, by: Judgement, now: datetime
) -> _Prepared:
    leading = keyed(entry for entry in read.entries if entry.url)
    found = identify(feed.id, leading, entries.like(reader, feed.id, [keys for _, keys in leading]))
    wanted = [each for each in found if each.before is None or each.is_changed]
    seen = []
    for each in found:
        dated = each.entry.published is not None
        at = published_at(each.entry, each.before, now)
        seen.append((SeenEntry(each.key, each.keys, dated, at), each.entry.image_width))
    prepared = list(_records(reader, feed, read, found, by, now)) if wanted else []
    return _Prepared(feed, seen, prepared, sum(each.before is None for each in wanted))


def _records(
    reader: ReadConnection,
    feed: Feed,
    read: ReadFeed,
    found: Sequence[Identified],
    by: Judgement,
    now: datetime,
) -> Iterator[tuple[Record, Judged]]:
    """Yield the records of the entries that are new or changed, as they were judged."""
    given = [each.entry for each in found]
    known = entries.titles_by_excerpt(reader, feed.id, {each.keys.excerpt for each in found})
    spoken = without_boilerplate(((each.entry, each.keys) for each in found), read.description, known)
    domains = {domain_of(url) for entry in given for url in (entry.url, entry.outlet_url)}
    names = outlets.names_by_domain(reader, domains | {domain_of(read.site), domain_of(feed.url)})
    whose = Outlets(feed.options.name or read.title, read.site, feed.url, given, names)
    tags = feed.options.topics or (() if feed.options.general else (own_topic(feed, read),))
    moved = [each.key for each in found if each.before and each.before.keys.address != each.keys.address]
    former = entries.urls_of(reader, moved)
    for each, entry in zip(found, spoken, strict=True):
        if each.before is None or each.is_changed:
            outlet = whose.outlet_of(entry)
            why = judged(entry, outlet, tags, feed.options.quality, by)
            at, quality = published_at(entry, each.before, now), why.estimate.quality
            yield record_of(each.key, entry, outlet, at, why.topics, quality, former.get(each.key)), why


def own_topic(feed: Feed, read: ReadFeed) -> str:
    """Return the name of the topic of a feed that the operator gives none."""
    return feed.options.name or read.title or feed.host


def _outcomes(
    reader: ReadConnection, checks: Iterable[Check], now: datetime
) -> list[tuple[int, dict[str, Any]]]:
    """Return what to note of each check."""
    load = feeds.checks_by_minute(reader)
    outcomes = []
    for check in checks:
        feed = check.feed
        if check.error:
            changed = _failure(check, now)
            wait = retry_interval(feed.failures + 1)
            at_least = max(check.error.retry_after or timedelta(), wait)
        else:
            changed = _success(reader, check, now)
            wait = interval(entries.count_since(reader, feed.id, now - PERIOD))
            fresh = check.document.fresh_for if check.document else timedelta()
            at_least = max(fresh, timedelta(seconds=changed.get("ttl", feed.ttl)))
        next_at = next_check(now, wait, at_least, load)
        outcomes.append((feed.id, changed | {"checked_at": now, "next_at": next_at}))
    return outcomes


def _failure(check: Check, now: datetime) -> dict[str, Any]:
    error = check.error
    if error is None:
        return {}
    return {
        "failures": check.feed.failures + 1,
        "failing_since": check.feed.failing_since or now,
        "problem": error.stored,
        "ended_at": now if error.problem is FeedProblem.GONE else None,
    }


def _success(reader: ReadConnection, check: Check, now: datetime) -> dict[str, Any]:
    document, read, feed = check.document, check.read, check.feed
    changed: dict[str, Any] = {
        "succeeded_at": now, "failures": 0, "failing_since": None, "problem": None, "notified": False,
    }  # fmt: skip
    if document is not None:
        changed |= _moved(reader, feed, document.moved_to, now)
        if check.digest is not None:
            said = document.validators
            changed |= {"etag": said.etag, "modified": said.modified, "digest": check.digest}
    if read is not None:
        changed |= {
            "read_at": now, "title": read.title, "site": read.site, "description": read.description,
            "spoken": read.language, "ttl": read.ttl,
        }  # fmt: skip
        if not (feed.options.topics or feed.options.general):
            changed["topics"] = json.dumps([own_topic(feed, read)], ensure_ascii=False)
    return changed


def _moved(reader: ReadConnection, feed: Feed, moved_to: str | None, now: datetime) -> dict[str, Any]:
    """Return what to note of a permanent redirect: a feed moves after it has held for a week."""
    if moved_to is None or moved_to == feed.url:
        return {"moved_to": None, "moved_since": None}
    since = feed.moved_since if feed.moved_to == moved_to else None
    if since is None or now - since < MOVED_FOR or feeds.by_url(reader, moved_to):
        return {"moved_to": moved_to, "moved_since": since or now}
    return {"url": moved_to, "host": host_of(moved_to), "moved_to": None, "moved_since": None}
