"""A story's card: its best article, and everyone who covered it."""

from collections.abc import Sequence

from bot.locale import _
from bot.views.buttons import card_pager
from bot.views.layout import MAX_SPACE, View, fitted, framed, rule, space, story_text, text
from bot.views.paging import page_count, page_of
from bot.views.story import headline, short_block, story_block
from bot.views.text import age, article_count, brief, outlet_count, quality_of, same_text_line
from digests.lookup.stories import StoryCard
from digests.stories.coverage import Coverage
from storage.models import Article

PER_PAGE = 8
LISTED_TITLE = 110
SHORT_LISTED_TITLE = 60
NAMED_TOPICS = 4


def card_view(card: StoryCard, page: int, user_id: int) -> View:
    """Return a story's card: the pick, and a page of its coverage, best first, that `user_id` can turn."""
    if card.coverage is None:
        if any(not article.removed for article in card.story.articles):
            return framed(text(_("### Not out yet"), _("This story isn't published yet. Try again later.")))
        return framed(text(_("### Withdrawn"), _("The outlet took this story back, so I can't show it.")))
    pages = page_count(len(card.folded), PER_PAGE)
    page = min(page, pages - 1)
    start = page * PER_PAGE
    lines = [
        _coverage_lines(start + position, group[0], group[1:])
        for position, group in enumerate(card.folded[start : start + PER_PAGE], 1)
    ]
    facts = text(f"-# {_facts(card, card.coverage)}")
    heading = _("### Coverage, best first") + page_of(page, pages)
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
        *card_pager(card.story.id, page, pages, user_id),
    )


def _coverage_lines(number: int, article: Article, copies: Sequence[Article]) -> tuple[str, str]:
    """Return a line for an article, with where else its text ran, and one without link and copies."""
    facts = f"{brief(article.provider.name)} · {quality_of(article)} · {age(article.published_at)}"
    full = f"{number}. {headline(article, LISTED_TITLE)} · {facts}"
    if copies:
        full += f"\n   -# {same_text_line(copies)}"
    return full, f"{number}. {brief(article.title, SHORT_LISTED_TITLE)} · {facts}"


def _facts(card: StoryCard, coverage: Coverage) -> str:
    times = [article.published_at for group in card.folded for article in group]
    more = ["…"] if len(card.topics) > NAMED_TOPICS else []
    facts = [
        _("Story {number}", number=card.story.id),
        ", ".join([*(brief(topic.name) for topic in card.topics[:NAMED_TOPICS]), *more]),
        _(
            "{articles} from {outlets}",
            articles=article_count(coverage.articles),
            outlets=outlet_count(len(coverage.outlets)),
        ),
        _("first {first}, latest {last}", first=age(min(times)), last=age(max(times)))
        if len(times) > 1
        else "",
    ]
    return " · ".join(fact for fact in facts if fact)
