"""Connected components whose ids survive: mentions into articles, articles into stories."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count, groupby
from operator import itemgetter

from digests.seeds import read_mention
from storage import grouping
from storage.database import Connection
from storage.grouping import Wording
from storage.models import Mention


@dataclass(frozen=True, slots=True)
class Group:
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
            parent.setdefault(member, member)
            if first is None:
                first = root(member)
            elif (other := root(member)) != first:
                first, other = min(first, other), max(first, other)
                parent[other] = first
    found: defaultdict[int, list[int]] = defaultdict(list)
    for member in sorted(parent):
        found[root(member)].append(member)
    return [found[top] for top in sorted(found)]


def _heirs(components: list[list[int]], previous: Mapping[int, int]) -> dict[int, int]:
    """Return for each old id the position of the component that inherits it."""
    heirs: dict[int, tuple[int, int]] = {}  # old id: (members of it, position)
    for position, members in enumerate(components):
        for old_id, size in Counter(previous[member] for member in members if member in previous).items():
            # Components come in the order of their lowest member, so the first of equals stays.
            if old_id not in heirs or size > heirs[old_id][0]:
                heirs[old_id] = (size, position)
    return {old_id: position for old_id, (_, position) in heirs.items()}


async def tie(connection: Connection, mentions: Mapping[bytes, Mention], now: datetime) -> None:
    """Tie the stored mentions into articles, and the articles into stories, in the open transaction.

    `mentions` are those at hand, by digest; others are read again from their stored text where
    they begin to speak for an article.
    """
    last_article, last_story = await grouping.last_ids(connection)
    await _tie_mentions(connection, count(last_article + 1))
    stories = await _tie_articles(connection, count(last_story + 1))
    await grouping.write_articles(
        connection,
        [
            (wording.article_id, stories[wording.article_id], wording.mention_id, _mention(wording, mentions))
            for wording in await grouping.new_wordings(connection)
        ],
        now,
    )
    before = await grouping.stories_of_articles(connection)
    moved = {article: story for article, story in stories.items() if before[article] != story}
    await grouping.move_articles(connection, moved)
    await grouping.silence_articles(connection)


async def _tie_mentions(connection: Connection, new_ids: Iterator[int]) -> None:
    """Mentions that share an address speak of one article."""
    keys = {key.id: key for key in await grouping.mention_keys(connection)}
    by_address: defaultdict[str, list[int]] = defaultdict(list)
    for key in keys.values():
        for address in key.addresses:
            by_address[address].append(key.id)
    previous = {key.id: key.article_id for key in keys.values() if key.article_id is not None}
    silent = await grouping.silent_articles(connection)
    assigned: dict[int, int] = {}
    for group in await asyncio.to_thread(regroup, by_address.values(), previous):
        article_id = group.id
        if article_id is None:  # an article that was gone keeps its id when it returns
            addresses = (address for member in group.members for address in keys[member].addresses)
            article_id = next((silent.pop(address) for address in addresses if address in silent), None)
        if article_id is None:
            article_id = next(new_ids)
        assigned |= {m: article_id for m in group.members if previous.get(m) != article_id}
    await grouping.assign_articles(connection, assigned)


async def _tie_articles(connection: Connection, new_ids: Iterator[int]) -> dict[int, int]:
    """Articles that one record speaks of tell one story; returns the story of each article."""
    links = await grouping.record_links(connection)
    by_record = [[article for _, article in group] for _, group in groupby(links, key=itemgetter(0))]
    previous = await grouping.stories_of_articles(connection)
    stories: dict[int, int] = {}
    absorbed: dict[int, int] = {}
    new: list[int] = []
    for group in await asyncio.to_thread(regroup, by_record, previous):
        story_id = group.id
        if story_id is None:
            story_id = next(new_ids)
            new.append(story_id)
        stories |= dict.fromkeys(group.members, story_id)
        absorbed |= dict.fromkeys(group.absorbed, story_id)
    await grouping.add_stories(connection, new)
    await grouping.merge_stories(connection, absorbed)
    return stories


def _mention(wording: Wording, at_hand: Mapping[bytes, Mention]) -> Mention:
    return at_hand.get(wording.digest) or read_mention(wording.raw, own=wording.own)
