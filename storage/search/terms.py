"""What is searched for, and the FTS5 expressions that find it."""

from collections.abc import Iterable
from dataclasses import dataclass


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


def expression(terms: Terms) -> str:
    """Return the FTS5 expression that finds every article that matches."""
    return tiers_of(terms)[-1]


def in_titles(terms: Terms) -> str:
    """Return the FTS5 expression that finds the articles that match by what a choice shows of them."""
    return tiers_of(terms)[2]


def tiers_of(terms: Terms) -> list[str]:
    """Return FTS5 expressions, each of which also finds what those before it find; the last finds all."""
    exact = joined("AND", [f'"{term.exact}"' for term in terms.wanted])
    forms = [_forms(term) for term in terms.wanted]
    every = joined("AND", forms)
    tiers = [f"{{title}} : {exact}", f"{{title}} : {every}", f"{{title provider}} : {every}"]
    if len(forms) > 1:
        tiers.append(f"({{title}} : {joined('OR', forms)}) AND {every}")
    tiers.append(every)
    without = f" NOT {joined('OR', map(_forms, terms.unwanted))}" if terms.unwanted else ""
    return [f"({tier}){without}" for tier in tiers]


def _forms(term: Term) -> str:
    opened = [f'"{term.exact}" *'] if term.open else []
    return joined("OR", [*(f'"{form}"' for form in (term.exact, *term.others)), *opened])


def joined(operator: str, expressions: Iterable[str]) -> str:
    """Return FTS5 expressions tied together by AND or OR."""
    return f"({f' {operator} '.join(expressions)})"
