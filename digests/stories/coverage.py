"""A story as it stands at one moment: its pick, its heat, who else covered it. Pure."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digests.stories.duplicates import Text, is_copy, text_of
from digests.stories.urls import is_openable
from storage.models import Article, Story

MAX_ALSO = 3
HEAT_PER_ARTICLE = 20
HEAT_PERIOD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A story's pick and what surrounds it.

    `also` are up to MAX_ALSO articles, best first, each of another outlet, none a copy of another;
    `copies` are the pick's own text at other outlets, best first. `articles` counts everything that
    may be shown, the pick included, and `outlets` are the domains that it comes from.
    """

    story_id: int
    pick: Article
    heat: int
    articles: int
    outlets: tuple[str, ...]
    also: tuple[Article, ...]
    copies: tuple[Article, ...] = ()

    @property
    def named(self) -> tuple[Article, ...]:
        """The articles that are shown by name: the pick, and those beside it."""
        return (self.pick, *self.also, *self.copies)

    def without(self, withdrawn: Container[int]) -> "Coverage":
        """Return the coverage without articles, given by id, none of which is the pick.

        An outlet goes with its articles, as far as they are named.
        """
        also, copies = (
            tuple(article for article in articles if article.id not in withdrawn)
            for articles in (self.also, self.copies)
        )
        left = replace(self, also=also, copies=copies)
        gone = {article.provider.domain for article in self.named} - {
            article.provider.domain for article in left.named
        }
        return replace(
            left,
            articles=self.articles - (len(self.named) - len(left.named)),
            outlets=tuple(domain for domain in self.outlets if domain not in gone),
        )


def cover(story: Story, until: datetime, muted: frozenset[str] = frozenset()) -> Coverage | None:
    """Return the story as it stands at `until`, None where none of its articles may be shown.

    `muted` are the domains of outlets that may be neither the pick nor named beside it; their
    articles still count.
    """
    shown = [article for article in existing(story.articles, until) if may_be_shown(article)]
    ranked = rank(article for article in shown if article.provider.domain not in muted)
    if not ranked:
        return None
    outlets = {article.provider.domain for article in shown}
    return arrange(story.id, ranked, _heat(ranked[0], shown, until), len(shown), outlets)


def arrange(
    story_id: int, ranked: Sequence[Article], heat: int, articles: int, outlets: Iterable[str]
) -> Coverage:
    """Return a story's coverage by its articles, best first, of which the last ones may be left out.

    Heat, the number of articles and outlets aren't counted here: they may be those of more than `ranked`.
    """
    pick, *rest = ranked
    first = text_of(pick)
    copies: list[Article] = []
    others: list[tuple[Article, Text]] = []
    for article in rest:
        text = text_of(article)
        if is_copy(first, text):
            copies.append(article)
        else:
            others.append((article, text))
    return Coverage(
        story_id=story_id,
        pick=pick,
        heat=heat,
        articles=articles,
        outlets=tuple(sorted(outlets)),
        also=_also(pick, others),
        copies=_one_an_outlet(copies),
    )


def existing(articles: Iterable[Article], until: datetime) -> list[Article]:
    """Return the articles published by `until`: no others exist for an edition."""
    return [article for article in articles if article.published_at <= until]


def may_be_shown(article: Article) -> bool:
    """Say whether an article may be shown at all: not withdrawn, and a browser can open it."""
    return not article.removed and is_openable(article.url)


def rank(articles: Iterable[Article]) -> list[Article]:
    """Return articles best first: by quality, then the newest, then by domain."""
    return sorted(
        articles,
        key=lambda a: (-a.quality, -a.published_at.timestamp(), a.provider.domain, a.url),
    )


def _heat(pick: Article, articles: list[Article], until: datetime) -> int:
    """Quality of the pick and 20 for each other article of the last 7 days, copies included.

    So a saga of months doesn't stay on top for ever; measured on the source's own newsletters.
    """
    recent = sum(article.published_at > until - HEAT_PERIOD and article.id != pick.id for article in articles)
    return pick.quality + HEAT_PER_ARTICLE * recent


def _also(pick: Article, others: Iterable[tuple[Article, Text]]) -> tuple[Article, ...]:
    """Return what to name beside a pick, of `others`, none of which is a copy of it."""
    named: list[tuple[Article, Text]] = []
    outlets = {pick.provider.domain}
    for article, text in others:
        if len(named) == MAX_ALSO:
            break
        if article.provider.domain not in outlets and not any(is_copy(other, text) for _, other in named):
            named.append((article, text))
            outlets.add(article.provider.domain)
    return tuple(article for article, _ in named)


def _one_an_outlet(articles: Iterable[Article]) -> tuple[Article, ...]:
    """Return the first article of each outlet."""
    found: dict[str, Article] = {}
    for article in articles:
        found.setdefault(article.provider.domain, article)
    return tuple(found.values())
