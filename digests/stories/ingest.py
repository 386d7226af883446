"""Storing records of any maker: articles, stories and topics follow from them."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from digests.stories.grouping import group
from digests.stories.reindex import renew_slugs
from digests.stories.summary import summarize
from digests.text import slugify
from storage import grouping, seeds, stories, topics
from storage.engine import Connection
from storage.models import BATCH, Record, Summary, TopicDescription
from storage.search import entries, languages, vocabulary

MERGE_FROM = 500  # records: as many at once leave the search index in parts that are worth merging


async def store(
    connection: Connection,
    records: Collection[Record],
    descriptions: Mapping[str, TopicDescription],
    gone: Collection[str],
    now: datetime,
) -> None:
    """Store records and descriptions of topics, each in place of what its path held, in the open transaction.

    The records at the paths `gone` are deleted. Articles, stories, the search index and its vocabulary are
    brought in line.
    """
    await renew_slugs(connection)
    await grouping.begin(connection)
    await grouping.touch_stories_of(connection, [*gone, *(record.path for record in records)])
    await seeds.forget_records(connection, gone)
    new = await seeds.store_records(connection, records)
    await _tag(connection, records)
    await topics.describe_topics(connection, descriptions)
    await group(connection, now)
    await grouping.mark_withdrawn(connection)
    await grouping.tag_stories(connection, now)
    await _summarize(connection)
    await vocabulary.learn(connection, new, afresh=len(records) >= MERGE_FROM)
    await languages.learn(connection, [record.path for record in records])
    if len(records) >= MERGE_FROM:
        await entries.tidy(connection)


async def _summarize(connection: Connection) -> None:
    """Store what lists need of the touched stories."""
    summaries: list[Summary] = []
    touched = await connection.run(grouping.touched_stories)
    for start in range(0, len(touched), BATCH):
        found = await connection.run(stories.stories, touched[start : start + BATCH])
        summaries += await asyncio.to_thread(summarize, found)
    await grouping.write_summaries(connection, summaries)


async def _tag(connection: Connection, records: Iterable[Record]) -> None:
    """Store which topics records carry, each named as most of its records spell it."""
    slugs = {name: slugify(name) for name in {name for record in records for name in record.topics}}
    tags = {(record.path, slugs[name]): name for record in records for name in record.topics}
    await topics.store_topics(connection, {slug: name for (_, slug), name in reversed(tags.items())})
    await topics.tag_records(connection, tags)
    await topics.respell_topics(connection, Counter((slug, name) for (_, slug), name in tags.items()))
