"""Whose article an entry is: the feed's site's, the source's that it names, or that of where it leads."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from digests.feeds.entries import Entry
from storage.models import Provider

PREFIXES = ("www.", "m.", "mobile.", "amp.", "feeds.", "feed.", "rss.")
REDIRECTORS = frozenset(
    {"feedproxy.google.com", "feeds.feedburner.com", "feedburner.com", "rss.app", "t.co", "bit.ly"}
)
MOST = 0.8  # of a feed's entries; if as many lead to one site, the feed is that site's
SHORT = 3  # letters of the last label but one, in names such as bbc.co.uk


@lru_cache(maxsize=1_024)
def domain_of(url: str) -> str:
    """Return the domain that people know an address's site by, empty without one."""
    try:
        host = (urlsplit(url).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""
    for prefix in PREFIXES:
        if host.startswith(prefix) and "." in host.removeprefix(prefix):
            return host.removeprefix(prefix)
    return host


class Outlets:
    """Tells whose articles a feed's entries are."""

    def __init__(
        self, name: str, site: str, url: str, entries: Iterable[Entry], known: Mapping[str, str]
    ) -> None:
        """`name` is the feed's; `known` has the names of outlets by their domains."""
        self._known = known
        home = domain_of(site) or domain_of(url)
        led = [domain for entry in entries if (domain := _led(entry))]
        others = Counter(domain for domain in led if not _is_one_site(domain, home))
        most = max(others, key=lambda domain: others[domain], default="")
        # A feed that leads to one other site alone is that site's, wherever it is made.
        self._home = most if most and others[most] >= MOST * len(led) else home
        self._name = name or self._home

    @property
    def own(self) -> Provider:
        """The outlet whose feed it is."""
        return Provider(self._known.get(self._home, self._name), self._home)

    def outlet_of(self, entry: Entry) -> Provider:
        """Return whose article an entry is."""
        domain = _led(entry) or self._home
        source = domain_of(entry.outlet_url)
        if source and entry.outlet and (_is_one_site(source, domain) or _is_one_site(domain, self._home)):
            return Provider(self._known.get(source, entry.outlet), source)
        if _is_one_site(domain, self._home):
            return self.own
        return Provider(self._known.get(domain, entry.outlet or domain), domain)


def _led(entry: Entry) -> str:
    domain = domain_of(entry.url)
    return "" if domain in REDIRECTORS else domain


def _is_one_site(one: str, other: str) -> bool:
    return one == other or _site(one) == _site(other)


def _site(domain: str) -> str:
    """Return the part of a domain that somebody registered, as far as it looks: bbc.co.uk."""
    labels = domain.split(".")
    count = 3 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= SHORT else 2
    return ".".join(labels[-count:])
