"""Buttons and what stands in their custom_id, which is never renamed once released."""

from typing import Any

import discord
from discord import ui

COVERAGE = r"coverage:(?P<story>\d+)"
CARD_PAGE = r"card:(?P<story>\d+):(?P<page>\d+)(?::(?P<user>\d+))?"  # older cards name nobody
LIST_PAGE = r"list:(?P<listing>\d+):(?P<page>\d+)"
WHY = r"why:(?P<delivery>\d+):(?P<part>\d+)"


def coverage_button(story_id: int, label: str = "Full coverage") -> ui.Button[Any]:
    """Open a story's whole coverage, for the person who presses it."""
    return ui.Button(label=label, custom_id=f"coverage:{story_id}")


def why_button(delivery_id: int, part: int) -> ui.Button[Any]:
    """Tell why an edition holds what it holds; also marks the message as that part of the delivery."""
    return ui.Button(label="Why these?", custom_id=why_id(delivery_id, part))


def why_id(delivery_id: int, part: int) -> str:
    """Return the custom_id by which a delivery's message is recognized."""
    return f"why:{delivery_id}:{part}"


def list_pager(listing_id: int, page: int, pages: int) -> list[ui.Button[Any]]:
    """Turn the pages of a list; no buttons where there is one page."""
    return _pager(f"list:{listing_id}:{{}}", page, pages)


def card_pager(story_id: int, page: int, pages: int, user_id: int) -> list[ui.Button[Any]]:
    """Turn the pages of a story's card, for one person; no buttons where there is one page."""
    return _pager(f"card:{story_id}:{{}}:{user_id}", page, pages)


def _pager(custom_id: str, page: int, pages: int) -> list[ui.Button[Any]]:
    if pages <= 1:
        return []
    return [
        ui.Button(label="Previous", custom_id=custom_id.format(max(page - 1, 0)), disabled=page == 0),
        ui.Button(
            label="Next",
            custom_id=custom_id.format(min(page + 1, pages)),
            disabled=page >= pages - 1,
            style=discord.ButtonStyle.primary,
        ),
    ]
