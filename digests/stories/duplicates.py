"""Syndicated copies: the same text under another masthead.

Outlets that run an agency's text or a press release change its title a little, put a dateline before
it and cut it elsewhere; of the text itself seeds hold no more than an excerpt. The figures are those
that did best on the pairs labelled in tests/bench/copies.csv.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from storage.models import Article
from storage.search.words import as_words

MIN_WORDS = 5  # shorter titles ("Morning briefing") say too little
MIN_OPENING = 60  # characters; shorter openings say too little
# Columns keep their titles, and companies announce the like in the same words, months apart.
SAME_TITLE_WITHIN = timedelta(days=30).total_seconds()
NEARLY_SAME_WITHIN = timedelta(days=4).total_seconds()
NEARLY_SAME_TITLE = 97.0
NEARLY_SAME_OPENING = 90.0
SIMILAR_TITLE = 65.0

MARKS = re.compile(r"[®™℠]|\((?:r|tm|sm)\)", re.IGNORECASE)
NOTE = re.compile(r"(?:correct(?:ion|ed)|updated?(?: \d+)?)\s*[:\u2013\u2014-]\s*", re.IGNORECASE)
AGENCIES = "PR ?Newswire|Globe ?Newswire|Business ?Wire|AP|AFP|Reuters|Bloomberg"
DATELINE = re.compile(
    # NEW YORK, May 2 (AP) — : the first part sees at once where there is no such sign.
    r"(?=[^/(]{0,120}+[/(])"
    rf"(?i:.{{0,120}}?[/(] ?(?:{AGENCIES})[^/)]{{0,30}}[/)][\s\u2013\u2014-]*)"
    r"|[A-Z][A-Z .,']{2,40}\s*(?:[\u2013\u2014-]{1,2}\s|:)\s*"  # SAN JOSE --
)
TICKER = re.compile(r"\s*\([A-Z][\w ]{1,20}:[^)]{1,30}\)")  # (NASDAQ: NTNX)
LONGEST_TITLE, LONGEST_EXCERPT = 300, 1_000  # characters compared: the time grows with their square
MOST_FOLDED = 400  # articles of a story compared with each other, for the same reason
SEPARATORS = frozenset("|\u2013\u2014-")
NUMBER = re.compile(r"\d+")


class Text(NamedTuple):
    """What tells texts apart; `at` is in seconds, title and opening are words, without a dateline.

    `begins` is as much of the opening as says something, by which most texts are told apart at once.
    """

    domain: str
    at: float
    title: str
    opening: str
    begins: str


def fold_copies(articles: Iterable[Article]) -> list[list[Article]]:
    """Group articles with their copies; groups and members keep the order in which they come.

    After the first MOST_FOLDED, each stands alone.
    """
    ranked = list(articles)
    groups: list[tuple[Text, list[Article]]] = []
    for article in ranked[:MOST_FOLDED]:
        text = text_of(article)
        group = next((members for first, members in groups if is_copy(first, text)), None)
        if group is None:
            groups.append((text, [article]))
        else:
            group.append(article)
    return [*(members for _, members in groups), *([article] for article in ranked[MOST_FOLDED:])]


def text_of(article: Article) -> Text:
    """Return what tells an article's text from others."""
    provider, at = article.provider, article.published_at.timestamp()
    return _read(article.title, article.excerpt, provider.name, provider.domain, at)


@lru_cache(maxsize=8192)
def _read(title: str, excerpt: str, provider: str, domain: str, at: float) -> Text:
    excerpt = excerpt[:LONGEST_EXCERPT]
    dateline = DATELINE.match(excerpt)
    opening = as_words(_unmarked(excerpt[dateline.end() if dateline else 0 :])).replace(" today ", " ")
    return Text(
        domain=domain,
        at=at,
        title=as_words(_unmarked(_without_note(_without_outlet(title, provider))[:LONGEST_TITLE])),
        opening=opening,
        begins=opening[:MIN_OPENING],
    )


def is_copy(one: Text, other: Text) -> bool:
    """Say whether two outlets ran the same text, as far as titles, openings and times tell."""
    if one.domain == other.domain:
        return False
    apart = abs(one.at - other.at)
    if one.title == other.title and _is_telling(one.title):
        return apart <= SAME_TITLE_WITHIN or _begin_alike(one, other)
    if apart > NEARLY_SAME_WITHIN:
        return False
    similar = fuzz.ratio(one.title, other.title, score_cutoff=SIMILAR_TITLE)
    if not similar:
        return one.begins == other.begins and _begin_alike(one, other, 100)
    nearly = similar >= NEARLY_SAME_TITLE and _is_telling(one.title) and _is_telling(other.title)
    if nearly and NUMBER.findall(one.title) == NUMBER.findall(other.title):
        return True
    return _begin_alike(one, other)


def _is_telling(title: str) -> bool:
    return title.count(" ") >= MIN_WORDS - 1


def _begin_alike(one: Text, other: Text, least: float = NEARLY_SAME_OPENING) -> bool:
    """Say whether openings are alike, `least` out of 100, as far as the shorter one goes.

    One that is too short says nothing.
    """
    length = min(len(one.opening), len(other.opening))
    if length < MIN_OPENING:
        return False
    opening, others = one.opening[:length], other.opening[:length]
    return opening == others or (least < 100 and fuzz.ratio(opening, others) >= least)


def _unmarked(text: str) -> str:
    """Take trade marks and tickers off a text."""
    return TICKER.sub("", MARKS.sub("", text)) if "(" in text or not text.isascii() else text


def _without_note(title: str) -> str:
    """Take off what says that a text was changed: "Correction: …"."""
    noted = ":" in title or "-" in title or not title.isascii()
    return NOTE.sub("", title, count=1) if noted else title


def _without_outlet(title: str, provider: str) -> str:
    """Take off the outlet's name, which many append: "… | Charlotte Observer"."""
    if title[-len(provider) :].casefold() != provider.casefold():
        return title
    rest = title[: -len(provider)].rstrip()
    return rest[:-1].rstrip() if rest[-1:] in SEPARATORS and rest[-2:-1].isspace() else title
