"""A sentence or two: an error, a confirmation, a hint."""

from bot.views.layout import Item, View, framed, text


def notice(*lines: str, buttons: Item | None = None) -> View:
    """Return a short message; `lines` are Markdown."""
    return framed(text(*lines), *([buttons] if buttons else []))
