"""Why an edition holds what it holds: a line for each story that was looked at, in pages."""

from bot.locale import _, n_
from bot.views.edition import dated
from bot.views.layout import MAX_SPACE, View, fitted, framed, space, text
from bot.views.paging import page_count, page_of, pager
from bot.views.text import brief, quality_of
from bot.views.verdicts import verdict_words
from digests.editions.candidates import Verdict
from digests.editions.edition import Edition, Ruling

PER_PAGE = 15
TITLE = 80
SHORT_TITLE = 30


def why_view(edition: Edition, pages_of: str, page: int) -> View:
    """Return a page of the reasons, in the edition's order; its buttons' custom_ids begin with `pages_of`."""
    total = len(edition.rulings)
    pages = page_count(total, PER_PAGE)
    page = min(page, pages - 1)
    start = page * PER_PAGE
    rulings = edition.rulings[start : start + PER_PAGE]
    title = _(
        "### Why these stories: {topic} · {date}", topic=brief(edition.topic), date=dated(edition.window)
    )
    heading = text(title, _facts(total, page, pages))
    order = text(
        _("-# Ranked by how good the best article is and how much was written about the story this week."),
        *([_("-# ≈ stands for an estimated quality.")] if any(each.estimated for each in rulings) else []),
    )
    said = [(ruling, verdict_words(edition, ruling, brief)) for ruling in rulings]
    lines = fitted(
        [
            (_ruling_line(number, ruling, words, TITLE), _ruling_line(number, ruling, words, SHORT_TITLE))
            for number, (ruling, words) in enumerate(said, start + 1)
        ],
        MAX_SPACE - space(heading, order),
    )
    return framed(
        heading,
        text(*(lines or [_("There was no story in this time.")])),
        order,
        *pager(f"{pages_of}:{{}}", page, pages),
    )


def _facts(total: int, page: int, pages: int) -> str:
    if not total:
        return ""
    looked_at = n_("-# I looked at {number:,} story", "-# I looked at {number:,} stories", total)
    return looked_at + page_of(page, pages)


def _ruling_line(number: int, ruling: Ruling, verdict: str, length: int) -> str:
    # Nobody is shown any more what its outlet took back.
    title = _("a story") if ruling.verdict is Verdict.WITHDRAWN else brief(ruling.title, length)
    return _(
        "{number}. **{verdict}** · {title} · quality {quality}",
        number=number,
        verdict=verdict,
        title=title,
        quality=quality_of(ruling),
    )
