"""Connected components whose ids survive: mentions into articles, articles into stories."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain, count
from typing import NamedTuple

from storage import grouping
from storage.engine import Connection
from storage.grouping import MentionKey


class Group(NamedTuple):
    """Members that belong together; `id` is None for a new group, `absorbed` are ids merged into it."""

    id: int | None
    members: tuple[int, ...]
    absorbed: tuple[int, ...] = ()


def regroup(links: Iterable[Iterable[int]], previous: Mapping[int, int]) -> list[Group]:
    """Return the connected components of `links`, each link tying its members together.

    `previous` tells in which group a member was. A merge keeps the oldest (lowest) id; of a group
    that splits, the part with most of its members keeps the id, or the one with the lowest member.
    The outcome doesn't depend on the order of links or members.
    """
    components = _components(links)
    heirs = _heirs(components, previous)
    won: defaultdict[int, list[int]] = defaultdict(list)
    for old_id, position in sorted(heirs.items()):
        won[position].append(old_id)
    groups = []
    for position, members in enumerate(components):
        ids = won.get(position, [])
        groups.append(Group(ids[0] if ids else None, tuple(members), tuple(ids[1:])))
    return groups


def _components(links: Iterable[Iterable[int]]) -> list[list[int]]:
    """Return the connected components, each in order, and in the order of their lowest members."""
    parent: dict[int, int] = {}

    def root(member: int) -> int:
        top = member
        while parent[top] != top:
            top = parent[top]
        while parent[member] != top:
            parent[member], member = top, parent[member]
        return top

    for link in links:
        first: int | None = None
        for member in link:
            if parent.setdefault(member, member) == first:
                continue  # the usual: most links repeat what others tied already
            if first is None:
                first = root(member)
            elif (other := root(member)) != first:
                first, other = min(first, other), max(first, other)
                parent[other] = first
    found: defaultdict[int, list[int]] = defaultdict(list)
    for member in sorted(parent):  # a parent is lower, so it has its root by then
        parent[member] = parent[parent[member]]
        found[parent[member]].append(member)
    return list(found.values())


def _heirs(components: list[list[int]], previous: Mapping[int, int]) -> dict[int, int]:
    """Return for each old id the position of the component that inherits it."""
    heirs: dict[int, int] = {}
    most: dict[int, int] = {}
    for position, members in enumerate(components):
        sizes: dict[int, int] = {}
        for member in members:
            if (old_id := previous.get(member)) is not None:
                sizes[old_id] = sizes.get(old_id, 0) + 1
        for old_id, size in sizes.items():
            # Components come in the order of their lowest member, so the first of equals stays.
            if size > most.get(old_id, 0):
                heirs[old_id], most[old_id] = position, size
    return heirs


async def group(connection: Connection, now: datetime) -> None:
    """Group the stored mentions into articles, and the articles into stories, in the open transaction."""
    last_article, last_story = await connection.run(grouping.last_ids)
    records = await connection.run(grouping.record_mentions)
    keys = {key.id: key for key in await connection.run(grouping.mention_keys)}
    articles = await _group_mentions(connection, records, keys, count(last_article + 1))
    before, origins = await connection.run(grouping.stories_of_articles)
    stories = await _group_articles(connection, records, articles, origins, count(last_story + 1))
    worded = [
        (article, stories[article], mention, keys[mention].addresses[0])
        for article, mention in await connection.run(grouping.find_changed_articles)
    ]
    await grouping.write_articles(connection, worded, now)
    moved = {article: story for article, story in stories.items() if before.get(article, story) != story}
    await grouping.move_articles(connection, moved)
    await grouping.hide_orphaned_articles(connection)
    await grouping.delete_orphaned_mentions(connection)


async def _group_mentions(
    connection: Connection, records: list[list[int]], keys: Mapping[int, MentionKey], new_ids: Iterator[int]
) -> dict[int, int]:
    """Return the article of each mention: those that share an address speak of one."""
    made = set(chain.from_iterable(records))
    before = {key.id: key.article_id for key in keys.values()}
    # Mentions that no record makes any more are untied first: what they alone spoke of falls silent.
    unmade = dict.fromkeys(before.keys() - made)
    await grouping.assign_articles(connection, unmade, map(before.__getitem__, unmade))
    silent = await connection.run(grouping.silent_articles)
    groups = await asyncio.to_thread(_group_by_address, made, keys)
    articles: dict[int, int] = {}
    for found in groups:
        article = found.id
        if article is None:  # an article that was gone keeps its id when it returns
            addresses = (address for member in found.members for address in keys[member].addresses)
            article = next((silent.pop(address) for address in addresses if address in silent), None)
        articles |= dict.fromkeys(found.members, next(new_ids) if article is None else article)
    tied = {mention: article for mention, article in articles.items() if before[mention] != article}
    await grouping.assign_articles(connection, tied, map(before.__getitem__, tied))
    return articles


def _group_by_address(mentions: Iterable[int], keys: Mapping[int, MentionKey]) -> list[Group]:
    previous = {mention: old for mention in mentions if (old := keys[mention].article_id) is not None}
    first: dict[int, int] = {}  # mention that has an address, by address
    links = (
        [mention, *(first.setdefault(key, mention) for key in keys[mention].addresses)]
        for mention in mentions
    )
    return regroup(links, previous)


async def _group_articles(
    connection: Connection,
    records: list[list[int]],
    articles: Mapping[int, int],
    origins: Mapping[int, int],
    new_ids: Iterator[int],
) -> dict[int, int]:
    """Return the story of each article: those that one record speaks of tell one.

    They are grouped by the stories that they came with, not by those that they are in, so that each part
    gets its own id back if a merge is undone.
    """
    heirs = await connection.run(grouping.heirs)
    links = ([articles[mention] for mention in record] for record in records)
    stories: dict[int, int] = {}
    absorbed: dict[int, int] = {}
    new: dict[int, int] = {}
    for found in await asyncio.to_thread(regroup, links, origins):
        story = next(new_ids) if found.id is None else found.id
        stories |= dict.fromkeys(found.members, story)
        absorbed |= dict.fromkeys(found.absorbed, story)
        if found.id is None:
            new |= dict.fromkeys(found.members, story)
    await grouping.add_stories(connection, dict.fromkeys(new.values()))
    await grouping.reset_origins(
        connection, {article: new[article] for article in new.keys() & origins.keys()}
    )
    await grouping.unmerge_stories(connection, heirs.keys() & set(stories.values()))
    changed = {old: heir for old, heir in absorbed.items() if heirs.get(old) != heir}
    await grouping.merge_stories(connection, changed)
    return stories
