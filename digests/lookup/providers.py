"""Providers by their names and domains, as people type them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from digests.errors import NothingLoadedError, OutletNotFoundError
from digests.lookup.choices import best
from digests.stories.identity import outlet_domain
from digests.text import clean
from storage import providers as stored
from storage.engine import ReadConnection
from storage.models import Provider
from storage.search.letters import fold
from storage.search.words import as_words

MIN_SIMILARITY = 70.0
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class ProviderMatch:
    """The provider that somebody means by a domain or a name; `providers` are the rows that it has."""

    name: str
    domain: str
    providers: tuple[Provider, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids of its rows."""
        return tuple(each.id for each in self.providers if each.id is not None)

    @property
    def domains(self) -> frozenset[str]:
        """Its domains."""
        return frozenset(each.domain for each in self.providers)


def find_provider(reader: ReadConnection, text: str) -> ProviderMatch:
    """Return the provider with this domain or name, in any case.

    Raises OutletNotFoundError, or NothingLoadedError if there are no providers.
    """
    known = stored.providers(reader)
    if found := _named(known, text):
        return ProviderMatch(found[0].name, found[0].domain, tuple(found))
    if not known:
        raise NothingLoadedError
    names: dict[str, str] = {}
    for provider in known:
        names.setdefault(fold(provider.name), provider.name)
    similar = process.extract(
        fold(text), list(names), scorer=fuzz.WRatio, score_cutoff=MIN_SIMILARITY, limit=3
    )
    likely = tuple(names[name] for name, *_ in similar)
    raise OutletNotFoundError(clean(text), likely, tuple(names.values()))


def complete_providers(reader: ReadConnection, text: str, limit: int) -> list[ProviderMatch]:
    """Return the providers whose names or domains fit what is being typed, best first."""
    by_domain: dict[str, list[Provider]] = {}
    for provider in stored.providers(reader):
        by_domain.setdefault(provider.domain, []).append(provider)
    found = best(_key(text), by_domain, lambda domain: [shown_as(each) for each in by_domain[domain]])
    return [
        ProviderMatch(by_domain[domain][0].name, domain, tuple(by_domain[domain])) for domain in found[:limit]
    ]


def shown_as(provider: Provider | ProviderMatch) -> str:
    """Return how a choice shows a provider."""
    return f"{provider.name} ({provider.domain})"


def _key(text: str) -> str:
    typed = text.encode(errors="replace").decode()  # a command line may hold bytes that aren't UTF-8
    return outlet_domain(typed.strip()[:MAX_NAME])


def _named(providers: Iterable[Provider], text: str) -> list[Provider]:
    domain, name = _key(text), _spoken(text)
    return [each for each in providers if domain == each.domain or name == _spoken(each.name)]


@lru_cache(maxsize=16_384)
def _spoken(name: str) -> str:
    """Return what makes two names the same: their words, or their signs where they have none."""
    return as_words(name) or fold(name.strip())
