"""What ties articles into one story: seeds, events, and what a person decided. Pure."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping

from storage.decisions import Group
from storage.reach import Reach


def of_seeds(found: Reach, articles: Mapping[int, int]) -> set[int]:
    """Return the articles of which a seed speaks: it alone says what is related to them."""
    return {article for mention, article in articles.items() if found.mentions[mention].own >= 0}


def ties(
    records: list[list[int]], told: Mapping[int, tuple[int, int | None]], groups: Mapping[int, Group]
) -> Iterator[Iterable[int]]:
    """Yield which articles tell one story, in an order in which what a person decided goes first.

    `records` are the articles of which one speaks, `told` the events of articles of feeds, each with the
    article that it is most like. One that nobody decided on goes with that, or with its record's own.
    """
    yield from _together(groups)
    if groups:
        yield from ((article, like) for article, (_, like) in told.items() if like in told and like)
    yield from sorted(records) if groups else records
    yield from _together({article: event for article, (event, _) in told.items()})


def _together(keys: Mapping[int, Hashable]) -> Collection[list[int]]:
    """Return the articles that share a key."""
    found: defaultdict[Hashable, list[int]] = defaultdict(list)
    for article, key in keys.items():
        found[key].append(article)
    return found.values()
