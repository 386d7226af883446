"""Storing records of any maker: articles, stories and topics follow from them."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain

from digests.stories.events import Events
from digests.stories.grouping import group
from digests.stories.identity import former_of, predecessor, variants
from digests.stories.reindex import renew_slugs
from digests.stories.summary import summarize
from digests.text import slugify
from storage import grouping, records, stories, topics
from storage.dialect import dialect_of
from storage.engine import Connection, Database
from storage.models import BATCH, Mention, Record, Summary, TopicDescription
from storage.search import languages, vocabulary

MERGE_FROM = 500  # records: as many at once leave the search index in parts that are worth merging


async def store(
    connection: Connection,
    said: Collection[Record],
    descriptions: Mapping[str, TopicDescription],
    gone: Collection[str],
    now: datetime,
    events: Events | None = None,
) -> None:
    """Store records and descriptions of topics, each in place of what its key held, in the open transaction.

    The records with the keys `gone` are deleted. Articles, stories, the search index and its vocabulary are
    brought in line. The work is that of what changes, and of the stories that it meets. `events` finds
    out of which event the articles tell that come by feed.
    """
    await renew_slugs(connection)
    await grouping.begin(connection)
    keys = [record.key for record in said]
    await grouping.touch_stories_of(connection, [*gone, *keys])
    before = await connection.run(records.mentions_of, [*gone, *keys])
    ids, new = await records.store_mentions(connection, {m.digest: m for r in said for m in r.mentions})
    await records.forget_records(connection, gone)
    await records.store_records(connection, said, ids)
    spellings = await _tag(connection, said)
    await topics.describe_topics(connection, descriptions)
    heirs = await _succeed(connection, said, before, ids)
    changed = {*chain.from_iterable(before.values()), *ids.values()}
    addresses = (each for mention in new for each in variants(mention.addresses[0]))
    tell = events.telling(connection, {ids[m.digest]: m for m in _of_feeds(said)}) if events else None
    regrouped = await group(connection, changed, addresses, heirs, now, tell)
    await grouping.touch_stories_of(connection, keys)
    await grouping.mark_withdrawn(connection, regrouped.articles)
    await grouping.tag_stories(connection, now)
    await topics.respell_topics(connection, spellings)
    await _summarize(connection)
    await vocabulary.learn(connection, new, afresh=len(said) >= MERGE_FROM)
    await languages.learn(connection, keys)
    if len(said) >= MERGE_FROM:
        await dialect_of(connection).search.tidy(connection)
    more = len(set(keys) - before.keys()) - len(before.keys() & set(gone) - set(keys))
    await records.count(connection, more, regrouped.more_stories, regrouped.more_articles)


async def regroup(connection: Connection, articles: Iterable[int], now: datetime) -> None:
    """Bring stories in line with what a person decided on articles, in the open transaction."""
    await grouping.begin(connection)
    mentions = await connection.run(grouping.mentions_of, articles)
    regrouped = await group(connection, mentions, (), {}, now)
    await grouping.tag_stories(connection, now)
    await _summarize(connection)
    await records.count(connection, 0, regrouped.more_stories, regrouped.more_articles)


def _of_feeds(said: Iterable[Record]) -> Iterator[Mention]:
    return (mention for record in said for mention in record.mentions if mention.own < 0)


async def tidy(database: Database) -> None:
    """Do what storing leaves for later, in steps between which others write; raises StorageError."""
    async with database.reading() as connection:
        letters = await connection.run(vocabulary.unpacked)
    for letter in letters:
        async with database.transaction() as connection:
            await vocabulary.pack(connection, letter)


async def _succeed(
    connection: Connection, said: Iterable[Record], before: Mapping[str, list[int]], ids: Mapping[bytes, int]
) -> dict[int, int]:
    """Note which mentions speak of an article whose address was corrected; returns its id, by mention."""
    gained: dict[int, tuple[Mention, list[int]]] = {}
    for record in said:
        if record.key in before:
            held = {ids[mention.digest]: mention for mention in record.mentions}
            lost = [id_ for id_ in before[record.key] if id_ not in held]
            if lost:
                gained |= {id_: (held[id_], lost) for id_ in held.keys() - set(before[record.key])}
    told = await connection.run(records.said, set(chain.from_iterable(lost for _, lost in gained.values())))
    former: dict[int, list[tuple[str, str]]] = {}
    heirs: dict[int, int] = {}
    for id_, (mention, lost) in gained.items():
        old = predecessor([told[each] for each in lost], mention)
        if old and old.article_id is not None:
            heirs[id_] = old.article_id
            if had := former_of(old, mention):
                former[id_] = had
    await records.note_former(connection, former)
    return heirs


async def _summarize(connection: Connection) -> None:
    """Store what lists need of the touched stories."""
    summaries: list[Summary] = []
    touched = await connection.run(grouping.touched_stories)
    for start in range(0, len(touched), BATCH):
        found = await connection.run(stories.stories, touched[start : start + BATCH])
        summaries += await asyncio.to_thread(summarize, found)
    await grouping.write_summaries(connection, summaries)


async def _tag(connection: Connection, said: Iterable[Record]) -> Counter[tuple[str, str]]:
    """Store which topics records carry; returns how many spell each how, by slug and name."""
    slugs = {name: slugify(name) for name in {name for record in said for name in record.topics}}
    tags = {(record.key, slugs[name]): name for record in said for name in record.topics}
    await topics.store_topics(connection, {slug: name for (_, slug), name in reversed(tags.items())})
    await topics.tag_records(connection, tags)
    return Counter((slug, name) for (_, slug), name in tags.items())
