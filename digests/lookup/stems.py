"""Other forms of a word: "drills" and "drilled" for "drill", as far as articles have them.

Words in the letters of English have forms as English words do. In other languages, forms are looked for among
the words of articles that are known to be written in them.
"""

import re
from collections import defaultdict
from functools import lru_cache
from itertools import islice

import Stemmer

from digests.lookup.query import Query, Typed
from storage.engine import ReadConnection
from storage.search import languages, vocabulary
from storage.search.terms import Term, Terms
from storage.search.vocabulary import Words

MAX_FORMS = 12
ENGLISH_WORD = re.compile(r"[a-z]{3,40}")
SHORTEST_STEM = 3
MIN_OPEN = 3  # letters; what one or two letters begin is nearly everything


def expand(reader: ReadConnection, query: Query, *, opened: int = MIN_OPEN) -> Terms:
    """Return what to search for: each word with its other forms; the last may go on from `opened` letters."""
    stems = {typed: _stem(typed) for typed in (*query.wanted, *query.unwanted)}
    english = _forms(reader, {stem for stem in stems.values() if stem})

    def term(typed: Typed) -> Term:
        spoken = [] if typed.verbatim else languages.forms(reader, typed.text)
        forms = dict.fromkeys([*english.get(stems[typed], ()), *spoken])
        forms.pop(typed.text, None)
        written = [typed.other] if typed.other else []
        return Term(typed.text, (*written, *islice(forms, MAX_FORMS)), typed.goes_on(opened))

    return Terms(tuple(map(term, query.wanted)), tuple(map(term, query.unwanted)))


def _stem(typed: Typed) -> str:
    """Return a word's stem, nothing for what has no other forms."""
    if typed.verbatim or not ENGLISH_WORD.fullmatch(typed.text):
        return ""
    stem = _stemmer().stemWord(typed.text)
    return stem if len(stem) >= SHORTEST_STEM else ""


def _forms(reader: ReadConnection, stems: set[str]) -> dict[str, list[str]]:
    """Return the words that have these stems, in order; a word and its stem begin with the same letter."""
    if not stems:
        return {}
    found: dict[str, list[str]] = {}
    for words in vocabulary.words(reader, {stem[0] for stem in stems}):
        by_stem = _by_stem(words)
        found |= {stem: by_stem[stem] for stem in stems if stem in by_stem}
    return found


def _stemmer() -> Stemmer.Stemmer:
    """Return a stemmer for one use: threads mustn't share one, and its memory takes longer than to stem."""
    return Stemmer.Stemmer("english", 0)


@lru_cache(maxsize=vocabulary.KEPT)
def _by_stem(words: Words) -> dict[str, list[str]]:
    found = defaultdict(list)
    for word, stem in zip(words.words, _stemmer().stemWords(words.words), strict=True):
        found[stem].append(word)
    return dict(found)
