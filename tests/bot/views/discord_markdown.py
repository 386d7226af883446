"""A small, strict model of how Discord reads Markdown: what a person sees, and what has an effect.

Where Discord's own reader is choosy (a word's boundary, a known emoji), this one takes whatever might
count. Within a link's text Discord takes no backslash, and prints the whole as it stands where an
address or a mention is in it: https://github.com/discord/discord-api-docs/issues/6185 and 7721.
"""

import re
from dataclasses import dataclass, field

ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")
LINK = re.compile(r"\[([^\[\]\n]*\S[^\[\]\n]*)\]\(([^\s()<>\\]+)\)")
BOLD = re.compile(r"\*\*((?:\\.|[^\\])+?)\*\*(?!\*)", re.DOTALL)
LINE_STARTS = {
    "heading": re.compile(r" *#{1,3} +"),
    "subtext": re.compile(r" *-# +"),
    "quote": re.compile(r" *>{1,3} +"),
    "list": re.compile(r" *(?:[-*+]|\d+\.) +"),
}
EFFECTS = {
    "code": re.compile(r"(`+).+?\1", re.DOTALL),
    "spoiler": re.compile(r"\|\|.+?\|\|", re.DOTALL),
    "strike": re.compile(r"~~.+?~~", re.DOTALL),
    "italic": re.compile(r"\*\S.*?\*|_.+?_", re.DOTALL),
    "time": re.compile(r"<t:-?\d+(?::[a-zA-Z])?>"),
    "emoji": re.compile(r"<a?:\w+:\d+>|:[\w+-]+:"),
    "mention": re.compile(r"<(?:@[!&]?|#|id:|/)[^>]*>|@(?:everyone|here)"),
    "address": re.compile(r"<?\w+://\S"),
}


@dataclass(slots=True)
class Shown:
    """What a person sees of a text; effects are (kind, what it holds), in order."""

    visible: str = ""
    effects: list[tuple[str, str]] = field(default_factory=list)

    def of(self, kind: str) -> list[str]:
        """Return what the effects of one kind hold."""
        return [value for found, value in self.effects if found == kind]


def show(text: str, *, within: str = "") -> Shown:
    """Return what Discord shows of `text`, which may stand within "bold" or within a "link"."""
    shown = Shown()
    position = 0
    while position < len(text):
        if not within and (position == 0 or text[position - 1] == "\n"):
            position = _start_line(shown, text, position)
            if position >= len(text):
                break
        if within != "link" and (escaped := ESCAPED.match(text, position)):
            shown.visible += escaped[1]
            position = escaped.end()
            continue
        position = _take_effect(shown, text, position, within)
    return shown


def _start_line(shown: Shown, text: str, position: int) -> int:
    for kind, pattern in LINE_STARTS.items():
        if match := pattern.match(text, position):
            shown.effects.append((kind, ""))
            return match.end()
    return position


def _take_effect(shown: Shown, text: str, position: int, within: str) -> int:
    if within != "link" and (match := LINK.match(text, position)):
        inner = show(match[1], within="link")
        if not inner.effects:
            shown.visible += inner.visible
            shown.effects.append(("link", match[2]))
            return match.end()
    if match := BOLD.match(text, position):
        inner = show(match[1], within=within or "bold")
        shown.visible += inner.visible
        shown.effects += [("bold", ""), *inner.effects]
        return match.end()
    for kind, pattern in EFFECTS.items():
        if match := pattern.match(text, position):
            shown.effects.append((kind, match[0]))
            return match.end()
    shown.visible += text[position]
    return position + 1
