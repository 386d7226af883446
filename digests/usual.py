"""A shortcut for related articles as nearly every seed writes them: one pattern, no YAML and no validation.

It says what the long way says, through digests/yaml_loader.py and digests/fields.py, or nothing at all.
Tests hold the two together.
"""

import re
from datetime import datetime
from typing import NamedTuple

from digests.addresses import canonical, is_openable
from digests.plain_yaml import UnusualError, is_text, moment
from digests.wording import clean
from storage.models import Provider

# What the patterns leave open is looked at in usual_article(); the rest can't break a rule of fields.py.
QUOTED = r'"([^"\\\n]*)"'
FILLED = r'"([A-Za-z0-9][^"\\\n]*)"'
WORDS = r"([A-Za-z](?:[^:#\n]*[^:#\n ])?)"
USUAL = re.compile(
    rf"""  - title: {FILLED}
    excerpt: {QUOTED}
    publishedDateTime: (20[0-9]{{2}})-([0-9]{{2}})-([0-9]{{2}})T([0-9]{{2}}):([0-9]{{2}}):([0-9]{{2}})Z
    webUrl: {FILLED}
(?:    ampWebUrl: {QUOTED}
    cdnAmpWebUrl: {QUOTED}
)?    type: (article|video)
    provider:
      name: {WORDS}
      domain: {WORDS}
    quality: (0|[1-9][0-9]{{0,5}})
(?:    images:
      - url: {QUOTED}
        width: [1-9][0-9]{{0,5}}
        height: [1-9][0-9]{{0,5}}
        isCached: (?:true|false)
)?"""
)


class UsualArticle(NamedTuple):
    """What a block says of an article; the fields are those of digests.fields.ArticleFields."""

    title: str
    excerpt: str
    published_at: datetime
    url: str
    addresses: tuple[str, ...]
    type: str
    provider: Provider
    quality: int
    image_url: str | None


def usual_article(block: str) -> UsualArticle | None:
    """Return what a related article's text says; None where it isn't written as usual."""
    match = USUAL.fullmatch(block)
    if match is None or not block.replace("\n", "").isprintable():
        return None
    title, excerpt, *published, url, amp_url, cdn_url, kind, name, domain, quality, image = match.groups()
    address = canonical(url)
    if address is None or not (is_text(name) and is_text(domain)):
        return None
    try:
        published_at = moment(*map(int, published))
    except UnusualError:
        return None
    others = (canonical(other) for other in (amp_url, cdn_url) if other)
    return UsualArticle(
        title=clean(title),
        excerpt=clean(excerpt),
        published_at=published_at,
        url=url.strip(),
        addresses=tuple(dict.fromkeys([address, *filter(None, others)])),
        type=kind,
        provider=Provider(clean(name), clean(domain)),
        quality=int(quality),
        image_url=picture if (picture := clean(image or "")) and is_openable(picture) else None,
    )
