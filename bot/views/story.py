"""A story as a block in an edition or a list."""

from discord import ui

from bot.locale import _
from bot.views.layout import Item, story_text
from bot.views.text import address_of, age, brief, coverage_lines, day, link, plain, quality_of
from digests.lookup.results import Result
from digests.stories.coverage import Coverage
from digests.text import shorten
from storage.models import Article, Earlier
from storage.search.index import Match

TITLE = 160
EXCERPT = 220
# The longest address that is linked, in characters: a longer one would crowd out other stories.
LINK = 2_000
SHORT_LINK = 300
SHORT_TITLE = 80
FOLLOWED = 100


def headline(article: Article, limit: int = TITLE, longest_link: int = LINK) -> str:
    """Return an article's title as a link; if its address can't be one, the title and the outlet's domain."""
    title = shorten(article.title, limit)
    if address := address_of(article.url, longest_link):
        return link(title, address)
    return f"{plain(title)} ({brief(article.provider.domain)})"


def story_block(coverage: Coverage, *, label: str = "", match: Match | None = None) -> Item:
    """Return a story's pick, excerpt, picture and other coverage; `label` is Markdown before the title."""
    pick = coverage.pick
    lines = [
        f"**{label}{headline(pick)}**",
        _pick_line(pick),
        follow_up_line(coverage.follows) if coverage.follows else "",
        brief(pick.excerpt, EXCERPT),
        _found_in(match) if match else "",
        *(f"-# {line}" for line in coverage_lines(coverage)),
    ]
    return with_picture(story_text(coverage.story_id, *lines), pick)


def with_picture(block: Item, pick: Article) -> Item:
    """Return a block of text beside its pick's picture, if it has one.

    No source says what its pictures show, and the headline doesn't either: they have no alternative text.
    """
    address = address_of(pick.image_url, LINK) if pick.image_url else None
    return ui.Section(block, accessory=ui.Thumbnail(address)) if address else block


def short_block(coverage: Coverage, *, label: str = "") -> Item:
    """Return only a story's pick, for when full blocks would be too long together."""
    pick = coverage.pick
    title = f"**{label}{headline(pick, SHORT_TITLE, SHORT_LINK)}**"
    return story_text(coverage.story_id, title, _pick_line(pick))


def _pick_line(pick: Article) -> str:
    outlet, when = brief(pick.provider.name), age(pick.published_at)
    if pick.type == "video":
        return _(
            "-# {outlet} · video · quality {quality} · {when}",
            outlet=outlet,
            quality=quality_of(pick),
            when=when,
        )
    return _("-# {outlet} · quality {quality} · {when}", outlet=outlet, quality=quality_of(pick), when=when)


def follow_up_line(follows: Earlier) -> str:
    """Return the headline that a follow-up goes on from, and its date in the reader's zone."""
    title, date = brief(follows.title, FOLLOWED), day(follows.published_at)
    return _("-# Follow-up: {title}, {date}", title=title, date=date)


def _found_in(match: Match) -> str:
    title, outlet = brief(match.title, 100), brief(match.provider)
    return _("-# Found in: {title} ({outlet})", title=title, outlet=outlet)


def result_blocks(number: int, result: Result) -> tuple[Item, Item]:
    """Return a story of a numbered list as a full block and as a short one."""
    label = f"{number}. "
    return (
        story_block(result.coverage, label=label, match=result.match),
        short_block(result.coverage, label=label),
    )
