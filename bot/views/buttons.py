"""Buttons and what stands in their custom_id, which is never renamed once released."""

from typing import Any

import discord
from discord import ui

COVERAGE = r"coverage:(?P<story>\d+)"
CARD_PAGE = r"card:(?P<story>\d+):(?P<page>\d+)"
LIST_PAGE = r"list:(?P<listing>\d+):(?P<page>\d+)"
DIGESTS_PAGE = r"digests:(?P<page>\d+)"
RESUME = r"resume:(?P<subscription>\d+)"
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


def resume_button(subscription_id: int) -> ui.Button[Any]:
    """Let a subscription's editions come again."""
    return ui.Button(label="Resume", custom_id=f"resume:{subscription_id}", style=discord.ButtonStyle.success)


def pager(prefix: str, page: int, pages: int) -> list[ui.Button[Any]]:
    """Turn the pages of a list; no buttons where there is one page."""
    if pages <= 1:
        return []
    return [
        ui.Button(label="Previous", custom_id=f"{prefix}:{max(page - 1, 0)}", disabled=page == 0),
        ui.Button(
            label="Next",
            custom_id=f"{prefix}:{min(page + 1, pages)}",
            disabled=page >= pages - 1,
            style=discord.ButtonStyle.primary,
        ),
    ]
