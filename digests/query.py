"""What a person types into a search, as an FTS5 expression. Any text at all is a valid query."""

import re
import unicodedata
from dataclasses import dataclass

TERM = re.compile(r'(?P<without>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
WORD = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")  # with its accents, as FTS5 reads it
MAX_TERMS = 24


@dataclass(frozen=True, slots=True)
class Query:
    """The words to find, and those that must not stand there, as FTS5 phrases."""

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]

    @property
    def expression(self) -> str | None:
        """The FTS5 expression, None where there is nothing to search for."""
        if not self.wanted:
            return None
        without = "".join(f" NOT {phrase}" for phrase in self.unwanted)
        return f"({' AND '.join(self.wanted)}){without}"


def parse(text: str) -> Query:
    """Return the query that `text` means: words, "exact phrases", -without; the last word is a prefix."""
    wanted: list[str] = []
    unwanted: list[str] = []
    open_ended = bool(text) and not text[-1].isspace()
    composed = unicodedata.normalize("NFC", text)
    matches = [match for match in TERM.finditer(composed) if re.search(r"\w", match[0])][:MAX_TERMS]
    for position, match in enumerate(matches):
        words = WORD.findall(match["phrase"] or match["word"] or "")
        if not words:
            continue
        phrase = f'"{" ".join(words)}"'
        is_last = position == len(matches) - 1
        if match["without"]:
            unwanted.append(phrase)
        elif is_last and open_ended and match["word"]:
            wanted.append(f"{phrase}*")
        else:
            wanted.append(phrase)
    return Query(tuple(dict.fromkeys(wanted)), tuple(dict.fromkeys(unwanted)))
