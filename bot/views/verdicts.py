"""Verdicts in words, for Discord and the command line, which doesn't load Discord's library for them."""

from datetime import timedelta

from bot.locale import _, n_
from digests.editions.edition import Edition, Verdict

DAY = timedelta(days=1)


def verdicts(edition: Edition) -> dict[Verdict, str]:
    """Return what people read for each verdict of an edition."""
    # Stories are only left out for their number if the edition has as many as it may.
    limit = len(edition.choices)
    if edition.window.until - edition.window.since > DAY:
        too_many = n_(
            "more than {number} story in these days", "more than {number} stories in these days", limit
        )
    else:
        too_many = n_("more than {number} story today", "more than {number} stories today", limit)
    return {
        Verdict.CHOSEN: _("in the digest"),
        Verdict.BELOW_CUT: too_many,
        Verdict.BELOW_MIN_QUALITY: _("below the minimum quality"),
        Verdict.MUTED: _("only from muted outlets"),
        Verdict.ALREADY_SHOWN: _("already shown"),
        Verdict.WITHDRAWN: _("taken back by the outlet"),
        Verdict.OUTSIDE_WINDOW: _("not from these days"),
    }
