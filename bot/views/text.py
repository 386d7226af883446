"""Text for Discord: nothing that a stranger wrote can format, ping or link."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import quote

from digests.lookup.spelling import Correction
from digests.stories.coverage import Coverage
from digests.text import INVISIBLE, count, shorten
from storage.models import Article

# Discord takes a backslash before any of these as "show it as it is"; a colon may begin an emoji's
# name, or make a link of what is around it.
SPECIAL = re.compile(r"[\\*_~`|<>\[\]()@#]|:(?=//|[\w+-]+:)")
LINE_START = re.compile(r"^(\s*)([-+•]|\d+(?=\.))", re.MULTILINE)
# Within a link's text Discord shows backslashes, and still formats, so there other signs stand in.
IN_LINKS = str.maketrans("\\*_~`|<>[]@", "＼∗ˍ∼ˋ∣‹›()＠")  # noqa: RUF001
LINK_COLON = re.compile(r":(?=//|[\w+-]+:)")
URL_SAFE = "%/:?#[]@!$&'+,;=~-._"
NAME = 50
NAMED_COPIES = 4
NAMED_CORRECTIONS = 3
NO_WORDS = "There is no word to look for: type one that stories should have, beside what they should not."
RIGHT_TO_LEFT = re.compile(
    "[\u061c\u200e\u200f\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def plain(text: str) -> str:
    """Return `text` such that Discord shows it letter by letter, but for what is invisible."""
    escaped = SPECIAL.sub(r"\\\g<0>", INVISIBLE.sub("", text))
    return _isolated(LINE_START.sub(lambda match: _escape_start(match[1], match[2]), escaped))


def _isolated(text: str) -> str:
    """Keep text that runs from right to left from turning what stands around it."""
    return f"\u2068{text}\u2069" if RIGHT_TO_LEFT.search(text) else text


def _escape_start(space: str, mark: str) -> str:
    return f"{space}{mark}\\" if mark[0].isdigit() else f"{space}\\{mark}"


def brief(text: str, limit: int = NAME) -> str:
    """Return the beginning of `text`, such as a name, such that Discord shows it letter by letter."""
    return plain(shorten(text, limit))


def link(text: str, url: str) -> str:
    """Return a link to `url` that reads `text`, but for signs that look like those it can't hold."""
    shown = LINK_COLON.sub("∶", text).translate(IN_LINKS)  # noqa: RUF001
    return f"[{_isolated(shown)}]({address(url)})"


def address(url: str) -> str:
    """Return `url` as Discord takes it, in ASCII."""
    return quote(url.strip(), safe=URL_SAFE, errors="replace")


def age(moment: datetime) -> str:
    """Return `moment` as each reader's Discord shows it: "3 hours ago"."""
    return f"<t:{int(moment.timestamp())}:R>"


def on_clock(moment: datetime) -> str:
    """Return `moment` as date and time in the reader's zone."""
    return f"<t:{int(moment.timestamp())}:f>"


def day(moment: datetime) -> str:
    """Return `moment` as a date in the reader's zone."""
    return f"<t:{int(moment.timestamp())}:D>"


def correction_line(corrections: Sequence[Correction], shown: Callable[[str], str] = brief) -> str:
    """Return what was taken for mistyped, in a sentence."""
    typed = " ".join(f"“{shown(each.typed)}”" for each in corrections[:NAMED_CORRECTIONS])
    meant = " ".join(f"“{shown(each.meant)}”" for each in corrections[:NAMED_CORRECTIONS])
    return f"Nothing fits as typed. Did you mean {meant} instead of {typed}? That finds:"


def coverage_lines(coverage: Coverage, shown: Callable[[str], str] = brief) -> list[str]:
    """Return who else covered a story, and who ran the same text; `shown` makes names fit for the place.

    "also: VentureBeat 81 · PBS 61 · 7 more", "same text also at Star Tribune".
    """
    named = [f"{shown(article.provider.name)} {article.quality}" for article in coverage.also]
    others = coverage.articles - 1 - len(named) - len(coverage.copies)
    if others:
        named.append(f"{others} more" if coverage.also else count(others, "more article"))
    copies = [f"same text also at {names_of(coverage.copies, shown)}"] if coverage.copies else []
    return [*([f"also: {' · '.join(named)}"] if named else []), *copies]


def names_of(copies: Sequence[Article], shown: Callable[[str], str] = brief) -> str:
    """Return the outlets that ran copies of a text: "Star Tribune, PBS and 2 more"."""
    names = list(dict.fromkeys(shown(copy.provider.name) for copy in copies))
    more = f" and {len(names) - NAMED_COPIES} more" if len(names) > NAMED_COPIES else ""
    return ", ".join(names[:NAMED_COPIES]) + more
