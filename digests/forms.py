"""Other forms of a word: "drills" and "drilled" for "drill", as far as articles have them."""

import re
from bisect import bisect_left
from collections.abc import Sequence

import Stemmer

from digests.query import Query, Typed, fold
from storage import vocabulary
from storage.database import Reader
from storage.terms import Term, Terms

MAX_FORMS = 12
STEMMER = Stemmer.Stemmer("english", 0)  # without its memory, which takes longer than to stem again
ENGLISH = re.compile(r"[a-z]{3,40}")
SHORTEST_STEM = 3
CHANGED = frozenset("eil")  # what stems may end with where their words don't: "citi", "robe" of "robing"
MIN_OPEN = 3  # letters; what one or two letters begin is nearly everything


def with_forms(reader: Reader, query: Query, *, opened: int = MIN_OPEN) -> Terms:
    """Return what to search for: each word with its other forms; the last may go on from `opened` letters."""
    stems = {typed: _stem(typed) for typed in (*query.wanted, *query.unwanted)}
    letters = {stem[0] for stem in stems.values() if stem}
    by_letter = {words[0][0]: words for words in vocabulary.words(reader, letters)} if letters else {}

    def term(typed: Typed) -> Term:
        stem = stems[typed]
        forms = _forms(stem, by_letter.get(stem[0], ())) if stem else ()
        others = [word for word in forms if word != fold(typed.text)]
        return Term(typed.text, tuple(others[:MAX_FORMS]), typed.open and len(typed.text) >= opened)

    return Terms(tuple(map(term, query.wanted)), tuple(map(term, query.unwanted)))


def _stem(typed: Typed) -> str:
    """Return a word's stem, nothing for what has no other forms."""
    word = fold(typed.text)
    if typed.verbatim or not ENGLISH.fullmatch(word):
        return ""
    stem = STEMMER.stemWord(word)
    return stem if len(stem) >= SHORTEST_STEM else ""


def _forms(stem: str, words: Sequence[str]) -> list[str]:
    """Return the words of a vocabulary, which is in order, that have a stem."""
    beginning = stem[:-1] if len(stem) > SHORTEST_STEM and stem[-1] in CHANGED else stem
    first = bisect_left(words, beginning)
    last = bisect_left(words, f"{beginning}\U0010ffff", first)
    alike = words[first:last]
    return [word for word, its in zip(alike, STEMMER.stemWords(alike), strict=True) if its == stem]
