"""Pages: how many there are, which one this is, and the buttons that turn them."""

from typing import Any

import discord
from discord import ui

from bot.views.layout import Item, row


def pager(custom_id: str, page: int, pages: int) -> list[Item]:
    """Turn pages with a row of buttons, the page's number put into `custom_id`; none where there is one."""
    if pages <= 1:
        return []
    previous = ui.Button[Any](
        label="Previous", custom_id=custom_id.format(max(page - 1, 0)), disabled=page == 0
    )
    following = ui.Button[Any](
        label="Next",
        custom_id=custom_id.format(min(page + 1, pages)),
        disabled=page >= pages - 1,
        style=discord.ButtonStyle.primary,
    )
    return [row(previous, following)]


def page_count(total: int, per_page: int) -> int:
    """Return how many pages a list of `total` entries has, at least one."""
    return max(1, -(-total // per_page))


def page_of(page: int, pages: int) -> str:
    """Return which page this is, to stand behind other facts; nothing where there is one page."""
    return f" · page {page + 1} of {pages}" if pages > 1 else ""
