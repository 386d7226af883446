"""A story: as a block in an edition or a list, and as a card with its whole coverage."""

from discord import ui

from bot.views.buttons import pager
from bot.views.layout import Item, View, framed, row, rule, text
from bot.views.text import age, count, link, plain
from digests.addresses import is_openable
from digests.coverage import Coverage
from digests.duplicates import fold_copies
from digests.lookups import Result, StoryCard
from digests.wording import shorten
from storage.models import Article

TITLE = 160
EXCERPT = 220
ALT_TEXT = 200
LINK = 600  # characters of an address; a longer one would crowd out other stories
PER_PAGE = 8
LISTED_TITLE = 110
NAMED_COPIES = 4


def headline(article: Article, limit: int = TITLE) -> str:
    """Return an article's title, linked."""
    title = shorten(article.title, limit)
    return (
        link(title, article.url)
        if len(article.url) <= LINK
        else f"{plain(title)} ({plain(article.provider.domain)})"
    )


def story_block(coverage: Coverage, *, label: str = "", match: Article | None = None) -> Item:
    """Return a story's pick with what surrounds it; `label` is Markdown before the title."""
    pick = coverage.pick
    facts = [plain(pick.provider.name), f"quality {pick.quality}", age(pick.published_at)]
    if pick.type == "video":
        facts.insert(1, "video")
    lines = [
        f"**{label}{headline(pick)}**",
        f"-# {' · '.join(facts)}",
        plain(shorten(pick.excerpt, EXCERPT)),
        f"-# Found in: {plain(shorten(match.title, 100))} ({plain(match.provider.name)})" if match else "",
        f"-# {also_line(coverage)}" if coverage.articles > 1 else "",
    ]
    block = text(*lines)
    if pick.image_url and is_openable(pick.image_url) and len(pick.image_url) <= LINK:
        alt = shorten(f"Picture with: {pick.title}", ALT_TEXT)
        return ui.Section(block, accessory=ui.Thumbnail(pick.image_url, description=alt))
    return block


def also_line(coverage: Coverage) -> str:
    """Return who else covered a story: "also: VentureBeat 81 · PBS 61 · 7 more"."""
    named = [f"{plain(article.provider.name)} {article.quality}" for article in coverage.also]
    others = coverage.articles - 1 - len(named)
    if others:
        named.append(f"{others} more" if coverage.also else count(others, "more article"))
    return f"also: {' · '.join(named)}"


def result_block(number: int, result: Result) -> Item:
    """Return a story in a numbered list."""
    return story_block(result.coverage, label=f"{number}. ", match=result.match)


def card_view(card: StoryCard, page: int) -> View:
    """Return a story's card: the pick, then one page of its coverage, best first."""
    if card.coverage is None:
        return framed(text("### Withdrawn", "The source withdrew this story; there is nothing to show."))
    folded = fold_copies(card.ranked)
    pages = max(1, -(-len(folded) // PER_PAGE))
    page = min(page, pages - 1)
    start = page * PER_PAGE
    listed = [
        _coverage_line(start + position, group[0], group[1:])
        for position, group in enumerate(folded[start : start + PER_PAGE], 1)
    ]
    buttons = pager(f"card:{card.story.id}", page, pages)
    items = [
        story_block(card.coverage),
        text(f"-# {_facts(card, card.coverage)}"),
        rule(),
        text(f"### Coverage, best first{_page_of(page, pages)}", *listed),
        *([row(*buttons)] if buttons else []),
    ]
    return framed(*items)


def _coverage_line(number: int, article: Article, copies: list[Article]) -> str:
    facts = f"{plain(article.provider.name)} · {article.quality} · {age(article.published_at)}"
    line = f"{number}. {headline(article, LISTED_TITLE)} · {facts}"
    if copies:
        names = ", ".join(dict.fromkeys(plain(copy.provider.name) for copy in copies[:NAMED_COPIES]))
        more = f" and {len(copies) - NAMED_COPIES} more" if len(copies) > NAMED_COPIES else ""
        line += f"\n   -# same text at {names}{more}"
    return line


def _facts(card: StoryCard, coverage: Coverage) -> str:
    times = [article.published_at for article in card.ranked]
    facts = [
        f"Story {card.story.id}",
        ", ".join(plain(topic.name) for topic in card.topics),
        f"heat {coverage.heat}",
        count(coverage.articles, "article") + " of " + count(len(coverage.outlets), "outlet"),
        f"first seen {age(min(times))}, last {age(max(times))}" if len(times) > 1 else "",
    ]
    return " · ".join(fact for fact in facts if fact)


def _page_of(page: int, pages: int) -> str:
    return f" · page {page + 1} of {pages}" if pages > 1 else ""
