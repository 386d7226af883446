"""Letters of any script: folded, with their marks, and what separates words.

To fold is to take lower case, and to leave out the accents that people leave out. What belongs to a word
stays: the vowel signs of Hindi or Thai, the hook that makes another letter of a Cyrillic one.
"""

import re
import unicodedata

# To normalize combining marks (accents) takes time by the square of how many follow each other, and nothing
# else runs meanwhile. They are all among these characters.
MARKS = 30
MANY_MARKS = re.compile(rf"[^\w\x00-\u02ff]{{{MARKS + 1},}}")
# Marks that readers do without: accents of European letters, vowel points of Hebrew, Arabic and Syriac,
# and what selects a glyph. The marks of other scripts are as much a part of a word as its letters.
ORNAMENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0711\u0730-\u074a"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U000e0100-\U000e01ef]"
)
# Letters that normalizing leaves as they are, or would take for others.
ALIKE = {
    "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "\u0131": "i", "ð": "d", "æ": "ae", "œ": "oe",
    "þ": "th", "й": "й", "ى": "ي", "ی": "ي", "ک": "ك", "ـ": "",
}  # fmt: skip
# Written without spaces between words, or, in Korean, with particles that stick to them.
UNSPACED = re.compile(
    "[\u0e01-\u0e3a\u0e40-\u0e4e\u0e80-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17dd\u1950-\u19df\u1a20-\u1aad"
    "\u3005-\u3007\u3021-\u3029\u3031-\u303c\u3041-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97c\ua9e0-\ua9fe\uaa60-\uaadf\uac00-\ud7fb\U0001b000-\U0001b16f\U00020000-\U0003ffff]+"
)
APOSTROPHES = "'\u2019\u2018\u02bc\u02bb\u02b9\u2032\uff07`\u00b4"
HYPHENS = "-_\u2010\u2011\u00b7\u2027\u30fb"
SIGNS = ".,+#&"  # that may be part of a word, besides apostrophes and hyphens
SIMPLE = b"abcdefghijklmnopqrstuvwxyz "
# What else than ASCII most English texts hold: without it they are read sooner.
PRINTED = [("\u2019", "'"), ("\u2018", "'")]
PRINTED += [(sign, " ") for sign in "\u201c\u201d\u2013\u2014\u2026\u00a0"]
TRADE_MARKS = str.maketrans("™℠", "  ")  # would be taken for letters


def fold(text: str) -> str:
    """Return `text` in lower case, without accents, its characters in their usual form."""
    return text.lower() if text.isascii() else _usual(text).translate(_PLAIN)


def is_alphabetic(word: str) -> bool:
    """Say whether a word is all letters of an alphabet: it may have other forms, and typing errors."""
    return word.isalpha() if word.isascii() else not is_unspaced(word) and all(map(_is_letter, word))


def is_unspaced(word: str) -> bool:
    """Say whether a word has characters of a script without spaces."""
    return not word.isascii() and UNSPACED.search(word) is not None


def is_character(word: str) -> bool:
    """Say whether a word is one character of a script without spaces, with its marks."""
    return is_unspaced(word) and len(characters(word)) == 1


def with_few_marks(text: str) -> str:
    """Return `text` with the first MARKS of combining marks in a row."""
    return MANY_MARKS.sub(lambda match: _without_more_marks(match[0]), text)


def _without_more_marks(text: str) -> str:
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MARKS:
            kept.append(character)
    return "".join(kept)


class _Plain(dict[int, str]):
    """What str.translate() takes accents off with; it looks at each character once."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if letter in ALIKE:
            plain = ALIKE[letter]
        else:
            bare = ORNAMENTS.sub("", unicodedata.normalize("NFD", letter))
            plain = unicodedata.normalize("NFC", "".join(ALIKE.get(each, each) for each in bare))
        self[code] = plain
        return plain


class _Separators(dict[int, str]):
    """What str.translate() makes folded words of, with spaces between; digits become those of ASCII."""

    def __missing__(self, code: int) -> str:
        self[code] = kept = "".join(map(self._of, _PLAIN[code]))
        return kept

    @staticmethod
    def _of(character: str) -> str:
        if character in APOSTROPHES:
            return "'"
        if character in HYPHENS:
            return "-"
        category = unicodedata.category(character)
        if category == "Nd":
            return str(unicodedata.decimal(character))
        if category[0] in "LMN" or character in SIGNS:
            return character
        return "" if category == "Cf" else " "


_PLAIN = _Plain()
_SEPARATORS = _Separators()
_ASCII = "".join(map(str, map(_SEPARATORS.__getitem__, range(128)))).lower().encode() + bytes(128)


def separated(text: str) -> str:
    """Return folded text, with spaces for everything that is no part of a word."""
    if not text.isascii():
        for sign, plain in PRINTED:
            text = text.replace(sign, plain)
    if text.isascii():
        return text.encode().translate(_ASCII).decode()
    return _usual(text.translate(TRADE_MARKS)).translate(_SEPARATORS)


def simple_words(text: str) -> str | None:
    """Return the words of a text that has nothing but letters of ASCII in them, None if it has more."""
    if not text.isascii():
        return None
    words = text.encode().translate(_ASCII)
    if words.translate(None, SIMPLE):
        return None
    words = words.strip()
    while b"  " in words:
        words = words.replace(b"  ", b" ")
    return words.decode()


def _usual(text: str) -> str:
    return unicodedata.normalize("NFKC", with_few_marks(text)).casefold()


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM"


def characters(word: str) -> list[str]:
    """Return the characters of a word, each with its marks."""
    found: list[str] = []
    for character in word:
        if found and unicodedata.category(character)[0] == "M":
            found[-1] += character
        else:
            found.append(character)
    return found
