"""Why an article is in its story, in words for people."""

from collections.abc import Callable

from bot.locale import _, n_
from bot.locale.cldr import enumerated
from digests.lookup.reasons import Reason, Tie
from digests.text import shorten

TITLE = 60  # characters of another article's title


def tie_text(reason: Reason, escape: Callable[[str], str] = str) -> str:
    """Return why an article is in its story, as half a sentence; strangers' words are escaped."""
    title = escape(shorten(reason.like.title, TITLE)) if reason.like else ""
    ties = {
        Tie.SEED: _("named by a seed"),
        Tie.PERSON: _("put here by a person"),
        Tie.COPY: _("a copy of “{title}”", title=title),
        Tie.SIMILAR: _("similarity {likeness:.2f} to “{title}”", likeness=reason.likeness or 0, title=title),
        Tie.FIRST: _("the first on this event"),
    }
    if reason.feeds < 2:
        return ties[reason.tie]
    same = n_("same address in {number:,} feed", "same address in {number:,} feeds", reason.feeds)
    return enumerated([ties[reason.tie], same])
