"""A story's card: its best article, and everyone who covered it."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from bot.locale import _
from bot.locale.cldr import enumerated
from bot.ties import tie_text
from bot.views.buttons import card_pager
from bot.views.follow_buttons import follow_story_button, unfollow_button
from bot.views.layout import MAX_SPACE, View, fitted, framed, row, rule, space, story_text, text
from bot.views.paging import page_count, page_of
from bot.views.story import headline, short_block, story_block
from bot.views.text import age, article_count, brief, day, outlet_count, plain, quality_of, same_text_line
from digests.lookup.stories import StoryCard
from storage.models import Article

PER_PAGE = 8
LISTED_TITLE = 110
SHORT_LISTED_TITLE = 60
NAMED_TOPICS = 4
MOST_REASONS = 2

Groups: TypeAlias = tuple[tuple[Article, ...], ...]  # a chapter: articles with their copies


def card_view(card: StoryCard, page: int, user_id: int, *, is_followed: bool = False) -> View:
    """Return a story's card: the pick, and a page of its coverage, best first, that `user_id` can turn.

    Whoever sees it can follow the story; `is_followed` says whether `user_id` does.
    """
    if card.coverage is None:
        if any(not article.removed for article in card.story.articles):
            return framed(text(_("### Not out yet"), _("This story isn't published yet. Try again later.")))
        return framed(text(_("### Withdrawn"), _("The outlet took this story back, so I can't show it.")))
    numbered = list(enumerate(_entries(card)))
    pages = page_count(len(numbered), PER_PAGE)
    page = min(page, pages - 1)
    listed = numbered[page * PER_PAGE : (page + 1) * PER_PAGE]
    lines = []
    told = None
    for position, (chapter, group) in listed:
        heading = _chapter_line(chapter) if len(card.chapters) > 1 and chapter is not told else ""
        lines.append(_coverage_lines(position + 1, group[0], group[1:], heading, _why(card, group)))
        told = chapter
    facts = text(f"-# {_facts(card)}")
    order = _("### Coverage, best first") if len(card.chapters) == 1 else _("### Coverage, newest first")
    heading = order + page_of(page, pages)
    room = MAX_SPACE - space(facts, text(heading))
    block = fitted(
        [(story_block(card.coverage), short_block(card.coverage))],
        room - space(*(short for _full, short in lines)),
    )
    return framed(
        *block,
        facts,
        rule(),
        story_text(card.story.id, heading, *fitted(lines, room - space(*block))),
        row(unfollow_button(card.story.id) if is_followed else follow_story_button(card.story.id)),
        *card_pager(card.story.id, page, pages, user_id),
    )


def page_with(card: StoryCard, article_id: int) -> int:
    """Return which page of a card lists an article, the first one where none does."""
    groups = ([article.id for article in group] for _chapter, group in _entries(card))
    return next((place // PER_PAGE for place, ids in enumerate(groups) if article_id in ids), 0)


def _entries(card: StoryCard) -> Iterator[tuple[Groups, tuple[Article, ...]]]:
    """Yield each article with its copies, and the chapter that they are in."""
    return ((chapter, group) for chapter in card.chapters for group in chapter)


def _chapter_line(chapter: Groups) -> str:
    """Return when a chapter was, and how many articles it has."""
    times = [article.published_at for group in chapter for article in group]
    first, last = day(min(times)), day(max(times))
    dates = (
        first if min(times).date() == max(times).date() else _("{first} to {last}", first=first, last=last)
    )
    return f"**{dates}** · {article_count(len(times))}\n"


def _coverage_lines(
    number: int, article: Article, copies: Sequence[Article], heading: str, why: str
) -> tuple[str, str]:
    """Return a line for an article, with where else its text ran and `why`, and one without these and link.

    `heading` stands before either.
    """
    facts = f"{brief(article.provider.name)} · {quality_of(article)} · {age(article.published_at)}"
    full = f"{heading}{number}. {headline(article, LISTED_TITLE)} · {facts}"
    if copies:
        full += f"\n   -# {same_text_line(copies)}"
    return full + why, f"{heading}{number}. {brief(article.title, SHORT_LISTED_TITLE)} · {facts}"


def _why(card: StoryCard, group: Sequence[Article]) -> str:
    """Return why an article and its copies are in their story, on a line of its own; nothing if untold."""
    reasons = [tie_text(card.reasons[article.id], plain) for article in group if article.id in card.reasons]
    told = " · ".join(list(dict.fromkeys(reasons))[:MOST_REASONS])
    return "\n   -# " + _("why: {reason}", reason=told) if told else ""


def _facts(card: StoryCard) -> str:
    articles = [article for _chapter, group in _entries(card) for article in group]
    times = [article.published_at for article in articles]
    more = ["…"] if len(card.topics) > NAMED_TOPICS else []
    facts = [
        _("Story {number}", number=card.story.id),
        enumerated([*(brief(topic.name) for topic in card.topics[:NAMED_TOPICS]), *more]),
        _(
            "{articles} from {outlets}",
            articles=article_count(len(articles)),
            outlets=outlet_count(len({article.provider.domain for article in articles})),
        ),
        _("first {first}, latest {last}", first=age(min(times)), last=age(max(times)))
        if len(times) > 1
        else "",
    ]
    return " · ".join(fact for fact in facts if fact)
