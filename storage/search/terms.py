"""What is searched for, and the expressions that find it."""

from dataclasses import dataclass
from typing import TypeAlias

from storage.search.engine import Column, Search

Columns: TypeAlias = tuple[Column, ...]
TITLE = (Column.TITLE,)
SHOWN = (Column.TITLE, Column.OUTLET)


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or a phrase's words: `exact` as typed, `others` other forms of it.

    An `open` term's last word may go on.
    """

    exact: str
    others: tuple[str, ...] = ()
    open: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What must stand in an article and what must not; lower-case words, single spaces between."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...] = ()


def expression(search: Search, terms: Terms) -> str:
    """Return the expression that finds every article that matches."""
    return tiers_of(search, terms)[-1]


def in_titles(search: Search, terms: Terms) -> str:
    """Return the expression that finds the articles that match by what a choice shows of them."""
    return tiers_of(search, terms)[2]


def tiers_of(search: Search, terms: Terms) -> list[str]:
    """Return expressions, each of which also finds what those before it find; the last finds all."""

    def each(columns: Columns = ()) -> list[str]:
        return [_forms(search, term, columns) for term in terms.wanted]

    every = search.joined("AND", each())
    tiers = [
        search.joined("AND", [search.phrase(term.exact, TITLE) for term in terms.wanted]),
        search.joined("AND", each(TITLE)),
        search.joined("AND", each(SHOWN)),
    ]
    if len(terms.wanted) > 1:
        tiers.append(search.joined("AND", [search.joined("OR", each(TITLE)), every]))
    tiers.append(every)
    if not terms.unwanted:
        return tiers
    unwanted = search.joined("OR", [_forms(search, term) for term in terms.unwanted])
    return [search.without(tier, unwanted) for tier in tiers]


def _forms(search: Search, term: Term, columns: Columns = ()) -> str:
    opened = [search.phrase(term.exact, columns, goes_on=True)] if term.open else []
    return search.joined(
        "OR", [*(search.phrase(form, columns) for form in (term.exact, *term.others)), *opened]
    )
