"""Why an edition holds what it holds: the verdict on every candidate, in pages."""

from bot.views.edition import dated
from bot.views.layout import MAX_SPACE, View, fitted, framed, space, text
from bot.views.paging import page_count, page_of, pager
from bot.views.text import brief
from digests.editions.edition import Edition, Ruling, Verdict
from digests.text import count

PER_PAGE = 15
TITLE = 80
SHORT_TITLE = 30
ORDER = "-# Order: heat (the pick's quality + 20 for each other article of 7 days), quality, newest."


def why_view(edition: Edition, pages_of: str, page: int) -> View:
    """Return a page of the verdicts on all candidates, in order; `pages_of` begins its buttons' custom_id."""
    total = len(edition.rulings)
    pages = page_count(total, PER_PAGE)
    page = min(page, pages - 1)
    start = page * PER_PAGE
    rulings = edition.rulings[start : start + PER_PAGE]
    heading = text(
        f"### Why these stories: {brief(edition.topic)} · {dated(edition.window)}", _facts(total, page, pages)
    )
    order = text(ORDER)
    lines = fitted(
        [
            (_ruling_line(number, ruling, TITLE), _ruling_line(number, ruling, SHORT_TITLE))
            for number, ruling in enumerate(rulings, start + 1)
        ],
        MAX_SPACE - space(heading, order),
    )
    return framed(
        heading,
        text(*(lines or ["No story had anything new in this time."])),
        order,
        *pager(f"{pages_of}:{{}}", page, pages),
    )


def _facts(total: int, page: int, pages: int) -> str:
    if not total:
        return ""
    return f"-# {count(total, 'story')} looked at{page_of(page, pages)}"


def _ruling_line(number: int, ruling: Ruling, title: int) -> str:
    # What its source took back is shown to nobody any more.
    shown = "a story" if ruling.verdict is Verdict.WITHDRAWN else brief(ruling.title, title)
    return f"{number}. **{ruling.verdict}** · {shown} · quality {ruling.quality} · heat {ruling.heat}"
