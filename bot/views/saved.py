"""Saved stories: the list that a person reads later, and what is said of saving one."""

from collections.abc import Sequence

from discord import ui

from bot.locale import _
from bot.views.buttons import remove_saved_button, return_saved_button, save_select
from bot.views.layout import MAX_SPACE, Item, View, fitted, framed, rule, space, text
from bot.views.notice import notice
from bot.views.paging import page_of, pager
from bot.views.story import LINK
from bot.views.text import address_of, age, brief, link, story_count
from digests.lookup.saved import MAX_SAVED
from digests.stories.coverage import Coverage
from digests.text import shorten
from storage.models import Article
from storage.saved import Saved

PER_PAGE = 5
TITLE = 160
SHORT_TITLE = 80


def saved_view(
    found: Sequence[Saved], total: int, page: int, pages: int, removed: Saved | None = None
) -> View:
    """Return a page of up to PER_PAGE saved stories, and what was just removed, which can be put back."""
    heading = _("### Saved stories")
    undo = _undo(removed, page) if removed else []
    if not total:
        empty = _("Nothing saved yet. Press *Save* below a digest, or use `/save`.")
        return framed(text(heading, empty), *undo)
    most = _("{stories} saved, {most:,} at most", stories=story_count(total), most=MAX_SAVED)
    header = text(heading, f"-# {most}{page_of(page, pages)}")
    room = MAX_SPACE - space(header, *undo)
    items = fitted([(_entry(each, page, TITLE), _entry(each, page, SHORT_TITLE)) for each in found], room)
    return framed(header, rule(), *items, *undo, *pager("saved:{}", page, pages))


def choose_view(coverages: Sequence[Coverage]) -> View:
    """Return the question which story to save."""
    return framed(text(_("Which story do you want to read later?")), save_select(coverages))


def kept_view(article: Article) -> View:
    """Return that a story was saved."""
    return notice(
        _(
            "Saved: {title} ({outlet}). `/saved` shows everything you saved.",
            title=brief(article.title, TITLE),
            outlet=brief(article.provider.name),
        )
    )


def _entry(saved: Saved, page: int, length: int) -> Item:
    title, address = shorten(saved.title, length), address_of(saved.url, LINK if length == TITLE else 300)
    shown = text(
        f"**{link(title, address) if address else brief(title, length)}**",
        _(
            "-# {outlet} · {published} · saved {saved}",
            outlet=brief(saved.outlet),
            published=age(saved.published_at),
            saved=age(saved.saved_at),
        ),
    )
    return ui.Section(shown, accessory=remove_saved_button(saved.id, page))


def _undo(removed: Saved, page: int) -> list[Item]:
    said = text(_("Removed: {title}", title=brief(removed.title, SHORT_TITLE)))
    return [rule(), ui.Section(said, accessory=return_saved_button(removed.id, page))]
