"""Syndicated copies: the same text under another masthead.

Outlets that run an agency's text or a press release change its title a little, put a dateline before
it and cut it elsewhere; of the text itself seeds hold no more than an excerpt. The figures are those
that did best on the pairs labelled in tests/bench/copies.csv.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from rapidfuzz import fuzz

from digests.query import words_in
from storage.models import Article

MIN_WORDS = 5  # shorter titles ("Morning briefing") say too little
MIN_OPENING = 60  # characters; shorter openings say too little
# Columns keep their titles, and companies announce the like in the same words, months apart.
SAME_TITLE_WITHIN = timedelta(days=30)
NEARLY_SAME_WITHIN = timedelta(days=4)
NEARLY_SAME_TITLE = 97.0
NEARLY_SAME_OPENING = 90.0
SIMILAR_TITLE = 65.0

MARKS = re.compile(r"[®™℠]|\((?:r|tm|sm)\)", re.IGNORECASE)
NOTE = re.compile(r"(?:correct(?:ion|ed)|updated?(?: \d+)?)\s*[:\u2013\u2014-]\s*", re.IGNORECASE)
AGENCIES = "PR ?Newswire|Globe ?Newswire|Business ?Wire|AP|AFP|Reuters|Bloomberg"
DATELINE = re.compile(
    # NEW YORK, May 2 (AP) — : the first part sees at once where there is no such sign.
    r"(?i:(?=[^/(]{0,120}[/(])"
    rf".{{0,120}}?[/(] ?(?:{AGENCIES})[^/)]{{0,30}}[/)][\s\u2013\u2014-]*)"
    r"|[A-Z][A-Z .,']{2,40}\s*(?:[\u2013\u2014-]{1,2}\s|:)\s*"  # SAN JOSE --
)
TICKER = re.compile(r"\s*\([A-Z][\w ]{1,20}:[^)]{1,30}\)")  # (NASDAQ: NTNX)
SEPARATORS = frozenset("|\u2013\u2014-")
NUMBER = re.compile(r"\d+")


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
    """Say whether two outlets ran the same text, as far as titles, openings and times tell."""
    apart = abs(one.published_at - other.published_at)
    if one.provider.domain == other.provider.domain:
        return False
    title, others = _title(one.title, one.provider.name), _title(other.title, other.provider.name)
    telling = min(title.count(" "), others.count(" ")) >= MIN_WORDS - 1
    if telling and title == others:
        return apart <= SAME_TITLE_WITHIN or _same_opening(one, other) >= NEARLY_SAME_OPENING
    if apart > NEARLY_SAME_WITHIN:
        return False
    opening = _same_opening(one, other)
    if opening == 100:
        return True
    similar = fuzz.ratio(title, others, score_cutoff=SIMILAR_TITLE)
    if telling and similar >= NEARLY_SAME_TITLE and NUMBER.findall(title) == NUMBER.findall(others):
        return True
    return similar > 0 and opening > 0


def _same_opening(one: Article, other: Article) -> float:
    """Return how alike openings are as far as the shorter one goes, out of 100; 0 below what counts."""
    opening, others = _opening(one.excerpt), _opening(other.excerpt)
    length = min(len(opening), len(others))
    if length < MIN_OPENING:
        return 0
    return fuzz.ratio(opening[:length], others[:length], score_cutoff=NEARLY_SAME_OPENING)


@lru_cache(maxsize=8192)
def _title(title: str, provider: str) -> str:
    """Return a title in lower-case words, without its outlet's name."""
    return _words(_unmarked(NOTE.sub("", _without_outlet(title, provider), count=1)))


@lru_cache(maxsize=8192)
def _opening(excerpt: str) -> str:
    """Return how an article begins, in lower-case words without its dateline."""
    dateline = DATELINE.match(excerpt)
    return _words(_unmarked(excerpt[dateline.end() if dateline else 0 :])).replace(" today ", " ")


def _unmarked(text: str) -> str:
    """Take trade marks and tickers off a text."""
    return TICKER.sub("", MARKS.sub("", text)) if "(" in text or not text.isascii() else text


def _without_outlet(title: str, provider: str) -> str:
    """Take off the outlet's name, which many append: "… | Charlotte Observer"."""
    rest = title[: -len(provider)].rstrip()
    if title[-len(provider) :].casefold() != provider.casefold() or rest[-1:] not in SEPARATORS:
        return title
    return rest[:-1].rstrip() if rest[-2:-1].isspace() else title


def _words(text: str) -> str:
    return " ".join(words_in(text))
