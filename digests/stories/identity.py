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
# No outlet is a whole country's part of the tree of names: m.co.example would be another than www.co.example.
SHARED = re.compile(r"(?:[^.]*|(?:ac|co|com|edu|gov|net|org)\.[a-z]{2})(?::\d+)?")
APART = 86_400  # seconds
MOST_FORMER = 20


def unprefixed(host: str) -> str:
    """Return a host without its `www.`, `m.` or `amp.`, if what is left can be an outlet's."""
    match = PREFIX.match(host)
    rest = host[match.end() :] if match else host
    return host if SHARED.fullmatch(rest) else rest


def folded(address: str) -> str:
    """Return a canonical address as all addresses have it that may be the same article's."""
    host, slash, path = address.partition("/")
    return f"{unprefixed(host)}{slash}{path}"


def variants(address: str) -> list[str]:
    """Return the canonical addresses that may be the same article's, itself among them."""
    bare = folded(address)
    return [address] if SHARED.fullmatch(bare.partition("/")[0]) else [f"{host}{bare}" for host in SAME_HOSTS]


def alike(wordings: Iterable[Wording]) -> Iterator[tuple[int, int]]:
    """Yield pairs of mentions that speak of one article, though it is at other hosts or was corrected."""
    buckets: defaultdict[str, list[Wording]] = defaultdict(list)
    for each in wordings:
        for address in {folded(canonical(each.url) or ""), *each.former}:
            buckets[address].append(each)
    for bucket in buckets.values():
        if len({each.addresses[0] for each in bucket}) > 1:
            yield from _alike(bucket)


def _alike(bucket: Iterable[Wording]) -> Iterator[tuple[int, int]]:
    titled: defaultdict[str, list[Wording]] = defaultdict(list)
    for each in sorted(bucket, key=lambda each: (each.published_at, each.id)):
        titled[as_words(each.title)].append(each)
    for same in titled.values():
        for one, other in pairwise(same):
            if other.published_at - one.published_at < APART:
                yield one.id, other.id


def former_addresses(old: Collection[Said], new: Mention) -> tuple[Said, tuple[str, ...]] | None:
    """Return what a record `old` mentions were and `new` is now, and the addresses that it had before.

    The same article has the same address, or else the same title, outlet and time; None if it is neither, or
    nobody can tell which of several it was. `old` holds what the record says no longer.
    """
    address = folded(new.addresses[0])
    signature = (as_words(new.title), new.provider.domain, to_epoch(new.published_at))
    same = [each for each in old if folded(canonical(each.url) or "") == address] or [
        each for each in old if (as_words(each.title), each.domain, each.published_at) == signature
    ]
    if len(same) != 1:
        return None
    (before,) = same
    former = dict.fromkeys((*before.former, folded(canonical(before.url) or "")))
    former.pop(address, None)
    return before, tuple(former)[-MOST_FORMER:]
