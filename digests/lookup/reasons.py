"""Why each article is in its story."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from digests.stories.duplicates import is_copy, text_of
from storage import decisions, events
from storage.decisions import LEFT
from storage.engine import ReadConnection
from storage.models import Article, Story


class Tie(StrEnum):
    """What ties an article to its story."""

    SEED = "seed"  # a seed names it
    PERSON = "person"  # a person put it there
    COPY = "copy"  # it has the same text as another one
    SIMILAR = "similar"
    FIRST = "first"  # the story began with it


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an article is in its story: for a copy or a similar one `like` is which, of what likeness, 0 to 1.

    `feeds` is how many entries of feeds speak of it, all at the same address.
    """

    tie: Tie
    like: Article | None = None
    likeness: float | None = None
    feeds: int = 0


def reasons(reader: ReadConnection, story: Story) -> dict[int, Reason]:
    """Return why each article of a story is in it, by article id."""
    articles = {article.id: article for article in story.articles}
    groups = decisions.groups(reader, articles)
    by_person = {article for article, group in groups.items() if group.part != LEFT}
    feeds = events.entries(reader, articles)
    return {
        article.id: _reason(
            reader, article, articles, feeds.get(article.id, 0), decided=article.id in by_person
        )
        for article in story.articles
    }


def _reason(
    reader: ReadConnection, article: Article, articles: Mapping[int, Article], feeds: int, *, decided: bool
) -> Reason:
    if decided:
        return Reason(Tie.PERSON, feeds=feeds)
    if not article.estimated:
        return Reason(Tie.SEED, feeds=feeds)
    told = events.article(reader, article.id)
    like = articles.get(told.like_id) if told and told.like_id else None
    if told is None or like is None:
        return Reason(Tie.FIRST, feeds=feeds)
    tie = Tie.COPY if is_copy(text_of(article), text_of(like)) else Tie.SIMILAR
    return Reason(tie, like, told.likeness, feeds)
