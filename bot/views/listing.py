"""Lists of stories, of topics and of subscriptions."""

from bot.views.buttons import coverage_button, pager
from bot.views.layout import MAX_SPACE, Item, View, capped, fitted, framed, row, rule, space, text
from bot.views.story import result_blocks
from bot.views.text import age, brief, count
from digests.lookups import Results
from storage.models import TopicSummary

STORIES_PER_PAGE = 5
TOPICS_PER_PAGE = 20


def stories_view(heading: str, results: Results, listing_id: int, page: int, empty: str) -> View:
    """Return one page of stories; `heading` and `empty`, said where there are none, are Markdown."""
    if not results.stories:
        return framed(text(f"### {heading}", empty))
    pages = page_count(results.total)
    header = text(f"### {heading}", f"-# {count(results.total, 'story')} · page {page + 1} of {pages}")
    first = page * STORIES_PER_PAGE + 1
    blocks = fitted(
        [result_blocks(number, result) for number, result in enumerate(results.stories, first)],
        MAX_SPACE - space(header),
    )
    items: list[Item] = [header]
    for result, block in zip(results.stories, blocks, strict=True):
        items += [rule(), block, row(coverage_button(result.coverage.story_id))]
    if buttons := pager(f"list:{listing_id}", page, pages):
        items += [rule(), row(*buttons)]
    return framed(*items)


def page_count(total: int) -> int:
    """Return how many pages a list of `total` stories has, at least one."""
    return max(1, -(-total // STORIES_PER_PAGE))


def topics_view(topics: list[TopicSummary]) -> View:
    """Return the topics with how many stories each has and when the newest was published."""
    if not topics:
        return framed(
            text("### Topics", "There are none yet: an admin must load seeds first (`/admin reload`).")
        )
    lines = [
        f"**{brief(summary.topic.name)}** · {count(summary.stories, 'story')}"
        + (f" · newest {age(summary.latest)}" if summary.latest else "")
        + (f" · part of {brief(summary.topic.parent)}" if summary.topic.parent else "")
        for summary in topics[:TOPICS_PER_PAGE]
    ]
    return framed(
        text("### Topics"),
        text(*capped(lines, len(topics))),
        text("-# `/stories latest topic:` shows a topic's stories, `/digest preview` its digest."),
    )
