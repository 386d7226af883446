"""Lists of stories and of topics, a page each."""

from collections.abc import Container, Sequence

from bot.errors import no_news
from bot.locale import _, n_
from bot.views.buttons import coverage_button, list_pager
from bot.views.layout import MAX_SPACE, Item, View, fitted, framed, row, rule, space, text
from bot.views.paging import page_count, page_of
from bot.views.story import result_blocks
from bot.views.text import age, brief, correction_line, story_count
from digests.lookup.results import Results
from digests.lookup.topics import TopicEntry
from digests.text import slugify

STORIES_PER_PAGE = 5
TOPICS_PER_PAGE = 15
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
        items += [rule(), block]
        if result.coverage.is_covered:
            items.append(row(coverage_button(result.coverage)))
    return framed(*items, *_turning(listing_id, page, pages))


def topics_view(entries: Sequence[TopicEntry], total: int, listing_id: int, page: int) -> View:
    """Return a page of topics, each with its number of stories, the newest, and what it is part of."""
    if not entries:
        return framed(text(_("### Topics"), no_news()))
    pages = page_count(total, TOPICS_PER_PAGE)
    topics = n_("{number:,} topic", "{number:,} topics", total)
    header = text(_("### Topics"), f"-# {topics}{page_of(page, pages)}")
    hint = text(_("-# `/stories latest` shows a topic's stories, `/preview` its digest, `/follow` sends it."))
    shown = [entry.summary.topic for entry in entries]
    listed = {slugify(name) for topic in shown for name in (topic.name, topic.slug)}
    lines = fitted(
        [(_topic_line(entry, listed), _short_line(entry)) for entry in entries],
        MAX_SPACE - space(header, hint),
    )
    return framed(header, text(*lines), hint, *_turning(listing_id, page, pages))


def _topic_line(entry: TopicEntry, listed: Container[str]) -> str:
    """Return a topic's line, with its parent unless that is among those `listed`, which stand above it."""
    latest, parent = entry.summary.latest, entry.summary.topic.parent
    facts = [
        _short_line(entry),
        _("newest {when}", when=age(latest)) if latest else "",
        _("part of {topic}", topic=brief(parent)) if parent and slugify(parent) not in listed else "",
    ]
    return " · ".join(fact for fact in facts if fact)


def _short_line(entry: TopicEntry) -> str:
    steps = STEP * min(entry.depth, MAX_STEPS)
    return f"{steps}**{brief(entry.summary.topic.name)}** · {story_count(entry.summary.stories)}"


def _turning(listing_id: int, page: int, pages: int) -> list[Item]:
    buttons = list_pager(listing_id, page, pages)
    return [rule(), *buttons] if buttons else []
