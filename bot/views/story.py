"""A story: as a block in an edition or a list, and as a card with its whole coverage."""

from discord import ui

from bot.views.buttons import pager
from bot.views.layout import MAX_SPACE, Item, View, fitted, framed, row, rule, space, text
from bot.views.text import address, age, brief, count, coverage_lines, link, names_of, plain
from digests.addresses import is_openable
from digests.coverage import Coverage
from digests.duplicates import fold_copies
from digests.lookups import Result, StoryCard
from digests.wording import shorten
from storage.models import Article

TITLE = 160
EXCERPT = 220
ALT_TEXT = 200
# Characters of an address; one that is longer would crowd out other stories, and isn't linked.
LINK = 600
SHORT_LINK = 300
SHORT_TITLE = 80
PER_PAGE = 8
LISTED_TITLE = 110
SHORT_LISTED_TITLE = 60
NAMED_TOPICS = 4


def headline(article: Article, limit: int = TITLE, longest_link: int = LINK) -> str:
    """Return an article's title, linked; where the link is too long, with the outlet's domain instead."""
    title = shorten(article.title, limit)
    if len(address(article.url)) <= longest_link:
        return link(title, article.url)
    return f"{plain(title)} ({brief(article.provider.domain)})"


def story_block(coverage: Coverage, *, label: str = "", match: Article | None = None) -> Item:
    """Return a story's pick with what surrounds it; `label` is Markdown before the title."""
    pick = coverage.pick
    lines = [
        f"**{label}{headline(pick)}**",
        _pick_line(pick),
        brief(pick.excerpt, EXCERPT),
        f"-# Found in: {brief(match.title, 100)} ({brief(match.provider.name)})" if match else "",
        *(f"-# {line}" for line in coverage_lines(coverage)),
    ]
    block = text(*lines)
    if pick.image_url and is_openable(pick.image_url) and len(address(pick.image_url)) <= LINK:
        alt = shorten(f"Picture with: {pick.title}", ALT_TEXT)
        return ui.Section(block, accessory=ui.Thumbnail(address(pick.image_url), description=alt))
    return block


def short_block(coverage: Coverage, *, label: str = "") -> Item:
    """Return no more than a story's pick, for where several blocks together are too long."""
    pick = coverage.pick
    return text(f"**{label}{headline(pick, SHORT_TITLE, SHORT_LINK)}**", _pick_line(pick))


def _pick_line(pick: Article) -> str:
    facts = [brief(pick.provider.name), f"quality {pick.quality}", age(pick.published_at)]
    if pick.type == "video":
        facts.insert(1, "video")
    return f"-# {' · '.join(facts)}"


def result_blocks(number: int, result: Result) -> tuple[Item, Item]:
    """Return a story in a numbered list, and the same in short."""
    label = f"{number}. "
    return (
        story_block(result.coverage, label=label, match=result.match),
        short_block(result.coverage, label=label),
    )


def card_view(card: StoryCard, page: int) -> View:
    """Return a story's card: the pick, then one page of its coverage, best first."""
    if card.coverage is None:
        return framed(text("### Withdrawn", "The source withdrew this story; there is nothing to show."))
    folded = fold_copies(card.ranked)
    pages = max(1, -(-len(folded) // PER_PAGE))
    page = min(page, pages - 1)
    start = page * PER_PAGE
    lines = [
        _coverage_lines(start + position, group[0], group[1:])
        for position, group in enumerate(folded[start : start + PER_PAGE], 1)
    ]
    facts = text(f"-# {_facts(card, card.coverage)}")
    heading = f"### Coverage, best first{_page_of(page, pages)}"
    room = MAX_SPACE - space(facts, text(heading))
    block = fitted(
        [(story_block(card.coverage), short_block(card.coverage))],
        room - space(*(short for _, short in lines)),
    )
    buttons = pager(f"card:{card.story.id}", page, pages)
    return framed(
        *block,
        facts,
        rule(),
        text(heading, *fitted(lines, room - space(*block))),
        *([row(*buttons)] if buttons else []),
    )


def _coverage_lines(number: int, article: Article, copies: list[Article]) -> tuple[str, str]:
    """Return an article and where else its text is, and the same in short, without a link."""
    facts = f"{brief(article.provider.name)} · {article.quality} · {age(article.published_at)}"
    full = f"{number}. {headline(article, LISTED_TITLE)} · {facts}"
    if copies:
        full += f"\n   -# same text also at {names_of(copies)}"
    return full, f"{number}. {brief(article.title, SHORT_LISTED_TITLE)} · {facts}"


def _facts(card: StoryCard, coverage: Coverage) -> str:
    times = [article.published_at for article in card.ranked]
    more = ["…"] if len(card.topics) > NAMED_TOPICS else []
    facts = [
        f"Story {card.story.id}",
        ", ".join([*(brief(topic.name) for topic in card.topics[:NAMED_TOPICS]), *more]),
        f"heat {coverage.heat}",
        count(coverage.articles, "article") + " of " + count(len(coverage.outlets), "outlet"),
        f"first seen {age(min(times))}, last {age(max(times))}" if len(times) > 1 else "",
    ]
    return " · ".join(fact for fact in facts if fact)


def _page_of(page: int, pages: int) -> str:
    return f" · page {page + 1} of {pages}" if pages > 1 else ""
