"""A shortcut for seeds that are written as nearly all of them are: a pattern instead of YAML and validation.

Returns exactly what yaml_loader and schema would, or None. Tests hold the two together.
"""

import re
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import yaml

from digests.seeds.limits import MAX_EXCERPT, MAX_IMAGES, MAX_NAME, MAX_TITLE, MAX_TOPICS
from digests.stories.identity import outlet_domain
from digests.stories.urls import MAX_ADDRESS, canonical, is_openable
from digests.text import clean, clean_address
from storage.models import Provider

LONGEST = 300_000  # characters, twice the largest seed seen: while a pattern looks at a text, nothing else runs
# The characters that YAML takes as they are, except the backslash and those that end a line.
LETTERS = re.compile(
    r"[\x20-\x5b\x5d-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"
)
ESCAPE = re.compile(r'\\(["\\nrt])')
ESCAPED = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
STR = "tag:yaml.org,2002:str"
RESOLVER: Any = yaml.resolver.Resolver()  # says which type a plain scalar has

# What the patterns leave open is checked below; the rest can't break a rule of schema.py.
QUOTED = r'[^"\\\n]*(?:\\["\\nrt][^"\\\n]*)*'
WORDS = r"[A-Za-z](?:[^:#\n]*[^:#\n ])?"
NUMBER = r"(?:0|[1-9][0-9]{0,5})"
MOMENT = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z"


def _below_title(margin: str) -> str:
    """Return the pattern of the lines between an article's title and its quality or provider."""
    return rf"""{margin}excerpt: "(?P<excerpt>{QUOTED})"
{margin}publishedDateTime: (?P<published_at>{MOMENT})
(?:{margin}originalUrl: "(?P<original_url>{QUOTED})"
)?{margin}webUrl: "(?P<url>{QUOTED})"
(?:{margin}ampWebUrl: "(?P<amp_url>{QUOTED})"
{margin}cdnAmpWebUrl: "(?P<cdn_url>{QUOTED})"
)?{margin}type: (?P<type>article|video)
"""


def _provider(margin: str) -> str:
    return rf"""{margin}provider:
{margin}  name: (?P<name>{WORDS})
{margin}  domain: (?P<domain>{WORDS})
"""


def _image(margin: str) -> str:
    return rf"""{margin}images:
{margin}  - url: "(?P<image_url>{QUOTED})"
{margin}    width: {NUMBER}
{margin}    height: {NUMBER}
{margin}    isCached: (?:true|false)
"""


RELATED = re.compile(
    rf"""  - title: "(?P<title>{QUOTED})"
{_below_title("    ")}{_provider("    ")}    quality: (?P<quality>{NUMBER})
(?:{_image("    ")})?"""
)
RECORD = re.compile(
    rf"""category: (?P<category>{WORDS})
title: "(?P<title>{QUOTED})"
{_below_title("")}quality: (?P<quality>{NUMBER})
heat: (?P<heat>-1|{NUMBER})
published: (?P<published>true|false)
\n*{_provider("")}(?:  images:
(?:    - url: "{QUOTED}"
      width: {NUMBER}
      height: {NUMBER}
){{1,{MAX_IMAGES}}})?\n*topics:
(?P<topics>(?:  - {WORDS}
)+)\n*(?:{_image("")}(?:    title: "{QUOTED}"
)?\n*)?(?:secured: "{QUOTED}"
\n*)?"""
)
ITEM = "  - "
# How many nodes there are at most in what the patterns match.
BLOCK_NODES = 40
RECORD_NODES = 500


class FastArticle(NamedTuple):
    """What a block says of an article; the fields are those of schema.ArticleFields."""

    title: str
    excerpt: str
    published_at: datetime
    url: str
    addresses: tuple[str, ...]
    type: str
    outlet: Provider
    quality: int
    image_url: str | None


class FastRecord(NamedTuple):
    """What a seed says but for its related articles; the fields are those of schema.RecordFields."""

    article: FastArticle
    category: str
    heat: int
    published: bool
    removed: bool
    topics: list[str]


def match_article(block: str) -> FastArticle | None:
    """Return what a related article's text says; None if it isn't written as usual."""
    match = RELATED.fullmatch(block)
    return _article(match) if match else None


def match_record(text: str) -> FastRecord | None:
    """Return what a seed's YAML without its related articles says; None if it isn't written as usual."""
    match = RECORD.fullmatch(text) if len(text) <= LONGEST else None
    article = _article(match) if match else None
    if match is None or article is None:
        return None
    words = [match["category"], *match["topics"][len(ITEM) : -1].split(f"\n{ITEM}")]
    if len(words) > 1 + MAX_TOPICS or max(map(len, words)) > MAX_NAME:
        return None
    category, *topics = map(_words, words)
    if not (category and all(topics)):
        return None
    return FastRecord(
        article=article,
        category=category,
        heat=int(match["heat"]),
        published=match["published"] == "true",
        removed=False,
        topics=topics,
    )


def _article(match: re.Match[str]) -> FastArticle | None:
    if not _is_literal(match.string.replace("\n", "").replace("\\", "")):
        return None
    title, excerpt, url, image_url = match.group("title", "excerpt", "url", "image_url")
    kind, name, domain, quality, moment = match.group("type", "name", "domain", "quality", "published_at")
    others = list(filter(None, match.group("original_url", "amp_url", "cdn_url")))
    # Lengths as written; without its escapes, a text may be within the limits the long way.
    if len(title) > MAX_TITLE or len(excerpt) > MAX_EXCERPT or max(len(name), len(domain)) > MAX_NAME:
        return None
    if max(map(len, (url, image_url or "", *others))) > MAX_ADDRESS:
        return None
    title = clean(_unescaped(title))
    url, image_url, *others = (clean_address(_unescaped(each)) for each in (url, image_url or "", *others))
    address, outlet = canonical(url), _outlet(name, domain)
    if not title or address is None or outlet is None:
        return None
    try:
        published_at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    addresses = (address, *filter(None, map(canonical, others)))
    return FastArticle(
        title=title,
        excerpt=clean(_unescaped(excerpt)),
        published_at=published_at,
        url=url,
        addresses=tuple(dict.fromkeys(addresses)),
        type=kind,
        outlet=outlet,
        quality=int(quality),
        image_url=image_url if image_url and is_openable(image_url) else None,
    )


@lru_cache(maxsize=4_096)  # few outlets write most articles
def _outlet(name: str, domain: str) -> Provider | None:
    outlet = Provider(_words(name), outlet_domain(_words(domain)))
    return outlet if outlet.name and outlet.domain else None


@lru_cache(maxsize=4_096)  # few topics stand in most records
def _words(scalar: str) -> str:
    """Return what a plain scalar says, nothing where that is no text to YAML."""
    return clean(scalar) if _is_text(scalar) else ""


def _unescaped(text: str) -> str:
    """Return what double-quoted text says, if it escapes nothing but quotes, backslashes and breaks."""
    return ESCAPE.sub(lambda escape: ESCAPED[escape[1]], text) if "\\" in text else text


def _is_literal(text: str) -> bool:
    """Say whether every character stands for itself: printable ones do, the rest are looked up."""
    return ("\\" not in text and text.isprintable()) or LETTERS.fullmatch(text) is not None


@lru_cache(maxsize=16_384)
def _is_text(scalar: str) -> bool:
    """Say whether a plain scalar is text to YAML, and not a number, a date, `yes` or the like."""
    return bool(RESOLVER.resolve(yaml.ScalarNode, scalar, (True, False)) == STR)
