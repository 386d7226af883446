"""Sources: outlets by their names and domains, as people type them."""

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from digests.errors import NothingLoadedError, OutletNotFoundError
from digests.text import clean, fold
from storage import providers
from storage.models import Outlet
from storage.sqlite.database import Connection

SIMILAR = 70.0
MISSED = 3
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Source:
    """What somebody means by an outlet's domain or name; `outlets` are those it is stored as."""

    name: str
    domain: str
    outlets: tuple[Outlet, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids it is stored under."""
        return tuple(outlet.id for outlet in self.outlets)

    @property
    def domains(self) -> frozenset[str]:
        """The domains it has."""
        return frozenset(outlet.domain for outlet in self.outlets)


async def find_source(connection: Connection, text: str) -> Source:
    """Return the outlet with this domain or name, in any case.

    Raises OutletNotFoundError, or NothingLoadedError where there are no outlets.
    """
    outlets = await providers.outlets(connection, _key(text))
    if found := _named(outlets, text):
        return Source(found[0].name, found[0].domain, tuple(found))
    outlets = await providers.outlets(connection)
    if not outlets:
        raise NothingLoadedError
    names: dict[str, str] = {}
    for outlet in outlets:
        names.setdefault(fold(outlet.name), outlet.name)
    similar = process.extract(fold(text), list(names), scorer=fuzz.WRatio, score_cutoff=SIMILAR, limit=3)
    likely = tuple(names[name] for name, *_ in similar)
    raise OutletNotFoundError(clean(text), likely, tuple(names.values()))


async def complete_sources(connection: Connection, text: str, limit: int) -> list[Source]:
    """Return the outlets whose names or domains begin with or hold `text`, best first."""
    typed = fold(_key(text))
    by_domain: dict[str, list[Outlet]] = {}
    for outlet in await providers.outlets(connection, _key(text)):
        by_domain.setdefault(outlet.domain, []).append(outlet)
    ranked = [(_rank(typed, outlets), domain, outlets) for domain, outlets in by_domain.items()]
    best = sorted((each for each in ranked if each[0] < MISSED), key=lambda each: each[0])
    return [Source(outlets[0].name, domain, tuple(outlets)) for _, domain, outlets in best[:limit]]


def _rank(typed: str, outlets: Iterable[Outlet]) -> int:
    """Return how well an outlet fits what was typed: its beginning 0, that of a word 1, any part 2."""
    names = [name for outlet in outlets for name in (fold(outlet.name), outlet.domain)]
    if any(name.startswith(typed) for name in names):
        return 0
    if any(f" {typed}" in name or f".{typed}" in name for name in names):
        return 1
    return 2 if any(typed in name for name in names) else MISSED


def _key(text: str) -> str:
    typed = text.encode(errors="replace").decode()  # a command line may hold bytes that aren't UTF-8
    return typed.strip().lower().removeprefix("www.")[:MAX_NAME]


def _named(outlets: Iterable[Outlet], text: str) -> list[Outlet]:
    domain, name = _key(text), fold(text.strip())
    return [
        outlet
        for outlet in outlets
        if domain == outlet.domain.lower().removeprefix("www.") or name == fold(outlet.name)
    ]
