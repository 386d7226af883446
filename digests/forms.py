"""Other forms of a word: "drills" and "drilled" for "drill", as far as articles have them."""

import re
from collections.abc import Iterable

import Stemmer

from digests.query import Query, Typed, fold
from storage import vocabulary
from storage.database import Connection
from storage.search import Term, Terms

MAX_FORMS = 12
ENGLISH = re.compile(r"[a-z]{3,40}")
SHORTEST_STEM = 3
MIN_OPEN = 3  # letters; what one or two letters begin is nearly everything


async def with_forms(connection: Connection, query: Query, *, opened: int = MIN_OPEN) -> Terms:
    """Return what to search for: each word with its other forms; the last may go on from `opened` letters."""
    stemmer = Stemmer.Stemmer("english")
    stems = {typed: _stem(stemmer, typed) for typed in (*query.wanted, *query.unwanted)}
    letters = {stem[0] for stem in stems.values() if stem}
    texts = await vocabulary.words(connection, letters) if letters else []
    by_stem: dict[str, list[str]] = {stem: [] for stem in stems.values() if stem}
    for word in _near("".join(texts), by_stem):
        if (stem := stemmer.stemWord(word)) in by_stem:
            by_stem[stem].append(word)

    def term(typed: Typed) -> Term:
        stem = stems[typed]
        others = [word for word in by_stem[stem] if word != fold(typed.text)] if stem else []
        return Term(typed.text, tuple(others[:MAX_FORMS]), typed.open and len(typed.text) >= opened)

    return Terms(tuple(map(term, query.wanted)), tuple(map(term, query.unwanted)))


def _stem(stemmer: "Stemmer.Stemmer", typed: Typed) -> str:
    """Return a word's stem, nothing for what has no other forms."""
    word = fold(typed.text)
    if typed.verbatim or not ENGLISH.fullmatch(word):
        return ""
    stem: str = stemmer.stemWord(word)
    return stem if len(stem) >= SHORTEST_STEM else ""


def _near(text: str, stems: Iterable[str]) -> list[str]:
    """Return the words of a vocabulary that may have these stems, whose last letter may not be the word's."""
    words: dict[str, None] = {}
    for stem in stems:
        beginning = f" {stem[: max(SHORTEST_STEM, len(stem) - 1)]}"
        start = text.find(beginning)
        if start >= 0:
            end = text.find(" ", text.rfind(beginning) + 1)
            words |= dict.fromkeys(text[start:end].split())
    return list(words)
