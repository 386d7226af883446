"""A story's card: its pick and everyone who covered it."""

from collections.abc import Sequence

from bot.views.buttons import card_pager
from bot.views.layout import MAX_SPACE, View, fitted, framed, rule, space, text
from bot.views.paging import page_count, page_of
from bot.views.story import headline, short_block, story_block
from bot.views.text import age, brief, names_of
from digests.lookup.stories import StoryCard
from digests.stories.coverage import Coverage
from digests.text import count
from storage.models import Article

PER_PAGE = 8
LISTED_TITLE = 110
SHORT_LISTED_TITLE = 60
NAMED_TOPICS = 4


def card_view(card: StoryCard, page: int, user_id: int) -> View:
    """Return a story's card: the pick, then one page of its coverage, best first, for `user_id` to turn."""
    if card.coverage is None:
        if any(not article.removed for article in card.story.articles):
            return framed(
                text("### Not out yet", "Nothing of this story is published yet: look again later.")
            )
        return framed(text("### Withdrawn", "The source withdrew this story; there is nothing to show."))
    pages = page_count(len(card.folded), PER_PAGE)
    page = min(page, pages - 1)
    start = page * PER_PAGE
    lines = [
        _coverage_lines(start + position, group[0], group[1:])
        for position, group in enumerate(card.folded[start : start + PER_PAGE], 1)
    ]
    facts = text(f"-# {_facts(card, card.coverage)}")
    heading = f"### Coverage, best first{page_of(page, pages)}"
    room = MAX_SPACE - space(facts, text(heading))
    block = fitted(
        [(story_block(card.coverage), short_block(card.coverage))],
        room - space(*(short for _, short in lines)),
    )
    return framed(
        *block,
        facts,
        rule(),
        text(heading, *fitted(lines, room - space(*block))),
        *card_pager(card.story.id, page, pages, user_id),
    )


def _coverage_lines(number: int, article: Article, copies: Sequence[Article]) -> tuple[str, str]:
    """Return an article and where else its text is, and the same in short, without a link."""
    facts = f"{brief(article.provider.name)} · {article.quality} · {age(article.published_at)}"
    full = f"{number}. {headline(article, LISTED_TITLE)} · {facts}"
    if copies:
        full += f"\n   -# same text also at {names_of(copies)}"
    return full, f"{number}. {brief(article.title, SHORT_LISTED_TITLE)} · {facts}"


def _facts(card: StoryCard, coverage: Coverage) -> str:
    times = [article.published_at for group in card.folded for article in group]
    more = ["…"] if len(card.topics) > NAMED_TOPICS else []
    facts = [
        f"Story {card.story.id}",
        ", ".join([*(brief(topic.name) for topic in card.topics[:NAMED_TOPICS]), *more]),
        f"heat {coverage.heat}",
        count(coverage.articles, "article") + " of " + count(len(coverage.outlets), "outlet"),
        f"first seen {age(min(times))}, last {age(max(times))}" if len(times) > 1 else "",
    ]
    return " · ".join(fact for fact in facts if fact)
