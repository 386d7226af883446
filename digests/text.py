"""Clean text: what a seed's words look like everywhere but in the raw record."""

import html
import re
import unicodedata

from storage.search.letters import with_few_marks

# Characters that show nothing but change what is around them: zero-width ones (the joiners that
# scripts and emoji need stay) and the ones that override a text's direction.
INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb]")
FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and a sign of which nothing is seen
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Python refuses to read numbers of thousands of digits; no character has a number of a hundred.
ENDLESS_REFERENCE = re.compile("&#[0-9]{100,};?")
SLUG_WORD = re.compile(r"(?:(?<![^ ])\.(?=[^\W\d_]))?[^ .+#]+(?:[+#]+(?![^ .+#]))?")
VOWELS_Y = ("ay", "ey", "oy", "uy")  # as in "day"
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# What a terminal would obey, but for tabs.
ESCAPES = {number: f"\\x{number:02x}" for number in (*range(32), *range(127, 160))}
LOOKED_AT = 1_000  # characters of a wrong text of which the first are shown
# What some viewers break a line at, or turn its direction.
ESCAPES |= {number: f"\\u{number:04x}" for number in (*range(0x2028, 0x202F), *range(0x2066, 0x206A))}
ESCAPES |= {ord("\n"): "\\n", ord("\t"): "\t"}


def clean(text: str) -> str:
    """Return one line of text: entities unescaped once, control characters and extra space gone.

    Text of which nothing can be seen is empty. Of combining marks in a row, the first 30 are kept.
    """
    if text.isascii() and text.isprintable() and "&" not in text and "  " not in text:
        return text.strip()  # shortcut: the code below would return the same
    unescaped = html.unescape(ENDLESS_REFERENCE.sub("\ufffd", text)) if "&" in text else text
    spaced = CONTROL.sub(" ", INVISIBLE.sub("", unescaped))
    line = unicodedata.normalize("NFC", with_few_marks(" ".join(spaced.split())))
    return line if any(map(_is_seen, line)) else ""


def clean_address(text: str) -> str:
    """Return an address without what only stands in a text: space around it, signs not seen, entities.

    Entities count where they end in a semicolon: elsewhere they are parameters, such as `&copy=1`.
    """
    if text.isascii() and text.isprintable() and "&" not in text:
        return text.strip()  # shortcut: the code below would return the same
    unescaped = ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return CONTROL.sub("", INVISIBLE.sub("", unescaped)).strip()


def _is_seen(character: str) -> bool:
    """Say whether a character shows something; one that Python doesn't know yet may be a new emoji."""
    category = unicodedata.category(character)
    return (category[0] in "LNPS" or category in {"Cn", "Co"}) and character not in FILLERS


def count(number: int, noun: str) -> str:
    """Return a number with its noun: "1 story", "2 stories"."""
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and not noun.endswith(VOWELS_Y) else f"{noun}s"
    return f"{number:,} {plural}"


def visible(text: str) -> str:
    r"""Return `text` on one line, with control characters as escapes, such as \x1b."""
    return text.translate(ESCAPES)


def slugify(name: str) -> str:
    """Return `name` as lower-case words joined by hyphens; accents stay, and the signs of C++ and .NET."""
    usual = unicodedata.normalize("NFC", name).casefold()
    return "-".join(SLUG_WORD.findall(usual.translate(_SLUG_LETTERS))) or usual


class _SlugLetters(dict[int, str]):
    """What str.translate() makes spaces of all that is no part of a slug with."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kept = character.isalnum() or character in "_+#." or unicodedata.category(character)[0] == "M"
        self[code] = found = character if kept else " "
        return found


_SLUG_LETTERS = _SlugLetters()


def shorten(text: str, limit: int) -> str:
    """Cut `text` at a word so that, with a closing '…', it has at most `limit` characters."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    at_word = cut.rsplit(" ", 1)[0] if not text[limit - 1].isspace() else cut
    # A text without spaces, or with one endless word, is cut where it must be.
    return (at_word if len(at_word) > limit // 2 else cut).rstrip(" ,;:.-\u2013\u2014") + "…"


def glimpse(text: str, longest: int) -> str:
    """Return as much of a wrong text as an error shows, on one line."""
    return shorten(clean(text[:LOOKED_AT]), longest)
