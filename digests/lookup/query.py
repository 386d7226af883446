"""What a person types into a search. Any text at all is a valid query."""

import re
from dataclasses import dataclass, field

from digests.text import INVISIBLE
from storage.search.letters import is_alphabetic, is_character
from storage.search.words import pieces, unspaced

TERM = re.compile(r'(?P<without>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
CURLY = str.maketrans("\u201c\u201d\u201e\u00ab\u00bb", '"""""')  # phones type these for quotes
MAX_TERMS = 24
MAX_TEXT = 2_000  # characters looked at


@dataclass(frozen=True, slots=True)
class Typed:
    """One word, or several that stand together, as the index has them; `shown` is what was typed.

    `verbatim`: other forms of it don't count. `open`: it ended the text, and may be the beginning of a word.
    `other` is another way to write it, such as "wifi" for "wi fi".
    """

    words: tuple[str, ...]
    verbatim: bool = False
    open: bool = False
    other: str = ""
    shown: str = field(default="", compare=False)

    @property
    def text(self) -> str:
        """The words, with single spaces between."""
        return " ".join(self.words)

    def goes_on(self, least: int) -> bool:
        """Say whether words that begin so are meant, too, if what was typed has at least so many letters.

        One character of a script without spaces begins each pair that has it.
        """
        *others, last = self.words
        if is_character(last):
            return not others
        return self.open and len(self.text) >= least and (least == 1 or is_alphabetic(last[-1]))


@dataclass(frozen=True, slots=True)
class Query:
    """What must stand in an article, and what must not."""

    wanted: tuple[Typed, ...]
    unwanted: tuple[Typed, ...]


def parse(text: str) -> Query:
    """Return the query that `text` means: words, "exact phrases", -without."""
    wanted: dict[Typed, None] = {}
    unwanted: dict[Typed, None] = {}
    usual = unspaced(INVISIBLE.sub("", text[:MAX_TEXT]).translate(CURLY))
    open_ended = bool(usual) and not usual[-1].isspace()
    matches = [match for match in TERM.finditer(usual) if re.search(r"\w", match[0])][:MAX_TERMS]
    for match in matches:
        found = pieces(match["phrase"] or match["word"] or "")
        words = tuple(word for piece in found for word in piece.words)
        if not words:
            continue
        verbatim = len(words) > 1 or match["phrase"] is not None
        other = found[0].other if match["word"] and len(found) == 1 else ""
        if match["without"]:
            unwanted[Typed(words, verbatim, other=other)] = None
        else:
            is_last = match is matches[-1] and open_ended and match["word"] is not None
            wanted[Typed(words, verbatim, is_last, other, (match["word"] or "").lower())] = None
    return Query(tuple(wanted), tuple(unwanted))
