"""What a person types into a search. Any text at all is a valid query."""

import re
import unicodedata
from dataclasses import dataclass

from digests.text import INVISIBLE

TERM = re.compile(r'(?P<without>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
WORD = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")  # with its accents, as the index reads it
POSSESSIVE = re.compile("['\u2019]s$", re.IGNORECASE)
CURLY = str.maketrans("\u201c\u201d\u201e\u00ab\u00bb", '"""""')  # phones type these for quotes
MAX_TERMS = 24
MAX_TEXT = 2_000  # characters looked at


@dataclass(frozen=True, slots=True)
class Typed:
    """One word, or several that stand together.

    `verbatim`: other forms of it don't count. `open`: it ended the text, and may be the beginning of a word.
    """

    words: tuple[str, ...]
    verbatim: bool = False
    open: bool = False

    @property
    def text(self) -> str:
        """The words, with single spaces between."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Query:
    """What must stand in an article, and what must not."""

    wanted: tuple[Typed, ...]
    unwanted: tuple[Typed, ...]


def parse(text: str) -> Query:
    """Return the query that `text` means: words, "exact phrases", -without."""
    wanted: dict[Typed, None] = {}
    unwanted: dict[Typed, None] = {}
    composed = unicodedata.normalize("NFC", INVISIBLE.sub("", text[:MAX_TEXT])).translate(CURLY)
    open_ended = bool(composed) and not composed[-1].isspace()
    matches = [match for match in TERM.finditer(composed) if re.search(r"\w", match[0])][:MAX_TERMS]
    for match in matches:
        word = POSSESSIVE.sub("", match["word"] or "")
        words = tuple(WORD.findall((match["phrase"] or word).lower()))
        if not words:
            continue
        if match["without"]:
            unwanted[Typed(words, verbatim=len(words) > 1 or match["phrase"] is not None)] = None
        else:
            is_last = match is matches[-1] and open_ended and match["word"] is not None
            wanted[Typed(words, len(words) > 1 or match["phrase"] is not None, is_last)] = None
    return Query(tuple(wanted), tuple(unwanted))
