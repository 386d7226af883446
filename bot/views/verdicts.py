"""Verdicts in words, for Discord and the command line, which doesn't load Discord's library for them."""

from collections.abc import Callable
from datetime import timedelta

from bot.locale import _, n_
from digests.editions.candidates import Verdict
from digests.editions.edition import FOLLOWED, Edition, Ruling
from digests.editions.window import Window

DAY = timedelta(days=1)


def verdict_words(edition: Edition, ruling: Ruling, shown: Callable[[str], str]) -> str:
    """Return what people read for the verdict on a story; `shown` escapes a topic's name for the place."""
    if ruling.verdict is Verdict.BELOW_CUT:
        return _below_cut(edition)
    if ruling.verdict is Verdict.ALREADY_SHOWN and ruling.shown_in:
        return _("already in {topic}", topic=shown(ruling.shown_in))
    return {
        Verdict.CHOSEN: _("in the digest"),
        Verdict.BELOW_MIN_QUALITY: _("below the minimum quality"),
        Verdict.MUTED: _("only from muted outlets"),
        Verdict.LEFT_OUT: _("on a topic that you left out"),
        Verdict.ALREADY_SHOWN: _("already shown"),
        Verdict.SAME_TEXT: _("same text as another story"),
        Verdict.WITHDRAWN: _("taken back by the outlet"),
        Verdict.OUTSIDE_WINDOW: _("not from these days"),
    }[ruling.verdict]


def _below_cut(edition: Edition) -> str:
    # Stories are only left out for their number if the edition has as many as it may.
    limit = sum(choice.section != FOLLOWED for choice in edition.choices)
    if covers_days(edition.window):
        return n_("more than {number} story in these days", "more than {number} stories in these days", limit)
    return n_("more than {number} story today", "more than {number} stories today", limit)


def covers_days(window: Window) -> bool:
    """Say whether a window is of more than one day."""
    return window.until - window.since > DAY
