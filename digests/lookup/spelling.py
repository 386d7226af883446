"""Typing errors: the words of the index that somebody may have meant."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TypeAlias

from rapidfuzz import process
from rapidfuzz.distance import OSA

from digests.lookup.query import Query, Typed
from storage.engine import ReadConnection
from storage.search import index, vocabulary
from storage.search.letters import is_alphabetic
from storage.search.terms import Term, Terms

CANDIDATES = 8  # words considered for each that may be mistyped
MAX_TRIES = 48
Wording: TypeAlias = tuple[tuple[str, ...], ...]  # the words of each term
LONG = 6  # letters; a word that long may hold two errors


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that was taken for mistyped, and the word that was searched for instead."""

    typed: str
    meant: str


def correct(reader: ReadConnection, query: Query) -> tuple[Query, tuple[Correction, ...]] | None:
    """Return the query that somebody may have meant, where no article has the words of this one.

    None where nothing similar finds anything, and where the words as they are do: then it is not they
    that are wrong.
    """
    words = [word for letter in vocabulary.words(reader) for word in letter.words]
    tries = _rewordings(query.wanted, words)
    alternatives = [_terms(query, wording) for wording in tries]
    counts = index.matching(reader, alternatives)
    others = range(1, len(tries))
    best = max(others, key=lambda n: (counts[n] > 0, -_errors(query.wanted, tries[n]), counts[n]), default=0)
    if counts[0] or not counts[best]:
        return None
    meant = tuple(map(_reworded, query.wanted, tries[best]))
    corrections = tuple(
        Correction(typed.shown, new.text)
        for typed, new in zip(query.wanted, meant, strict=True)
        if typed != new
    )
    return replace(query, wanted=meant), corrections


def _reworded(typed: Typed, words: tuple[str, ...]) -> Typed:
    return typed if words == typed.words else replace(typed, words=words, other="")


def _terms(query: Query, wording: Wording) -> Terms:
    """Return what to search for where the wanted words are worded so."""
    return Terms(tuple(map(_term, map(_reworded, query.wanted, wording))), tuple(map(_term, query.unwanted)))


def _term(typed: Typed) -> Term:
    return Term(typed.text, (typed.other,) if typed.other else (), typed.goes_on(1))


def _rewordings(wanted: Sequence[Typed], words: Sequence[str]) -> list[Wording]:
    """Return the words as typed, then other wordings, the likeliest first.

    All words that no article has are replaced; only where there are none, one of the others is.
    """
    as_typed = tuple(typed.words for typed in wanted)
    doubtful = [n for n, each in enumerate(wanted) if not each.verbatim and _may_be_mistyped(each.text)]
    unknown = [place for place in doubtful if wanted[place].text not in words]
    similar = {place: _similar(wanted[place].text, words) for place in unknown or doubtful}
    replaced = [place for place, others in similar.items() if others]
    found: list[Wording] = []
    for group in [replaced] if unknown else [[place] for place in replaced]:
        for others in islice(product(*(similar[place] for place in group)), MAX_TRIES):
            meant = dict(zip(group, others, strict=True))
            found.append(tuple((meant[n],) if n in meant else each for n, each in enumerate(as_typed)))
    return [as_typed, *sorted(found, key=lambda wording: _errors(wanted, wording))[:MAX_TRIES]]


def _may_be_mistyped(word: str) -> bool:
    return vocabulary.SHORTEST <= len(word) <= vocabulary.LONGEST and is_alphabetic(word)


def _similar(word: str, words: Sequence[str]) -> list[str]:
    errors = 1 + (len(word) >= LONG)
    found = process.extract(word, words, scorer=OSA.distance, score_cutoff=errors, limit=None)
    found.sort(key=lambda match: (match[1], match[0][0] != word[0], abs(len(match[0]) - len(word))))
    return [other for other, *_ in found if other != word][:CANDIDATES]


def _errors(wanted: Sequence[Typed], tried: Wording) -> int:
    return sum(OSA.distance(typed.text, " ".join(words)) for typed, words in zip(wanted, tried, strict=True))
