"""Pages: how many there are, which one this is, and the buttons that turn them."""

from typing import Any

import discord
from discord import ui

from bot.locale import _
from bot.views.layout import Item, row


def pager(custom_id: str, page: int, pages: int) -> list[Item]:
    """Return the buttons that turn pages, none if there is one page; `custom_id` has a place for the page."""
    if pages <= 1:
        return []
    previous = ui.Button[Any](
        label=_("Previous"), custom_id=custom_id.format(max(page - 1, 0)), disabled=page == 0
    )
    following = ui.Button[Any](
        label=_("Next"),
        custom_id=custom_id.format(min(page + 1, pages)),
        disabled=page >= pages - 1,
        style=discord.ButtonStyle.primary,
    )
    return [row(previous, following)]


def page_count(total: int, per_page: int) -> int:
    """Return how many pages a list of `total` entries has, at least one."""
    return max(1, -(-total // per_page))


def page_of(page: int, pages: int) -> str:
    """Return " · page 1 of 3", to follow other facts; empty if there is only one page."""
    return " · " + _("page {page} of {pages}", page=page + 1, pages=pages) if pages > 1 else ""
