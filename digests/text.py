"""Clean text: what a seed's words look like everywhere but in the raw record."""

import html
import re
import unicodedata

# Characters that show nothing but change what is around them: zero-width ones (the joiners that
# scripts and emoji need stay) and the ones that override a text's direction.
INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb]")
FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and a sign of which nothing is seen
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Python refuses to read numbers of thousands of digits; no character has a number of a hundred.
ENDLESS_REFERENCE = re.compile("&#[0-9]{100,};?")
# To normalize combining marks (accents) takes time by the square of how many follow each other, and nothing
# else runs meanwhile. They are all among these characters.
VOWELS_Y = ("ay", "ey", "oy", "uy")  # as in "day"
MARKS = 30
MANY_MARKS = re.compile(rf"[^\w\x00-\u02ff]{{{MARKS + 1},}}")
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
TOKEN = re.compile(r"[^\W_]+")
LETTERS = bytes(code if chr(code).isalnum() else ord(" ") for code in range(256)).lower()  # of ASCII
# What a terminal would obey, but for tabs.
ESCAPES = {number: f"\\x{number:02x}" for number in (*range(32), *range(127, 160))}
ESCAPES |= {ord("\n"): "\\n", ord("\t"): "\t"}


def clean(text: str) -> str:
    """Return one line of text: entities unescaped once, control characters and extra space gone.

    Text of which nothing can be seen is empty. Of combining marks in a row, the first 30 are kept.
    """
    if text.isascii() and text.isprintable() and "&" not in text and "  " not in text:
        return text.strip()  # what the rest would come to
    unescaped = html.unescape(ENDLESS_REFERENCE.sub("\ufffd", text)) if "&" in text else text
    spaced = CONTROL.sub(" ", INVISIBLE.sub("", unescaped))
    line = unicodedata.normalize("NFC", _with_few_marks(" ".join(spaced.split())))
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


def _with_few_marks(text: str) -> str:
    return MANY_MARKS.sub(lambda match: _without_more_marks(match[0]), text)


def _without_more_marks(text: str) -> str:
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MARKS:
            kept.append(character)
    return "".join(kept)


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
    """Return `name` as lower-case words joined by hyphens; accents stay, and the signs of C++ and C#."""
    return "-".join(re.findall(r"\w+(?:[+#]+(?!\w))?", name.casefold())) or name.casefold()


def shorten(text: str, limit: int) -> str:
    """Cut `text` at a word so that, with a closing '…', it has at most `limit` characters."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    at_word = cut.rsplit(" ", 1)[0] if not text[limit - 1].isspace() else cut
    # A text without spaces, or with one endless word, is cut where it must be.
    return (at_word if len(at_word) > limit // 2 else cut).rstrip(" ,;:.-\u2013\u2014") + "…"


def as_words(text: str) -> str:
    """Return the words of a text as the index knows them: in lower case, without accents, a space between."""
    if not text.isascii():
        return " ".join(TOKEN.findall(fold(text)))
    words = text.encode().translate(LETTERS).decode().strip()  # what the other way would come to
    while "  " in words:
        words = words.replace("  ", " ")
    return words


def fold(text: str) -> str:
    """Return `text` in lower case, without accents."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFD", _with_few_marks(text.lower())).translate(WITHOUT_MARKS)


class _WithoutMarks(dict[int, int | None]):
    """What str.translate() takes the marks off letters with; it looks at each character once."""

    def __missing__(self, code: int) -> int | None:
        kept = self[code] = None if unicodedata.category(chr(code)) == "Mn" else code
        return kept


WITHOUT_MARKS = _WithoutMarks()
