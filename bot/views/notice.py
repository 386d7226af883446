"""A sentence or two: an error, a confirmation, a hint."""

from bot.views.layout import View, framed, text


def notice(*lines: str) -> View:
    """Return a message of one block of text; `lines` are Markdown."""
    return framed(text(*lines))
