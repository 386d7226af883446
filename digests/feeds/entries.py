"""What a feed says: its entries, with texts cleaned of markup and cut, as they leave the worker."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from digests.dates import YEARS
from storage.models import from_epoch, to_epoch

MAX_ENTRIES = 200  # of one feed, the newest
MAX_TITLE = 300  # characters, as in those below
MAX_EXCERPT = 500
MAX_GUID = 1_000
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed; texts are empty where it says nothing, and addresses absolute.

    `published` is what its maker says, if that is a time at all. `outlet` and `outlet_url` are those of the
    source that the entry names itself. `image_width` is in pixels, 0 if unknown.
    """

    guid: str
    url: str
    title: str
    excerpt: str = ""
    published: datetime | None = None
    outlet: str = ""
    outlet_url: str = ""
    image_url: str = ""
    image_width: int = 0
    language: str = ""


FIELDS = tuple(each.name for each in fields(Entry))


@dataclass(frozen=True, slots=True)
class ReadFeed:
    """A feed as one document says it.

    `site` is its page's address, `ttl` for how many seconds it may be kept, 0 if it doesn't say.
    """

    title: str
    site: str
    description: str
    language: str
    ttl: int
    entries: tuple[Entry, ...]


def feed_to_json(feed: ReadFeed) -> dict[str, Any]:
    """Return a feed as a JSON document."""
    entries = [
        {name: getattr(entry, name) for name in FIELDS}
        | {"published": entry.published and to_epoch(entry.published)}
        for entry in feed.entries
    ]
    return {**asdict(replace(feed, entries=())), "entries": entries}


def feed_from_json(document: dict[str, Any]) -> ReadFeed:
    """Return what feed_to_json() was given."""
    entries = [
        Entry(**each | {"published": None if each["published"] is None else from_epoch(each["published"])})
        for each in document["entries"]
    ]
    return ReadFeed(**document | {"entries": tuple(entries)})


def newest(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the newest entries, as many as are kept of a feed, by their dates where some are left out."""
    given = tuple(entries)
    if len(given) <= MAX_ENTRIES:
        return given
    dated = sorted(given, key=lambda entry: -(entry.published.timestamp() if entry.published else 0))
    return tuple(dated[:MAX_ENTRIES])


def without_middle(body: bytes, closes: re.Pattern[bytes]) -> bytes:
    """Return a document without the entries in its middle: the newest are at one end or the other.

    `closes` is where an entry ends. A parser needs 2 ms for each, and a document may have 20,000.
    """
    ends = [match.end() for match in closes.finditer(body)]
    if len(ends) <= 2 * MAX_ENTRIES:
        return body
    return body[: ends[MAX_ENTRIES - 1]] + body[ends[-MAX_ENTRIES - 1] :]


def moment_of(text: str) -> datetime | None:
    """Return a moment in UTC, written as ISO 8601 or as in mails; None for what is none, and for 1970."""
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text.strip())
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        return moment if is_plausible(moment) else None
    return None


def is_plausible(moment: datetime) -> bool:
    """Say whether something may have been published then: 1970 is what no time looks like."""
    return moment.year in YEARS and moment.timestamp() > 0
