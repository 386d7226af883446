"""Text for Discord: nothing that a stranger wrote can format, ping or link."""

import re
from datetime import datetime
from urllib.parse import quote

# Discord takes a backslash before any of these as "show it as it is".
SPECIAL = re.compile(r"([\\*_~`|<>\[\]()@#])")
SCHEME = re.compile(r"(\w)(:)(?=//)")
LINE_START = re.compile(r"^(\s*)([-+•]|\d+(?=\.))", re.MULTILINE)
URL_SAFE = "%/:?#[]@!$&'*+,;=~-._"


def plain(text: str) -> str:
    """Return `text` such that Discord shows it letter by letter."""
    escaped = SCHEME.sub(r"\1\\\2", SPECIAL.sub(r"\\\1", text))
    return LINE_START.sub(lambda match: _escape_start(match[1], match[2]), escaped)


def _escape_start(space: str, mark: str) -> str:
    return f"{space}{mark}\\" if mark[0].isdigit() else f"{space}\\{mark}"


def link(text: str, url: str) -> str:
    """Return a link to `url` that reads `text`."""
    return f"[{plain(text)}]({quote(url, safe=URL_SAFE)})"


def age(moment: datetime) -> str:
    """Return `moment` as each reader's Discord shows it: "3 hours ago"."""
    return f"<t:{int(moment.timestamp())}:R>"


def on_clock(moment: datetime) -> str:
    """Return `moment` as date and time in the reader's zone."""
    return f"<t:{int(moment.timestamp())}:f>"


def day(moment: datetime) -> str:
    """Return `moment` as a date in the reader's zone."""
    return f"<t:{int(moment.timestamp())}:D>"


def count(number: int, noun: str) -> str:
    """Return a number with its noun: "1 story", "2 stories"."""
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {plural}"
