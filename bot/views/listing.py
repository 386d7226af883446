"""Lists of stories and of topics, a page each."""

from collections.abc import Sequence

from bot.views.buttons import coverage_button, list_pager
from bot.views.layout import MAX_SPACE, Item, View, fitted, framed, row, rule, space, text
from bot.views.paging import page_count, page_of
from bot.views.story import result_blocks
from bot.views.text import age, brief, correction_line
from digests.lookup.results import Results
from digests.lookup.topics import TopicEntry
from digests.text import count

STORIES_PER_PAGE = 5
TOPICS_PER_PAGE = 15
NAMED_CHILDREN = 4
STEP = "\u2003"  # a wide space: how far a topic stands below the one that it is part of
MAX_STEPS = 3


def stories_view(heading: str, results: Results, listing_id: int, page: int, empty: str) -> View:
    """Return one page of stories; `heading` and `empty`, said where there are none, are Markdown."""
    if not results.stories:
        return framed(text(f"### {heading}", empty))
    pages = page_count(results.total, STORIES_PER_PAGE)
    header = text(
        f"### {heading}",
        correction_line(results.corrections) if results.corrections else "",
        f"-# {count(results.total, 'story')}{page_of(page, pages)}",
    )
    first = page * STORIES_PER_PAGE + 1
    blocks = fitted(
        [result_blocks(number, result) for number, result in enumerate(results.stories, first)],
        MAX_SPACE - space(header),
    )
    items: list[Item] = [header]
    for result, block in zip(results.stories, blocks, strict=True):
        items += [rule(), block, row(coverage_button(result.coverage.story_id))]
    return framed(*items, *_turning(listing_id, page, pages))


def topics_view(entries: Sequence[TopicEntry], total: int, listing_id: int, page: int) -> View:
    """Return a page of topics: how many stories each has, the newest, what it is part of and has as parts."""
    if not entries:
        return framed(
            text("### Topics", "There are none yet: an admin must load seeds first (`/admin reload`).")
        )
    pages = page_count(total, TOPICS_PER_PAGE)
    header = text("### Topics", f"-# {count(total, 'topic')}{page_of(page, pages)}")
    hint = text("-# `/stories latest topic:` shows a topic's stories, `/digest preview` its digest.")
    lines = fitted(
        [(_topic_line(entry), _short_line(entry)) for entry in entries], MAX_SPACE - space(header, hint)
    )
    return framed(header, text(*lines), hint, *_turning(listing_id, page, pages))


def _topic_line(entry: TopicEntry) -> str:
    parent, children = entry.summary.topic.parent, entry.children
    line = _short_line(entry)
    if entry.summary.latest:
        line += f" · newest {age(entry.summary.latest)}"
    if parent:
        line += f" · part of {brief(parent)}"
    if children:
        named = ", ".join(brief(child) for child in children[:NAMED_CHILDREN])
        more = f" and {len(children) - NAMED_CHILDREN} more" if len(children) > NAMED_CHILDREN else ""
        line += f" · with {named}{more}"
    return line


def _short_line(entry: TopicEntry) -> str:
    steps = STEP * min(entry.depth, MAX_STEPS)
    return f"{steps}**{brief(entry.summary.topic.name)}** · {count(entry.summary.stories, 'story')}"


def _turning(listing_id: int, page: int, pages: int) -> list[Item]:
    buttons = list_pager(listing_id, page, pages)
    return [rule(), *buttons] if buttons else []
