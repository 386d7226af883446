"""Connected components whose ids survive: mentions into articles, articles into stories."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain, count
from typing import NamedTuple

from digests.stories.identity import alike
from digests.stories.ties import of_seeds, ties
from storage import decisions, events, grouping, memory
from storage.engine import Connection
from storage.reach import Reach, Wording, reach, reach_events


class Group(NamedTuple):
    """Members that belong together; `id` is None for a new group, `absorbed` are ids merged into it."""

    id: int | None
    members: tuple[int, ...]
    absorbed: tuple[int, ...] = ()


def regroup(
    links: Iterable[Iterable[int]],
    previous: Mapping[int, int],
    sides: Mapping[int, Hashable] | None = None,
) -> list[Group]:
    """Return the connected components of `links`, each link tying its members together.

    `previous` tells in which group a member was. A merge keeps the oldest (lowest) id; of a group
    that splits, the part with most of its members keeps the id, or the one with the lowest member.
    Members of different `sides` are never tied together. Unless there are some, the outcome doesn't depend on
    the order of links or members.
    """
    components = _components(links, sides or {})
    heirs = _heirs(components, previous)
    won: defaultdict[int, list[int]] = defaultdict(list)
    for old_id, position in sorted(heirs.items()):
        won[position].append(old_id)
    groups = []
    for position, members in enumerate(components):
        ids = won.get(position, [])
        groups.append(Group(ids[0] if ids else None, tuple(members), tuple(ids[1:])))
    return groups


class _Forest:
    """Members that are tied together, each under a lower one or the lowest: its root."""

    def __init__(self, sides: Mapping[int, Hashable]) -> None:
        self.parent: dict[int, int] = {}
        self._sides = dict(sides)  # of roots

    def root(self, member: int) -> int:
        parent = self.parent
        top = member
        while parent[top] != top:
            top = parent[top]
        while parent[member] != top:
            parent[member], member = top, parent[member]
        return top

    def unite(self, one: int, other: int) -> int:
        """Tie two roots together, unless they are of different sides, and return the root of `one`."""
        kept, gone = min(one, other), max(one, other)
        side = self._sides.get(gone)
        if side is not None and self._sides.setdefault(kept, side) != side:
            return one
        self.parent[gone] = kept
        return kept


def _components(links: Iterable[Iterable[int]], sides: Mapping[int, Hashable]) -> list[list[int]]:
    """Return the connected components, each in order, and in the order of their lowest members."""
    forest = _Forest(sides)
    parent = forest.parent
    for link in links:
        first: int | None = None
        for member in link:
            if parent.setdefault(member, member) == first:
                continue  # the usual: most links repeat what others tied already
            if first is None:
                first = forest.root(member)
            elif (other := forest.root(member)) != first:
                first = forest.unite(first, other)
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


Telling = Callable[[Mapping[int, int]], Awaitable[Collection[int]]]


class Regrouped(NamedTuple):
    """The articles that may have changed, and how many more articles and stories there are for readers."""

    articles: frozenset[int]
    more_articles: int
    more_stories: int


async def group(
    connection: Connection,
    changed: Iterable[int],
    addresses: Iterable[str],
    heirs: Mapping[int, int],
    now: datetime,
    tell: Telling | None = None,
) -> Regrouped:
    """Group `changed` mentions and what they reach into articles, and these into stories.

    `addresses` are those that their articles may have besides, `heirs` the articles that mentions take over,
    by mention. `tell` notes which events articles tell of, given the article of each mention, and returns
    those of which it did. The outcome is as if everything had been grouped anew.
    """
    last_article, last_story = await connection.run(grouping.last_ids)
    found = await connection.run(reach, changed, addresses)
    articles, absorbed = await _group_mentions(connection, found, heirs, count(last_article + 1))
    if tell and (told := await tell(articles)):
        await connection.run(reach_events, found, told)
        articles |= _unchanged(found, articles)
    stories = await _group_articles(connection, found, articles, count(last_story + 1))
    worded = [
        (article, stories[article], mention, found.mentions[mention].addresses[0])
        for article, mention in await connection.run(grouping.find_changed_articles)
    ]
    await grouping.write_articles(connection, worded, now)
    before = {each.id: each.story_id for each in found.articles.values()}
    moved = {article: story for article, story in stories.items() if before.get(article, story) != story}
    await grouping.move_articles(connection, moved)
    await memory.hand_on(connection, absorbed)
    await _follow(connection, found, {old: stories[article] for old, article in absorbed.items()}, stories)
    spoken = {each.id: each.story_id for each in found.articles.values() if each.mention_id is not None}
    await grouping.hide_articles(connection, spoken.keys() - stories.keys())
    await grouping.delete_orphaned_mentions(connection)
    return Regrouped(
        articles=frozenset(stories),
        more_articles=len(stories) - len(spoken),
        more_stories=len(set(stories.values())) - len(set(spoken.values())),
    )


def _unchanged(found: Reach, articles: Mapping[int, int]) -> dict[int, int]:
    """Return the articles of the mentions that were found since the others were grouped."""
    made = set(chain.from_iterable(found.records)) - articles.keys()
    return {each.id: each.article_id for each in map(found.mentions.__getitem__, made) if each.article_id}


async def _group_mentions(
    connection: Connection, found: Reach, heirs: Mapping[int, int], new_ids: Iterator[int]
) -> tuple[dict[int, int], dict[int, int]]:
    """Return the article of each mention, and those that became part of another: old id to new.

    Mentions that share an address, or are alike, speak of one article.
    """
    made = dict.fromkeys(chain.from_iterable(found.records))
    before = {each.id: each.article_id for each in found.mentions.values()}
    # Mentions that no record makes any more are untied first: what they alone spoke of falls silent.
    unmade = dict.fromkeys(before.keys() - made.keys())
    await grouping.assign_articles(connection, unmade, map(before.__getitem__, unmade))
    heirs = {mention: article for mention, article in heirs.items() if before[mention] is None}
    spoken = {*(before[mention] for mention in made), *heirs.values()}
    silent = {
        each.address: each.id
        for each in sorted(found.articles.values(), reverse=True)
        if each.id not in spoken
    }
    wordings = [found.mentions[mention] for mention in made]
    articles: dict[int, int] = {}
    absorbed: dict[int, int] = {}
    for each in await asyncio.to_thread(_group_by_address, wordings, heirs):
        article = each.id
        if article is None:  # an article that was gone keeps its id when it returns
            addresses = (address for member in each.members for address in found.mentions[member].addresses)
            article = next((silent.pop(address) for address in addresses if address in silent), None)
        article = next(new_ids) if article is None else article
        articles |= dict.fromkeys(each.members, article)
        absorbed |= dict.fromkeys(each.absorbed, article)
    tied = {mention: article for mention, article in articles.items() if before[mention] != article}
    await grouping.assign_articles(connection, tied, map(before.__getitem__, tied))
    await grouping.note_addresses(
        connection,
        {key: article for mention, article in tied.items() for key in found.mentions[mention].addresses},
    )
    return articles, absorbed


def _group_by_address(wordings: Collection[Wording], heirs: Mapping[int, int]) -> list[Group]:
    previous = {
        each.id: article for each in wordings if (article := heirs.get(each.id, each.article_id)) is not None
    }
    first: dict[int, int] = {}  # mention that has an address, by address
    links = ([each.id, *(first.setdefault(key, each.id) for key in each.addresses)] for each in wordings)
    return regroup(chain(links, alike(wordings)), previous)


async def _group_articles(
    connection: Connection, found: Reach, articles: Mapping[int, int], new_ids: Iterator[int]
) -> dict[int, int]:
    """Return the story of each article, as ties() say which tell one.

    They are grouped by the stories that they came with, not by those that they are in, so that each part
    gets its own id back if a merge is undone.
    """
    origins = {each.id: each.origin_id for each in found.articles.values()}
    groups = await connection.run(decisions.groups, set(articles.values()))
    told = await connection.run(events.told, set(articles.values()) - of_seeds(found, articles))
    links = ties([[articles[each] for each in record] for record in found.records], told, groups)
    stories: dict[int, int] = {}
    absorbed: dict[int, int] = {}
    new: dict[int, int] = {}
    for each in await asyncio.to_thread(regroup, links, origins, groups):
        story = next(new_ids) if each.id is None else each.id
        stories |= dict.fromkeys(each.members, story)
        absorbed |= dict.fromkeys(each.absorbed, story)
        if each.id is None:
            new |= dict.fromkeys(each.members, story)
    heirs = await connection.run(grouping.heirs, {*stories.values(), *absorbed})
    await grouping.add_stories(connection, dict.fromkeys(new.values()))
    await grouping.reset_origins(
        connection, {article: new[article] for article in new.keys() & origins.keys()}
    )
    await grouping.unmerge_stories(connection, heirs.keys() & set(stories.values()))
    changed = {old: heir for old, heir in absorbed.items() if heirs.get(old) != heir}
    await grouping.merge_stories(connection, changed)
    return stories


async def _follow(
    connection: Connection, found: Reach, moved: Mapping[int, int], stories: Mapping[int, int]
) -> None:
    """Move articles that became part of others to the others' stories: old article id to story id.

    A story that has no other articles resolves to the one that has its article now.
    """
    await grouping.move_articles(connection, moved)
    left = set(stories.values())
    await grouping.merge_stories(
        connection,
        {
            old: story
            for article, story in moved.items()
            if (old := found.articles[article].story_id) not in left
        },
    )
