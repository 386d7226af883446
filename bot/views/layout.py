"""The frame of every message: one container, with text, rows of buttons and separators."""

from collections.abc import Container, Iterator, Sequence
from typing import Any, TypeAlias, TypeVar

import discord
from discord import ui

from bot.locale import n_

View: TypeAlias = ui.LayoutView
Item: TypeAlias = ui.Item[Any]
ACCENT = discord.Colour(0x3B6E8F)
MAX_SPACE = 4_000
BYTES = 2.4  # bytes of UTF-8 for each unit of space
BLOCK = 12  # bytes that Discord adds for each block of text
COMMAND = "`/"  # how a command's name begins, which becomes a link when it is sent
COMMAND_LINK = 24  # characters that the link is longer by
SPARE = 600  # space left next to a list, for its heading and a hint

Part = TypeVar("Part", Item, str)


def framed(*items: Item) -> View:
    """Return a message of `items` in one container.

    The view is stopped from the start, so that discord.py keeps nothing for it: what a button does follows
    from its custom_id alone, before a restart and after.
    """
    view = View(timeout=None)
    view.add_item(ui.Container(*items, accent_colour=ACCENT))
    view.stop()
    return view


def text(*lines: str) -> Item:
    """Return a block of lines; empty ones are left out."""
    return ui.TextDisplay("\n".join(line for line in lines if line))


class StoryText(ui.TextDisplay[Any]):
    """A block of text that tells of one story."""

    def __init__(self, content: str, story_id: int) -> None:
        super().__init__(content)
        self.story_id = story_id


class Headlines(ui.TextDisplay[Any]):
    """What happened, in a few headlines' own words: each is given by its story's id, and in Markdown."""

    def __init__(self, titles: Sequence[tuple[int, str]], others: int) -> None:
        named = " · ".join(title for _story_id, title in titles)
        more = n_("and {number:,} more", "and {number:,} more", others)
        super().__init__(f"{named} · {more}" if others else named)
        self.titles = titles
        self.others = others

    def without(self, story_ids: Container[int]) -> "Headlines | None":
        """Return what is left without some stories, None if that is nothing."""
        left = [(story_id, title) for story_id, title in self.titles if story_id not in story_ids]
        return Headlines(left, self.others) if left else None


def story_text(story_id: int, *lines: str) -> Item:
    """Return a block of lines that tell of one story; empty ones are left out."""
    return StoryText("\n".join(line for line in lines if line), story_id)


def rule() -> Item:
    """Return a thin line between two blocks."""
    return ui.Separator(spacing=discord.SeparatorSpacing.small)


def row(*buttons: Item) -> Item:
    """Return a row of up to five buttons."""
    return ui.ActionRow(*buttons)


def space(*parts: Item | str) -> float:
    """Return how much of a message's MAX_SPACE `parts` take: items, or lines of an item.

    This covers two limits: Discord accepts 4,000 characters of text, and (measured) answers with an error
    above 10,170 bytes of UTF-8, counting 12 more for each block of text.
    """
    texts = [
        (inner.content, BLOCK)
        for part in parts
        if not isinstance(part, str)
        for inner in walk([part])
        if isinstance(inner, ui.TextDisplay)
    ]
    lines = [(f"{part}\n", 0) for part in parts if isinstance(part, str)]
    return sum(
        max(len(text), (len(text.encode()) + extra) / BYTES) + COMMAND_LINK * text.count(COMMAND)
        for text, extra in texts + lines
    )


def fitted(parts: Sequence[tuple[Part, Part]], room: float) -> list[Part]:
    """Return the first of each pair, or, largest first, the second where `room` would be exceeded."""
    chosen = [full for full, _ in parts]
    for position in sorted(range(len(parts)), key=lambda index: -space(parts[index][0])):
        if space(*chosen) <= room:
            break
        chosen[position] = parts[position][1]
    return chosen


def capped(lines: Sequence[str], total: int) -> list[str]:
    """Return as many `lines` as fit a message, and a line about how many of `total` are left out."""
    kept = [line for number, line in enumerate(lines, 1) if space(*lines[:number]) <= MAX_SPACE - SPARE]
    left = total - len(kept)
    return [*kept, n_("-# and {number:,} more", "-# and {number:,} more", left)] if left else kept


def walk(items: Sequence[Item]) -> Iterator[Item]:
    """Yield items and those within them."""
    for item in items:
        yield item
        yield from walk([*getattr(item, "children", ()), *filter(None, [getattr(item, "accessory", None)])])
