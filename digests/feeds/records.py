"""Entry to record: what it says, cleaned already, with outlet, topics and an estimated quality."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b

from digests.feeds.entries import Entry
from digests.stories.boilerplate import MAX_TITLES
from digests.stories.quality import Estimate, estimate, level_of
from digests.stories.topics import TopicMatch, TopicMatcher
from digests.stories.urls import canonical
from digests.text import shorten
from storage.entries import EntryKeys
from storage.models import Mention, Provider, Record, to_epoch
from storage.search.words import as_words
from storage.sqlite.packing import key_of

TITLE = 100  # characters of an excerpt that stands in for a title
OWN_OF_FEED = -1  # whatever a seed says of the same article goes first


@dataclass(frozen=True, slots=True)
class Judgement:
    """What articles are judged by: topics, the operator's levels of outlets, and what seeds say of them.

    Its `version` is another one when any of it changes.
    """

    topics: TopicMatcher
    given: Mapping[str, int]
    learned: Mapping[str, tuple[int, int]]
    version: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What an article's topics and quality are, and why: the keywords found, and what it's estimated from."""

    topics: tuple[str, ...]
    found: tuple[TopicMatch, ...]
    estimate: Estimate


def record_of(
    key: str,
    entry: Entry,
    outlet: Provider,
    published_at: datetime,
    topics: Sequence[str],
    quality: int,
    former: str | None = None,
) -> Record:
    """Return the record of an entry that leads somewhere; `former` is where it led before a correction."""
    addresses = tuple(
        dict.fromkeys(address for url in (entry.url, former) if url and (address := canonical(url)))
    )
    when, title = to_epoch(published_at), title_of(entry)
    said = (
        *addresses,
        entry.url,
        title,
        entry.excerpt,
        when,
        quality,
        outlet.name,
        outlet.domain,
        entry.image_url,
    )
    mention = Mention(
        digest=blake2b("\n".join(map(str, said)).encode(), digest_size=12, person=b"entry").digest(),
        raw=b"",
        addresses=addresses,
        own=OWN_OF_FEED,
        url=entry.url,
        title=title,
        excerpt=entry.excerpt,
        published_at=published_at,
        quality=quality,
        type="article",
        provider=outlet,
        image_url=entry.image_url or None,
    )
    return Record(key, "feed", -1, False, False, tuple(topics), None, (mention,))


def title_of(entry: Entry) -> str:
    """Return an entry's title, or the beginning of what it says where it has none."""
    return entry.title or shorten(entry.excerpt, TITLE) or entry.url


def without_boilerplate(
    given: Iterable[tuple[Entry, EntryKeys]], slogan: str, known: Mapping[int, int]
) -> list[Entry]:
    """Return entries without excerpts that say nothing of their article.

    Those are the feed's slogan, the title again, and what stands under more than two titles; `known` has
    how many titles an excerpt stood under before, by the excerpt's key.
    """
    given = list(given)
    titles: defaultdict[int, set[int]] = defaultdict(set)
    for _, keys in given:
        titles[keys.excerpt].add(keys.title)
    nothing = {key_of(as_words(slogan))} | {
        excerpt for excerpt, found in titles.items() if max(len(found), known.get(excerpt, 0)) > MAX_TITLES
    }
    return [
        replace(entry, excerpt="") if keys.excerpt == keys.title or keys.excerpt in nothing else entry
        for entry, keys in given
    ]


def judged(entry: Entry, outlet: Provider, given: Sequence[str], own: int | None, by: Judgement) -> Judged:
    """Return an entry's topics, besides those `given`, and its quality; `own` is its feed's level."""
    level = level_of(outlet.domain, by.given, by.learned, own)
    return Judged(
        by.topics.topics_of(entry.title, entry.excerpt, given),
        tuple(by.topics.matches(entry.title, entry.excerpt)),
        estimate(level, entry.title, entry.excerpt, entry.image_url, entry.image_width),
    )
