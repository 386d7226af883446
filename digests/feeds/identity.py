"""Which entry of a feed is which of those seen before, whatever of it was changed."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from digests.feeds.entries import Entry
from digests.stories.urls import canonical
from storage.entries import EntryKeys, SeenEntry, keys_of
from storage.search.words import as_words

SAME_TIME = timedelta(hours=1)
WORDS = 4  # of a title, from which it tells entries without dates apart


class Keyed(NamedTuple):
    """An entry and what tells it apart."""

    entry: Entry
    keys: EntryKeys


@dataclass(frozen=True, slots=True)
class Identified:
    """An entry with the key of its record, and as it was seen before, if it was."""

    entry: Entry
    keys: EntryKeys
    key: str
    before: SeenEntry | None

    @property
    def is_changed(self) -> bool:
        """Say whether it says something else than it did."""
        return self.before is not None and self.before.keys.said != self.keys.said


def keyed(entries: Iterable[Entry]) -> list[Keyed]:
    """Return the entries of a document, each once, with what tells it apart."""
    known: dict[Hashable, Keyed] = {}
    for entry in entries:
        keys = _keys(entry)
        known.setdefault((keys.address, keys.title), Keyed(entry, keys))
    return list(known.values())


def _keys(entry: Entry) -> EntryKeys:
    """Return what tells an entry apart; dates aren't among it, which are touched for no reason."""
    told = (entry.url, entry.title, entry.excerpt, entry.image_url, entry.outlet, entry.outlet_url)
    said = "\n".join(told)
    address = canonical(entry.url) or ""
    return keys_of(entry.guid or address, address, as_words(entry.title), as_words(entry.excerpt), said)


def identify(feed_id: int, given: Sequence[Keyed], seen: Iterable[SeenEntry]) -> list[Identified]:
    """Return the entries of a document as those seen before that they are.

    The surest signs count first: the guid with the address, the title or the time, then the address, then the
    title with the time. What several entries of the document share tells none of them apart.
    """
    found = _Found(feed_id, given, list(seen))
    found.match(lambda keys: (keys.guid, keys.address))
    found.match(lambda keys: (keys.guid, keys.title))
    found.match(
        lambda keys: keys.guid, unique=True, is_same=_is_same_time
    )  # some use one guid again and again
    found.match(lambda keys: (keys.address, keys.title))
    found.match(lambda keys: keys.address, unique=True)
    found.match(lambda keys: keys.title, unique=True, is_same=_is_same_time)
    return found.identified()


def _is_same_time(entry: Entry, before: SeenEntry) -> bool:
    if entry.published and before.dated:
        return abs(entry.published - before.published_at) < SAME_TIME
    return not entry.published and not before.dated and len(as_words(entry.title).split()) >= WORDS


class _Found:
    """Entries of a document, and which of those seen before each is so far."""

    def __init__(self, feed_id: int, given: Sequence[Keyed], seen: list[SeenEntry]) -> None:
        self._feed_id = feed_id
        self._given = given
        self._free = seen
        self._taken = {each.key for each in seen}
        self._before: dict[int, SeenEntry] = {}

    def match(
        self,
        sign: Callable[[EntryKeys], Hashable],
        *,
        unique: bool = False,
        is_same: Callable[[Entry, SeenEntry], bool] = lambda *_: True,
    ) -> None:
        """Match what shares a sign; if it has to be `unique`, it may stand in the document once."""
        open_ = [place for place in range(len(self._given)) if place not in self._before]
        counts = Counter(sign(keys) for _, keys in self._given)
        for place in open_:
            entry, keys = self._given[place]
            if unique and counts[sign(keys)] > 1:
                continue
            for each in self._free:
                if sign(each.keys) == sign(keys) and is_same(entry, each):
                    self._before[place] = each
                    self._free.remove(each)
                    break

    def identified(self) -> list[Identified]:
        return [
            Identified(
                entry,
                keys,
                before.key if (before := self._before.get(place)) else self._new_key(entry),
                before,
            )
            for place, (entry, keys) in enumerate(self._given)
        ]

    def _new_key(self, entry: Entry) -> str:
        """Return a key that no entry of the feed has: by the guid, where that is its own."""
        guid = entry.guid or entry.url
        for name in (guid, f"{guid} {entry.url}", f"{guid} {entry.url} {entry.title}"):
            key = f"/feed/{self._feed_id}/{name}"
            if key not in self._taken:
                break
        self._taken.add(key)
        return key


def published_at(entry: Entry, before: SeenEntry | None, now: datetime) -> datetime:
    """Return when an entry counts as published: as it was first taken to be, and never ahead of now."""
    if before is not None:
        return before.published_at
    return min(entry.published or now, now)
