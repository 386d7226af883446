"""How well an article matches a search: where its words stand, in what form, among how many others. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from storage.search.index import Match
from storage.search.terms import Term
from storage.search.words import read

# A word in the title says most of what an article is about. Tuned with tests/bench/search_quality.py.
IN_OUTLET = 0.5
IN_EXCERPT = 0.5
OTHER_WRITING = 0.9  # "Wi-Fi" for "wifi"
OTHER_FORM = 0.75
BEGINNING = 0.85
TITLE_FILLED = 0.3  # for a title of nothing but the words that were typed
EXCERPT_FILLED = 0.2
SHORT_EXCERPT = 8  # words
TOGETHER = 0.1  # for words that follow each other as they were typed
STEPS = 80  # so finely are matches told apart; between equals, heat decides


class _Text(NamedTuple):
    """A text's words as it writes them, and otherwise, with a space before and after each."""

    words: str
    otherwise: str

    @classmethod
    def of(cls, text: str) -> "_Text":
        words, otherwise = read(text)
        return cls(f" {words} ", f" {otherwise} ")


class _Sought(NamedTuple):
    """What to look for of a term in a text."""

    exact: str
    others: tuple[str, ...]
    beginning: str | None

    @classmethod
    def of(cls, term: Term) -> "_Sought":
        exact = f" {term.exact}"
        return cls(f"{exact} ", tuple(f" {form} " for form in term.others), exact if term.open else None)


def order(terms: Sequence[Term], matches: Sequence[Match]) -> list[Match]:
    """Return the best match of each story, best first; equals by heat, then the newest."""
    sought = list(map(_Sought.of, terms))
    together = "".join(term.exact[:-1] for term in sought)
    ranked = sorted(matches, key=lambda match: _rank(_score(sought, together, match), match), reverse=True)
    best: dict[int, Match] = {}
    for match in ranked:
        best.setdefault(match.story_id, match)
    return list(best.values())


def _rank(score: int, match: Match) -> tuple[int, ...]:
    return score, match.heat, match.newest_at, -match.story_id, match.quality, -match.published_at


def _score(terms: Sequence[_Sought], together: str, match: Match) -> int:
    """Return how well an article matches: STEPS where every word stands in the title, and up to half more."""
    title = _Text.of(match.title)
    in_title = [_grade(term, title) for term in terms]
    if len(terms) == 1 and in_title[0]:
        return round(STEPS * in_title[0])  # shortcut: the code below would return the same
    excerpt = _Text.of(match.excerpt)
    in_excerpt = [_grade(term, excerpt) for term in terms]
    found = sum(in_title)
    if not all(in_title):
        outlet = _Text.of(match.provider)
        found += sum(
            max(IN_EXCERPT * said, IN_OUTLET * _grade(term, outlet))
            for term, titled, said in zip(terms, in_title, in_excerpt, strict=True)
            if not titled
        )
    value = found / len(terms)
    if len(terms) > 1:  # else the shortest title would win, not the hottest story
        value += TITLE_FILLED * _share(in_title, title, 1)
        value += EXCERPT_FILLED * _share(in_excerpt, excerpt, SHORT_EXCERPT)
        value += TOGETHER * (together in title.words)
    return round(STEPS * value)


def _share(grades: Sequence[float], text: _Text, least: int) -> float:
    """Return how much of a text is words that were typed; one of fewer than `least` counts as so many."""
    return min(1.0, sum(map(bool, grades)) / max(least, text.words.count(" ") - 1))


def _grade(term: _Sought, text: _Text) -> float:
    """Return how well a text holds a term."""
    if term.exact in text.words:
        return 1.0
    if term.exact in text.otherwise:
        return OTHER_WRITING
    for form in term.others:
        if form in text.words or form in text.otherwise:
            return OTHER_FORM
    begun = term.beginning and (term.beginning in text.words or term.beginning in text.otherwise)
    return BEGINNING if begun else 0.0
