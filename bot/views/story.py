"""A story as a block in an edition or a list."""

from discord import ui

from bot.views.layout import Item, text
from bot.views.text import address, age, brief, coverage_lines, link, plain
from digests.lookup.results import Result
from digests.stories.coverage import Coverage
from digests.stories.urls import is_openable
from digests.text import shorten
from storage.models import Article
from storage.search.index import Match

TITLE = 160
EXCERPT = 220
ALT_TEXT = 200
# Characters of an address; one that is longer would crowd out other stories, and isn't linked.
LINK = 2_000
SHORT_LINK = 300
SHORT_TITLE = 80


def headline(article: Article, limit: int = TITLE, longest_link: int = LINK) -> str:
    """Return an article's title, linked; where the link is too long, with the outlet's domain instead."""
    title = shorten(article.title, limit)
    if len(address(article.url)) <= longest_link:
        return link(title, article.url)
    return f"{plain(title)} ({brief(article.provider.domain)})"


def story_block(coverage: Coverage, *, label: str = "", match: Match | None = None) -> Item:
    """Return a story's pick with what surrounds it; `label` is Markdown before the title."""
    pick = coverage.pick
    lines = [
        f"**{label}{headline(pick)}**",
        _pick_line(pick),
        brief(pick.excerpt, EXCERPT),
        f"-# Found in: {brief(match.title, 100)} ({brief(match.provider)})" if match else "",
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
