"""What editions weigh: stories with their past, as of topics or of a search; for Connection.run()."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from storage.dialect import dialect_of
from storage.engine import ReadConnection
from storage.models import PastQuality, Story, from_epoch, to_epoch
from storage.search.terms import Terms, expression
from storage.stories import stories


def of_topics(
    reader: ReadConnection, topic_ids: Iterable[int], since: datetime, until: datetime
) -> list[Story]:
    """Return the stories of any of these topics with an article published from `since` up to `until`."""
    wanted = json.dumps(list(topic_ids))
    topics: defaultdict[int, set[int]] = defaultdict(set)
    for story_id, topic_id in reader.execute(
        "SELECT DISTINCT article.story_id, topic_id FROM article CROSS JOIN story_topic"
        " ON story_topic.story_id = article.story_id AND topic_id IN (SELECT value FROM json_each(?))"
        " WHERE mention_id IS NOT NULL AND published_at >= ? AND published_at <= ? ORDER BY 1",
        (wanted, to_epoch(since), to_epoch(until)),
    ):
        topics[story_id].add(topic_id)
    found = stories(reader, list(topics))
    tagged = {
        row[0]: from_epoch(row[1])
        for row in reader.execute(
            "SELECT article_id, min(since) FROM json_each(?) AS wanted CROSS JOIN article_topic"
            " ON article_id = wanted.value AND topic_id IN (SELECT value FROM json_each(?))"
            " GROUP BY article_id",
            (_article_ids(found), wanted),
        )
    }
    tied = [replace(story, topic_ids=frozenset(topics[story.id])) for story in found]
    return _with_past(reader, tied, tagged)


def of_search(reader: ReadConnection, terms: Terms, since: datetime, until: datetime) -> list[Story]:
    """Return the stories with an article that matches, published from `since` up to `until`."""
    engine = dialect_of(reader).search
    rows = reader.execute(
        "WITH hit AS MATERIALIZED (SELECT story_id, article.id, known_at, published_at"
        f" FROM {engine.matching} WHERE {engine.matches(':any')} AND NOT removed AND published_at <= :until)"
        " SELECT story_id, id, known_at FROM hit"
        " WHERE story_id IN (SELECT story_id FROM hit WHERE published_at >= :since)",
        {"any": expression(engine, terms), "since": to_epoch(since), "until": to_epoch(until)},
    ).fetchall()
    tagged = {article_id: from_epoch(known_at) for _, article_id, known_at in rows}
    return _with_past(reader, stories(reader, sorted({row[0] for row in rows})), tagged)


def left_out(reader: ReadConnection, found: Iterable[Story], topic_ids: Iterable[int]) -> list[Story]:
    """Return stories with those marked that have one of these topics."""
    rows = reader.execute(
        "SELECT DISTINCT story_id FROM story_topic WHERE topic_id IN (SELECT value FROM json_each(?))"
        " AND story_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(topic_ids)), json.dumps([story.id for story in found])),
    )
    marked = {row[0] for row in rows}
    return [replace(story, left_out=True) if story.id in marked else story for story in found]


def _with_past(reader: ReadConnection, found: Iterable[Story], tagged: Mapping[int, datetime]) -> list[Story]:
    """Return stories that say since when their articles belong here, and how good these were before."""
    past: defaultdict[int, list[PastQuality]] = defaultdict(list)
    for row in reader.execute(
        "SELECT article_id, quality, until FROM json_each(?) AS wanted CROSS JOIN past_quality"
        " ON article_id = wanted.value ORDER BY article_id, until",
        (_article_ids(found),),
    ):
        past[row[0]].append(PastQuality(row[1], from_epoch(row[2])))
    return [
        replace(
            story,
            articles=tuple(
                replace(each, past=tuple(past[each.id])) if each.id in past else each
                for each in story.articles
            ),
            tagged={each.id: tagged[each.id] for each in story.articles if each.id in tagged},
        )
        for story in found
    ]


def _article_ids(found: Iterable[Story]) -> str:
    return json.dumps([article.id for story in found for article in story.articles])
