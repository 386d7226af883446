"""One article, however its address is written: the hosts at which it is the same, and corrected addresses.

Wherever a reader would see that two articles differ, by their titles or their days, they stay two.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

from digests.stories.urls import canonical
from digests.text import as_words
from storage.models import Mention, to_epoch
from storage.reach import Wording
from storage.records import Said

SAME_HOSTS = ("", "www.", "m.", "amp.")  # what a host may begin with, or not, and be the same
PREFIX = re.compile(r"(?:www|m|amp)\.")
SITE = re.compile(r"(?:https?:)?//([^/?#\s]+)\S*")
# No outlet is a whole country's part of the tree of names: m.co.example would be another than www.co.example.
SHARED = re.compile(r"(?:[^.]*|(?:ac|co|com|edu|gov|net|org)\.[a-z]{2})(?::\d+)?")
APART = 86_400  # seconds
MOST_FORMER = 20


def unprefixed(host: str) -> str:
    """Return a host without its `www.`, `m.` or `amp.`, if what is left can be an outlet's."""
    while (match := PREFIX.match(host)) and not SHARED.fullmatch(rest := host[match.end() :]):
        host = rest
    return host


def outlet_domain(text: str) -> str:
    """Return an outlet's domain, however it is written: without scheme, path, `www.` or capitals."""
    site = SITE.fullmatch(text.lower())
    host = (site[1] if site else text.lower()).rstrip(".")
    return unprefixed(host) or text.lower()


def folded(address: str) -> str:
    """Return a canonical address as all addresses have it that may be the same article's."""
    host, slash, path = address.partition("/")
    return f"{unprefixed(host)}{slash}{path}"


def variants(address: str) -> list[str]:
    """Return the canonical addresses that may be the same article's, itself among them."""
    bare = folded(address)
    hosts = ("",) if PREFIX.match(bare) else SAME_HOSTS
    return list(dict.fromkeys((address, *(f"{host}{bare}" for host in hosts))))


def alike(wordings: Iterable[Wording]) -> Iterator[tuple[int, int]]:
    """Yield pairs of mentions that speak of one article, though it is at other hosts or was corrected."""
    at: defaultdict[str, list[tuple[Wording, str]]] = defaultdict(list)
    for each in wordings:
        at[folded(canonical(each.url) or "")].append((each, each.title))
        for address, title in each.former:
            at[address].append((each, title))
    for titled in at.values():
        if len({each.addresses[0] for each, _ in titled}) > 1:
            yield from _alike(titled)


def _alike(titled: Iterable[tuple[Wording, str]]) -> Iterator[tuple[int, int]]:
    """Yield pairs of those mentions, each with a title, that have one title and are of nearly one time."""
    same: defaultdict[str, list[Wording]] = defaultdict(list)
    for each, title in titled:
        same[as_words(title)].append(each)
    for wordings in same.values():
        for one, other in pairwise(sorted(wordings, key=lambda each: (each.published_at, each.id))):
            if other.published_at - one.published_at < APART:
                yield one.id, other.id


def predecessor(old: Collection[Said], new: Mention) -> Said | None:
    """Return which of the mentions that a record no longer makes spoke of the article that `new` speaks of.

    It has the same address, or else the same title, outlet and time; None if there is none, or if nobody can
    tell which of several it is.
    """
    address = folded(new.addresses[0])
    signature = (as_words(new.title), new.provider.domain, to_epoch(new.published_at))
    same = [each for each in old if folded(canonical(each.url) or "") == address] or [
        each for each in old if (as_words(each.title), each.domain, each.published_at) == signature
    ]
    return same[0] if len({each.article_id for each in same}) == 1 else None


def former_of(old: Said, new: Mention) -> list[tuple[str, str]]:
    """Return the addresses and titles that an article had: `old` is its last wording, `new` the next."""
    address = folded(new.addresses[0])
    had = dict.fromkeys((*map(tuple, old.former), (folded(canonical(old.url) or ""), old.title)))
    return [(each, title) for each, title in had if each != address][-MOST_FORMER:]
