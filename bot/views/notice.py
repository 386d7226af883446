"""A sentence or two: an error, a confirmation, a hint."""

from bot.views.layout import Item, View, framed, row, text


def notice(*lines: str, button: Item | None = None) -> View:
    """Return a message of one block of text, and a button below it; `lines` are Markdown."""
    return framed(text(*lines), *([row(button)] if button else []))
