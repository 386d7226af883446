"""Lists of stories and of topics, a page each."""

from collections.abc import Sequence

from bot.errors import no_news
from bot.locale import _, n_
from bot.views.buttons import coverage_button, list_pager
from bot.views.layout import MAX_SPACE, Item, View, fitted, framed, row, rule, space, text
from bot.views.paging import page_count, page_of
from bot.views.story import result_blocks
from bot.views.text import age, brief, correction_line, story_count
from digests.lookup.results import Results
from digests.lookup.topics import TopicEntry

STORIES_PER_PAGE = 5
TOPICS_PER_PAGE = 15
NAMED_CHILDREN = 4
STEP = "\u2003"  # a wide space: the indent of a topic under the one that it is part of
MAX_STEPS = 3


def stories_view(heading: str, results: Results, listing_id: int, page: int, empty: str) -> View:
    """Return one page of stories, or `empty` if there are none; `heading` and `empty` are Markdown."""
    if not results.stories:
        return framed(text(f"### {heading}", empty))
    pages = page_count(results.total, STORIES_PER_PAGE)
    header = text(
        f"### {heading}",
        correction_line(results.corrections) if results.corrections else "",
        f"-# {story_count(results.total)}{page_of(page, pages)}",
    )
    first = page * STORIES_PER_PAGE + 1
    blocks = fitted(
        [result_blocks(number, result) for number, result in enumerate(results.stories, first)],
        MAX_SPACE - space(header),
    )
    items: list[Item] = [header]
    for result, block in zip(results.stories, blocks, strict=True):
        items += [rule(), block, row(coverage_button(result.coverage))]
    return framed(*items, *_turning(listing_id, page, pages))


def topics_view(entries: Sequence[TopicEntry], total: int, listing_id: int, page: int) -> View:
    """Return a page of topics, each with its number of stories, the newest, its parent and its parts."""
    if not entries:
        return framed(text(_("### Topics"), no_news()))
    pages = page_count(total, TOPICS_PER_PAGE)
    topics = n_("{number:,} topic", "{number:,} topics", total)
    header = text(_("### Topics"), f"-# {topics}{page_of(page, pages)}")
    hint = text(_("-# `/stories latest` shows a topic's stories, `/preview` its digest, `/follow` sends it."))
    lines = fitted(
        [(_topic_line(entry), _short_line(entry)) for entry in entries], MAX_SPACE - space(header, hint)
    )
    return framed(header, text(*lines), hint, *_turning(listing_id, page, pages))


def _topic_line(entry: TopicEntry) -> str:
    latest, parent, children = entry.summary.latest, entry.summary.topic.parent, entry.children
    facts = [
        _short_line(entry),
        _("newest {when}", when=age(latest)) if latest else "",
        _("part of {topic}", topic=brief(parent)) if parent else "",
        _parts(children) if children else "",
    ]
    return " · ".join(fact for fact in facts if fact)


def _parts(children: Sequence[str]) -> str:
    named = ", ".join(brief(child) for child in children[:NAMED_CHILDREN])
    others = len(children) - NAMED_CHILDREN
    if others <= 0:
        return _("includes {topics}", topics=named)
    return n_(
        "includes {topics} and {number:,} more", "includes {topics} and {number:,} more", others, topics=named
    )


def _short_line(entry: TopicEntry) -> str:
    steps = STEP * min(entry.depth, MAX_STEPS)
    return f"{steps}**{brief(entry.summary.topic.name)}** · {story_count(entry.summary.stories)}"


def _turning(listing_id: int, page: int, pages: int) -> list[Item]:
    buttons = list_pager(listing_id, page, pages)
    return [rule(), *buttons] if buttons else []
