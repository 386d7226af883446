"""HTML to what is shown of it: one line of text, the first picture of a fair size."""

import re
from typing import NamedTuple
from urllib.parse import urljoin

from w3lib.html import remove_comments, remove_tags, remove_tags_with_content, replace_tags

from digests.stories.urls import is_openable
from digests.text import clean, shorten

LOOKED_AT = 20_000  # characters of a text
UNSEEN = ("script", "style", "noscript", "template", "head")
WITHIN_WORDS = ("a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "mark", "q", "s", "small", "span",
                "strong", "sub", "sup", "tt", "u", "wbr")  # fmt: skip
UNFINISHED = re.compile(r"<[A-Za-z/!][^<>]*\Z")
# What blogs put under every excerpt.
TAIL = re.compile(
    r"(?:\s*(?:\[(?:…|\.\.\.)\]|(?:continue reading|read more|read the full (?:story|article))\b.{0,200}"
    r"|the post .{1,300} (?:appeared first|first appeared) on .{1,200}\.?))+\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
TAIL_SIGN = re.compile(
    r"\]\s*\Z|read (?:more|the full)|continue reading|(?:appeared first|first appeared) on", re.IGNORECASE
)
TAIL_LENGTH = 600  # characters
SENTENCE = re.compile("[.!?][\"'\u201d\u2019)]*(?=\\s)|[\u3002\uff01\uff1f]")
IMAGE = re.compile(r"<img\b([^<>]{0,4000})>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""\b(src|width|height)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
MIN_PIXELS = 100  # smaller pictures are icons, and what counts readers
MAX_IMAGES = 20  # that are looked at
BUTTON = "feedburner.com/~"  # what feedburner puts under every entry


class Picture(NamedTuple):
    """A picture's address, and its width in pixels, 0 if unknown."""

    url: str
    width: int


def text_of(markup: str) -> str:
    """Return the text of HTML on one line: tags gone, entities unescaped once."""
    seen = markup[:LOOKED_AT]
    if "<" in seen:
        seen = remove_tags_with_content(UNFINISHED.sub("", remove_comments(seen)), UNSEEN)
        seen = replace_tags(remove_tags(seen, WITHIN_WORDS), " ")
    return clean(seen)


def plain(text: str) -> str:
    """Return a text that is no HTML on one line: its ampersands and angle brackets are what they seem."""
    return clean(text[:LOOKED_AT].replace("&", "&amp;"))


def excerpt_of(text: str, limit: int) -> str:
    """Return the first sentences of a text without what blogs add, at most `limit` characters."""
    if TAIL_SIGN.search(text[-TAIL_LENGTH:]):
        text = TAIL.sub("", text)
    if len(text) <= limit:
        return text
    ends = [match.end() for match in SENTENCE.finditer(text[: limit + 1])]
    return text[: ends[-1]] if ends and ends[-1] > limit // 3 else shorten(text, limit)


def picture_of(markup: str, base: str) -> Picture | None:
    """Return the first picture in HTML that isn't known to be small."""
    for match, _ in zip(IMAGE.finditer(markup), range(MAX_IMAGES), strict=False):
        said = {name.lower(): clean(a or b or c) for name, a, b, c in ATTRIBUTE.findall(match[1])}
        width, height = pixels(said.get("width")), pixels(said.get("height"))
        is_small = any(0 < side < MIN_PIXELS for side in (width, height))
        url = absolute(said.get("src", ""), base)
        if url and not is_small and BUTTON not in url:
            return Picture(url, width)
    return None


def pixels(value: object) -> int:
    """Return a number of pixels, 0 for what is none."""
    text = str(value).strip().removesuffix("px")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 6 else 0


def absolute(url: str, base: str) -> str:
    """Return an address seen from where it stands, empty if no browser can open it."""
    try:
        joined = urljoin(base, url.strip()) if url.strip() else ""
    except ValueError:
        return ""
    return joined if is_openable(joined) else ""
