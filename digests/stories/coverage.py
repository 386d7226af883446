"""A story in chapters, and a chapter as it stands at one moment: pick, heat, who else covered it. Pure."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digests.stories.duplicates import Text, fold_copies, is_copy, text_of
from digests.stories.urls import is_openable
from storage.models import Article, Earlier, Story

MAX_ALSO = 3
HEAT_PER_ARTICLE = 20
HEAT_PERIOD = timedelta(days=7)
SILENCE = timedelta(days=3)  # a longer one ends a chapter


@dataclass(frozen=True, slots=True)
class Chapter:
    """A run of a story's articles, the oldest first, without a longer silence; withdrawn ones are among them.

    `before` are the story's earlier chapters, the oldest first.
    """

    story_id: int
    articles: tuple[Article, ...]
    before: tuple["Chapter", ...] = ()

    @property
    def article_ids(self) -> frozenset[int]:
        """The ids of its articles."""
        return frozenset(article.id for article in self.articles)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A chapter's pick and what surrounds it.

    `also` are up to MAX_ALSO articles, best first, each of another outlet, none a copy of another;
    `copies` are the pick's own text at other outlets, best first. `articles` counts everything that
    may be shown, the pick included, and `outlets` are the domains that it comes from. `follows` is what a
    follow-up goes on from: the last earlier chapter whose pick is at least as good.
    """

    story_id: int
    pick: Article
    heat: int
    articles: int
    outlets: tuple[str, ...]
    also: tuple[Article, ...]
    copies: tuple[Article, ...] = ()
    follows: Earlier | None = None

    @property
    def is_covered(self) -> bool:
        """Say whether the story has more to show than the pick: other articles, or an earlier chapter."""
        return self.articles > 1 or self.follows is not None

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

    def with_copies(self, others: Sequence["Coverage"]) -> "Coverage":
        """Return the coverage with that of other stories, whose picks are copies of this one's."""
        picks = [article for other in others for article in (other.pick, *other.copies)]
        return replace(
            self,
            copies=_one_an_outlet([*self.copies, *rank(picks)], but=self.pick),
            articles=self.articles + sum(other.articles for other in others),
            outlets=tuple(sorted({*self.outlets, *(domain for other in others for domain in other.outlets)})),
        )


def chapters(story: Story, until: datetime) -> list[Chapter]:
    """Return a story's chapters, the oldest first, by the articles published up to `until`."""
    found: list[Chapter] = []
    articles: list[Article] = []
    for article in sorted(existing(story.articles, until), key=lambda each: (each.published_at, each.id)):
        if articles and article.published_at - articles[-1].published_at > SILENCE:
            found.append(Chapter(story.id, tuple(articles), tuple(found)))
            articles = []
        articles.append(article)
    return [*found, Chapter(story.id, tuple(articles), tuple(found))] if articles else found


def cover(chapter: Chapter, until: datetime, muted: frozenset[str] = frozenset()) -> Coverage | None:
    """Return a chapter as it stands at `until`, None where none of its articles may be shown.

    `muted` are the domains of outlets that may be neither the pick nor named beside it; their
    articles still count.
    """
    shown = [article for article in chapter.articles if may_be_shown(article)]
    ranked = rank(article for article in shown if article.provider.domain not in muted)
    if not ranked:
        return None
    pick = ranked[0]
    outlets = {article.provider.domain for article in shown}
    followed = followed_by(chapter, pick, muted)
    follows = Earlier(followed.title, followed.published_at) if followed else None
    return arrange(chapter.story_id, ranked, heat_of(pick, shown, until), len(shown), outlets, follows)


def arrange(
    story_id: int,
    ranked: Sequence[Article],
    heat: int,
    articles: int,
    outlets: Iterable[str],
    follows: Earlier | None,
) -> Coverage:
    """Return a chapter's coverage by its articles, best first, of which the last ones may be left out.

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
        follows=follows,
    )


def fold_stories(coverages: Sequence[Coverage]) -> list[list[Coverage]]:
    """Group coverages of different stories whose picks are copies of one text.

    Groups and their members keep the order in which they come.
    """
    by_pick = {coverage.pick.id: coverage for coverage in coverages}
    groups = fold_copies(coverage.pick for coverage in by_pick.values())
    return [[by_pick[pick.id] for pick in group] for group in groups]


def existing(articles: Iterable[Article], until: datetime) -> list[Article]:
    """Return the articles published by `until`: no others exist for an edition."""
    return [article for article in articles if article.published_at <= until]


def may_be_shown(article: Article) -> bool:
    """Say whether an article may be shown at all: not withdrawn, and a browser can open it."""
    return not article.removed and is_openable(article.url)


def rank(articles: Iterable[Article]) -> list[Article]:
    """Return articles best first: by quality, then the earliest, who had it first, then by domain."""
    return sorted(articles, key=_rank)


def pick_of(chapter: Chapter, muted: frozenset[str] = frozenset()) -> Article | None:
    """Return the best of a chapter's articles that may be shown and are from no muted outlet, if any."""
    articles = (each for each in chapter.articles if each.provider.domain not in muted)
    return min(filter(may_be_shown, articles), key=_rank, default=None)


def newest_shown(found: Sequence[Chapter]) -> tuple[Chapter, Article] | None:
    """Return the newest of chapters that has something to show, and its pick."""
    picked = ((chapter, pick_of(chapter)) for chapter in reversed(found))
    return next(((chapter, pick) for chapter, pick in picked if pick), None)


def followed_by(chapter: Chapter, pick: Article, muted: frozenset[str] = frozenset()) -> Article | None:
    """Return the pick that makes a chapter with this pick a follow-up: the last one at least as good."""
    earlier = (pick_of(before, muted) for before in reversed(chapter.before))
    return next((each for each in earlier if each and each.quality >= pick.quality), None)


def heat_of(pick: Article, articles: Iterable[Article], until: datetime) -> int:
    """Return the pick's quality and 20 for each other article of the last 7 days.

    One that a seed ties counts even where it is a copy; of those that came by feed, copies of one text count
    once. So a saga of months doesn't stay on top for ever; measured on the source's own newsletters.
    """
    recent = [each for each in articles if each.published_at > until - HEAT_PERIOD and each.id != pick.id]
    of_feeds = [article for article in recent if article.estimated]
    texts = len(fold_copies([pick, *of_feeds])) - 1 if of_feeds else 0
    return pick.quality + HEAT_PER_ARTICLE * (len(recent) - len(of_feeds) + texts)


def _rank(article: Article) -> tuple[int, datetime, str, str]:
    return -article.quality, article.published_at, article.provider.domain, article.url


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


def _one_an_outlet(articles: Iterable[Article], but: Article | None = None) -> tuple[Article, ...]:
    """Return the first article of each outlet, but of that of `but`."""
    found: dict[str, Article] = {}
    for article in articles:
        if but is None or article.provider.domain != but.provider.domain:
            found.setdefault(article.provider.domain, article)
    return tuple(found.values())
