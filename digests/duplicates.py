"""Syndicated copies: the same text under another masthead."""

import re
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import fuzz

from storage.models import Article

MIN_WORDS = 5  # shorter titles ("Morning briefing") say too little
SAME_TITLE = 92.0
SAME_EXCERPT = 90.0
MIN_EXCERPT = 60  # characters


def fold_copies(articles: Iterable[Article]) -> list[list[Article]]:
    """Group articles with their copies; groups and members keep the order in which they come."""
    groups: list[list[Article]] = []
    for article in articles:
        group = next((group for group in groups if is_copy(group[0], article)), None)
        if group is None:
            groups.append([article])
        else:
            group.append(article)
    return groups


def is_copy(one: Article, other: Article) -> bool:
    """Say whether two outlets ran the same text: (nearly) the same title or the same opening."""
    if one.provider.domain == other.provider.domain:
        return False
    titles = _title(one), _title(other)
    excerpts = _words(one.excerpt), _words(other.excerpt)
    if titles[0] == titles[1] and len(titles[0].split()) >= MIN_WORDS:
        return True
    if min(map(len, excerpts)) < MIN_EXCERPT:
        return False
    alike = fuzz.ratio(*excerpts, score_cutoff=SAME_EXCERPT)
    return alike == 100 or (alike > 0 and fuzz.ratio(*titles, score_cutoff=SAME_TITLE) > 0)


def _title(article: Article) -> str:
    return _bare_title(article.title, article.provider.name)


@lru_cache(maxsize=8192)
def _bare_title(title: str, provider: str) -> str:
    # Many outlets append their name: "… | Charlotte Observer".
    ending = rf"\s+[|\u2013\u2014-]\s+{re.escape(provider)}$"
    bare = re.sub(ending, "", title, flags=re.IGNORECASE)
    return _words(bare)


@lru_cache(maxsize=8192)
def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
