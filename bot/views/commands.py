"""Commands in texts: written as `/digest list`, and links to press where Discord's ids for them are known."""

import re
from collections.abc import Mapping

from discord import ui

from bot.views.layout import View

# What strangers wrote has a backslash before each backquote.
COMMAND = re.compile(r"(?<!\\)`/([a-z]+(?: [a-z]+){0,2})`")


def link_commands(view: View, ids: Mapping[str, int]) -> View:
    """Let people press the commands that a message names; `ids` are by the commands' full names.

    A command that isn't among them stays as it is typed.
    """
    for item in view.walk_children():
        if isinstance(item, ui.TextDisplay):
            item.content = COMMAND.sub(lambda found: _linked(found, ids), item.content)
    return view


def _linked(found: re.Match[str], ids: Mapping[str, int]) -> str:
    name = found[1]
    return f"</{name}:{ids[name]}>" if name in ids else found[0]
