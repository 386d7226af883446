"""The frame of every message: one container, with text, rows of buttons and separators."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import discord
from discord import ui

View: TypeAlias = ui.LayoutView
Item: TypeAlias = ui.Item[Any]
ACCENT = discord.Colour(0x3B6E8F)
MAX_CHARACTERS = 4_000
MAX_COMPONENTS = 40


def framed(*items: Item) -> View:
    """Return a message of `items` in one container.

    The view is finished from the start, so that discord.py keeps nothing for it: buttons are
    answered by what is in their custom_id, before a restart and after.
    """
    view = View(timeout=None)
    view.add_item(ui.Container(*items, accent_colour=ACCENT))
    view.stop()
    return view


def text(*lines: str) -> Item:
    """Return a block of lines; empty ones are left out."""
    return ui.TextDisplay("\n".join(line for line in lines if line))


def rule() -> Item:
    """Return a thin line between two blocks."""
    return ui.Separator(spacing=discord.SeparatorSpacing.small)


def row(*buttons: Item) -> Item:
    """Return a row of up to five buttons."""
    return ui.ActionRow(*buttons)


def size(items: Iterable[Item]) -> tuple[int, int, int]:
    """Return how many components, characters and weighed bytes `items` take, as Discord counts them.

    The weight is UTF-8 bytes and 12 for each block of text; above 10,170 Discord answers with an
    error (measured).
    """
    components = characters = weight = 0
    for item in items:
        components += 1
        if isinstance(item, ui.TextDisplay):
            characters += len(item.content)
            weight += len(item.content.encode()) + 12
        for inner in (*getattr(item, "children", ()), getattr(item, "accessory", None)):
            if inner is not None:
                more = size([inner])
                components, characters, weight = (
                    components + more[0],
                    characters + more[1],
                    weight + more[2],
                )
    return components, characters, weight
