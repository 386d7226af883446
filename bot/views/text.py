"""Text for Discord: what a stranger wrote can't format, ping or link anything."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import quote, urlsplit

from bot.locale import _, n_
from bot.locale.cldr import enumerated
from digests.editions.edition import Ruling
from digests.lookup.spelling import Correction
from digests.stories.coverage import Coverage
from digests.stories.urls import is_openable
from digests.text import INVISIBLE, shorten
from storage.models import Article

# Discord shows any of these as it is if a backslash stands before it; a colon may begin an emoji's name,
# or turn what is around it into a link.
SPECIAL = re.compile(r"[\\*_~`|<>\[\]()@#]|:(?=//|[\w+-]+:)")
LINE_START = re.compile(r"^(\s*)([-+•]|\d+(?=\.))", re.MULTILINE)
# Within a link's text Discord shows the backslash and formats all the same, so lookalikes stand in there.
IN_LINKS = str.maketrans("\\*_~`|<>[]@", "＼∗ˍ∼ˋ∣‹›()＠")  # noqa: RUF001
LINK_COLON = re.compile(r":(?=//|[\w+-]+:)")
URL_SAFE = "%/:?#[]@!$&'+,;=~-._"
NAME = 50
NAMED_COPIES = 4
NAMED_CORRECTIONS = 3
RIGHT_TO_LEFT = re.compile(
    "[\u061c\u200e\u200f\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def plain(text: str) -> str:
    """Return `text` escaped, so that Discord shows it letter by letter; invisible characters are dropped."""
    escaped = SPECIAL.sub(r"\\\g<0>", INVISIBLE.sub("", text))
    return _isolated(LINE_START.sub(lambda match: _escape_start(match[1], match[2]), escaped))


def _isolated(text: str) -> str:
    """Isolate text that runs from right to left, so that it doesn't reorder what stands around it."""
    return f"\u2068{text}\u2069" if RIGHT_TO_LEFT.search(text) else text


def _escape_start(space: str, mark: str) -> str:
    return f"{space}{mark}\\" if mark[0].isdigit() else f"{space}\\{mark}"


def brief(text: str, limit: int = NAME) -> str:
    """Return the first `limit` characters of `text`, cut at a word and escaped for Discord."""
    return plain(shorten(text, limit))


def topic_name(text: str) -> str:
    """Return a topic's name in italics."""
    return f"*{brief(text)}*"


def link(text: str, address: str) -> str:
    """Return a link that reads `text`, with lookalikes for the signs that a link can't hold.

    `address` is one that address_of() returned.
    """
    shown = LINK_COLON.sub("∶", text).translate(IN_LINKS)  # noqa: RUF001
    return f"[{_isolated(shown)}]({address})"


def address_of(url: str, longest: int) -> str | None:
    """Return `url` in ASCII, its host in Punycode; None if no browser could open it, or it is too long."""
    try:
        address = quote(_with_ascii_host(url.strip()), safe=URL_SAFE, errors="replace")
    except ValueError:
        return None
    return address if len(address) <= longest and is_openable(address) else None


def _with_ascii_host(url: str) -> str:
    """Return `url` with its host in Punycode; raises ValueError if no host can be called that."""
    if url.isascii():
        return url
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.isascii():
        return url
    person, at, _ = parts.netloc.rpartition("@")
    port = f":{parts.port}" if parts.port else ""
    from yarl import URL  # noqa: PLC0415 - takes a while, and few hosts need it

    ascii_host = URL.build(scheme=parts.scheme, host=host).raw_host
    return parts._replace(netloc=f"{person}{at}{ascii_host}{port}").geturl()


def quality_of(article: Article | Ruling) -> str:
    """Return the quality of an article, or of the one that a ruling is about, marked if it is estimated."""
    return f"≈{article.quality}" if article.estimated else str(article.quality)


def age(moment: datetime) -> str:
    """Return `moment` as each reader's Discord shows it: "3 hours ago"."""
    return f"<t:{int(moment.timestamp())}:R>"


def on_clock(moment: datetime) -> str:
    """Return `moment` as date and time in the reader's zone."""
    return f"<t:{int(moment.timestamp())}:f>"


def day(moment: datetime) -> str:
    """Return `moment` as a date in the reader's zone."""
    return f"<t:{int(moment.timestamp())}:D>"


def no_words() -> str:
    """Return what to say about a search that names only what stories must not have."""
    return _("Type at least one word to look for. Words with a minus sign only leave stories out.")


def story_count(number: int) -> str:
    """Return "1 story", "2 stories"."""
    return n_("{number:,} story", "{number:,} stories", number)


def article_count(number: int) -> str:
    """Return "1 article", "2 articles"."""
    return n_("{number:,} article", "{number:,} articles", number)


def outlet_count(number: int) -> str:
    """Return "1 outlet", "2 outlets"."""
    return n_("{number:,} outlet", "{number:,} outlets", number)


def correction_line(corrections: Sequence[Correction], shown: Callable[[str], str] = brief) -> str:
    """Return a sentence about what was taken for a typing error; `shown` escapes the words for the place."""
    named = corrections[:NAMED_CORRECTIONS]
    return _(
        "No results for “{typed}”. Showing results for “{meant}”:",
        typed=" ".join(shown(each.typed) for each in named),
        meant=" ".join(shown(each.meant) for each in named),
    )


def coverage_lines(coverage: Coverage, shown: Callable[[str], str] = brief) -> list[str]:
    """Return who else covered a story, and who ran the same text; `shown` escapes names for the place.

    "also: VentureBeat 81 · PBS 61 · 7 more", "same text also at Star Tribune".
    """
    named = " · ".join(f"{shown(article.provider.name)} {quality_of(article)}" for article in coverage.also)
    others = coverage.articles - 1 - len(coverage.also) - len(coverage.copies)
    lines = []
    if named and others:
        lines.append(
            n_(
                "also: {articles} · {number:,} more",
                "also: {articles} · {number:,} more",
                others,
                articles=named,
            )
        )
    elif named:
        lines.append(_("also: {articles}", articles=named))
    elif others:
        lines.append(n_("also: {number:,} more article", "also: {number:,} more articles", others))
    if coverage.copies:
        lines.append(same_text_line(coverage.copies, shown))
    return lines


def same_text_line(copies: Sequence[Article], shown: Callable[[str], str] = brief) -> str:
    """Return which outlets ran copies of a text: "same text also at Star Tribune, PBS and 2 more"."""
    names = list(dict.fromkeys(shown(copy.provider.name) for copy in copies))
    named, others = enumerated(names[:NAMED_COPIES]), len(names) - NAMED_COPIES
    if others <= 0:
        return _("same text also at {outlets}", outlets=named)
    return n_(
        "same text also at {outlets} and {number:,} more",
        "same text also at {outlets} and {number:,} more",
        others,
        outlets=named,
    )
