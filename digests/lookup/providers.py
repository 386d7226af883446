"""Providers by their names and domains, as people type them."""

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from digests.errors import NothingLoadedError, OutletNotFoundError
from digests.stories.identity import outlet_domain
from digests.text import clean, fold
from storage import providers as stored
from storage.engine import ReadConnection
from storage.models import Provider

MIN_SIMILARITY = 70.0
NO_FIT = 3
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
    if found := _named(stored.providers(reader, _key(text)), text):
        return ProviderMatch(found[0].name, found[0].domain, tuple(found))
    known = stored.providers(reader)
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
    """Return the providers whose names or domains begin with or hold `text`, best first."""
    typed = fold(_key(text))
    by_domain: dict[str, list[Provider]] = {}
    for provider in stored.providers(reader, _key(text)):
        by_domain.setdefault(provider.domain, []).append(provider)
    ranked = [(_rank(typed, found), domain, found) for domain, found in by_domain.items()]
    best = sorted((each for each in ranked if each[0] < NO_FIT), key=lambda each: each[0])
    return [ProviderMatch(found[0].name, domain, tuple(found)) for _, domain, found in best[:limit]]


def _rank(typed: str, providers: Iterable[Provider]) -> int:
    """Return how well a provider fits what was typed: its beginning 0, that of a word 1, any part 2."""
    names = [name for each in providers for name in (fold(each.name), each.domain)]
    if any(name.startswith(typed) for name in names):
        return 0
    if any(f" {typed}" in name or f".{typed}" in name for name in names):
        return 1
    return 2 if any(typed in name for name in names) else NO_FIT


def _key(text: str) -> str:
    typed = text.encode(errors="replace").decode()  # a command line may hold bytes that aren't UTF-8
    return outlet_domain(typed.strip()[:MAX_NAME])


def _named(providers: Iterable[Provider], text: str) -> list[Provider]:
    domain, name = _key(text), fold(text.strip())
    return [each for each in providers if domain == each.domain or name == fold(each.name)]
