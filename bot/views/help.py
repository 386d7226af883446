"""The commands, told to the person who asks."""

from collections.abc import Iterable

from bot.views.layout import View, framed, rule, text


def help_view(commands: Iterable[tuple[str, str]], about: str) -> View:
    """Return the commands as (name, description), after a sentence or two `about` the bot."""
    lines = [f"`/{name}` {description}" for name, description in commands]
    return framed(text("### Broadsheet", about), rule(), text(*lines))
