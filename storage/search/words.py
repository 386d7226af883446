"""What a word is, in any script: every index and every comparison of words goes by this.

Letters are folded, and signs that are part of a word stay: those of C++, .NET and R&D. A script without
spaces is read as overlapping pairs of characters. What people write in several ways (Wi-Fi, wifi) is indexed
in these ways as well.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from storage.search.letters import UNSPACED, characters, is_unspaced, separated, simple_words

# Capitals that are other words in small letters.
TELLING = {"us": "u.s.", "it": "i.t.", "who": "w.h.o.", "aids": "a.i.d.s.", "ice": "i.c.e."}
TOLD = tuple(each.upper() for each in TELLING)
CAPITALS = re.compile(rf"\b(?:{'|'.join(TOLD)})(?![\w\u0300-\u036f])")
# "10 000", "R & D", "J. K.": one word each, though written with spaces.
SPACED_NUMBER = re.compile(r"(?<![\w.,])[1-9]\d{0,2}(?: \d{3})+(?!\w)")
SPACED_AMPERSAND = re.compile(r"(?<!\w)(?:([^\W\d_]) & ([^\W\d_]{1,2})|([^\W\d_]{2}) & ([^\W\d_]))(?!\w)")
SPACED_INITIALS = re.compile(r"(?<!\w)([^\W\d_]\.) (?=[^\W\d_]\.)")
SPACED = re.compile(r" (?:& |\d{3}|\w\.)")

GROUPED = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:(?:,\d{2})*,\d{3}|(?:\.\d{3})+|(?:'\d{3})+)(?!\d)")
DECIMAL = re.compile(r"(?<![.,\d])(\d+)[.,](\d+)(?![.,]?\d)")
ACRONYM = re.compile(r"(?<![^\W_])([^\W\d_](?:\.[^\W\d_])+)\.?(?![^\W_])")
AMPERSAND = re.compile(r"(?<![^\W_])([^\W_]{1,2})&([^\W_]{1,2})(?![^\W_])")
PART = r"[^-.,'&+#]+(?:\+\+|[+#]+(?![^-.,'&+#]))?"
COMPOUND = re.compile(rf"{PART}(?:[-.']{PART})*")
JOINT = re.compile(r"(?<=[^-.'])([-.'])")
DOT, AND = "\u00b7", "\uff06"  # stand for signs that are part of a word while it is taken apart
KEPT_SIGNS = str.maketrans(f"{DOT}{AND}", ".&")
# A piece with more than letters and digits of ASCII.
UNUSUAL = re.compile(r"(?<![^ ])[a-z0-9]*+[^a-z0-9 ][^ ]*+")
LETTERS_AND_NUMBER = re.compile(r"([^\W\d_]{2,})(\d+(?:\.\d+)?)")
LONGEST_JOINED = 30
LONGEST_KEPT = 30  # characters of pieces that come again
ELIDED = frozenset(("c", "d", "j", "l", "m", "n", "qu", "s", "t"))  # before an apostrophe


class Written(NamedTuple):
    """How a piece of text without spaces is written: its words, and `also` what it is indexed by besides.

    `other` is another way to write all of it, "" without one.
    """

    words: tuple[str, ...]
    also: tuple[str, ...] = ()
    other: str = ""


def as_words(text: str) -> str:
    """Return the words of a text as it writes them, a space between."""
    return read(text)[0]


def indexed(text: str) -> str:
    """Return what a text is indexed by: its words, then the other ways in which they may be looked for."""
    words, also = read(text)
    return f"{words} {also}" if also else words


@lru_cache(maxsize=1_024)  # a text that is stored is read to be known again, to be judged and to be indexed
def read(text: str) -> tuple[str, str]:
    """Return the words of a text as it writes them, and the other ways in which they may be looked for."""
    if (simple := simple_words(text)) is not None and not _has_telling(text):
        return simple, ""  # shortcut: the code below would return the same
    also: dict[str, None] = {}

    def taken_apart(piece: re.Match[str]) -> str:
        written = _taken_apart(piece[0])
        also.update(dict.fromkeys(written.also))
        return " ".join(written.words)

    words = UNUSUAL.sub(taken_apart, separated(unspaced(text)))
    if SPACED.search(text):
        also |= {part: None for number in SPACED_NUMBER.findall(text) for part in number.split()}
    return " ".join(words.split()), " ".join(also)


def pieces(text: str) -> list[Written]:
    """Return how each piece of a text is written that stands between spaces or other separators."""
    return list(map(_taken_apart, separated(unspaced(text)).split()))


def writings(name: str) -> set[str]:
    """Return the ways in which a name may be written; two names are the same if they share one."""
    found = pieces(name)
    words = " ".join(word for piece in found for word in piece.words)
    joined = " ".join(piece.other or " ".join(piece.words) for piece in found)
    return {words, joined} - {""}


def unspaced(text: str) -> str:
    """Return `text` without the spaces inside a word, and with capitals that tell it from another as such."""
    if _has_telling(text) and not (text.isupper() and " " in text):
        text = CAPITALS.sub(lambda match: TELLING[match[0].lower()], text)
    if not SPACED.search(text):
        return text
    text = SPACED_NUMBER.sub(lambda match: match[0].replace(" ", ""), text)
    text = SPACED_AMPERSAND.sub(lambda match: "&".join(filter(None, match.groups())), text)
    return SPACED_INITIALS.sub(r"\1", text)


def _has_telling(text: str) -> bool:
    return any(capitals in text for capitals in TOLD)


def _taken_apart(piece: str) -> Written:
    """Return how a piece is written that may hold signs, or letters beyond ASCII."""
    return _kept(piece) if len(piece) <= LONGEST_KEPT else _read(piece)


@lru_cache(maxsize=16_384)
def _kept(piece: str) -> Written:
    return _read(piece)


def _read(piece: str) -> Written:
    piece = GROUPED.sub(lambda match: re.sub(r"\D", "", match[0]), piece.strip("'-,"))
    piece = AMPERSAND.sub(rf"\1{AND}\2", DECIMAL.sub(rf"\1{DOT}\2", ACRONYM.sub(_acronym, piece)))
    found = [_compound(match[0], piece[: match.start()]) for match in COMPOUND.finditer(piece)]
    words = tuple(word for each in found for word in each.words)
    other = found[0].other if len(found) == 1 else ""
    if not other and len(words) == 1 and (match := LETTERS_AND_NUMBER.fullmatch(words[0])):
        other = f"{match[1]} {match[2]}"
    return Written(words, tuple(word for each in found for word in each.also), other)


def _acronym(match: re.Match[str]) -> str:
    letters = match[1].replace(".", "")
    return DOT.join(letters) if letters in TELLING else letters


def _is_telling(part: str) -> bool:
    return "." in part and part.replace(".", "") in TELLING


def _compound(text: str, before: str) -> Written:
    """Return how words are written that signs tie together, with what stands `before` them in their piece."""
    first, *rest = JOINT.split(text)
    parts = [f".{first}" if before == "." and first.isalpha() else first, *rest[1::2]]
    joints = rest[::2]
    if joints[-1:] == ["'"] and parts[-1] == "s":  # a possessive
        joints.pop()
        parts.pop()
    parts = [part.translate(KEPT_SIGNS) for part in parts]
    joined = _joined(parts, joints)
    also = [*joined, *(bare for part in parts for bare in _bare(part))]
    words: list[str] = []
    for part in parts:
        for word, in_pairs in _runs(part):
            words += _pairs(word) if in_pairs else [word]
            also += characters(word)[-1:] if in_pairs else []
    return Written(tuple(words), tuple(dict.fromkeys(also)), joined[0] if joined else "")


def _joined(parts: list[str], joints: list[str]) -> list[str]:
    """Return words that others write as one: all of it first, and of three parts the first two."""
    if not 2 <= len(parts) <= 3 or is_unspaced("".join(parts)):
        return []
    whole = "".join(parts)
    elided = joints[0] == "'" and parts[0] in ELIDED
    if (
        elided
        or whole.isdecimal()
        or len(whole) > LONGEST_JOINED
        or parts[0][0] == "."
        or "." in parts[0][1:]
    ):
        return []
    return [whole] if len(parts) == 2 else [whole, "".join(parts[:2])]


def _bare(part: str) -> list[str]:
    """Return a part without its signs, if it has any and may be meant without them."""
    if part[-1] in "+#" and len(part.rstrip("+#")) > 1:
        return [part.rstrip("+#")]
    if _is_telling(part):
        return [part.replace(".", "")]
    return [part.replace("&", "")] if "&" in part and len(part) > 3 else []


def _runs(part: str) -> Iterator[tuple[str, bool]]:
    """Yield the stretches of a part, and whether each is of a script without spaces, which takes no signs."""
    if part.isascii():
        yield part, False
        return
    at = 0
    for match in UNSPACED.finditer(part):
        if other := _without_loose_signs(part[at : match.start()]):
            yield other, False
        yield match[0], True
        at = match.end()
    if other := _without_loose_signs(part[at:]):
        yield other, False


def _without_loose_signs(stretch: str) -> str:
    return stretch.strip("&") if stretch.strip("+#&.") else ""


def _pairs(word: str) -> list[str]:
    """Return each character of a word with the one after it, or the only one."""
    found = characters(word)
    return [one + other for one, other in pairwise(found)] or found
