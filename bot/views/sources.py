"""Sources, for the bot's owners: the list of them, one of them, what fails."""

from collections.abc import Sequence

from bot.locale import _
from bot.problems import problem_text
from bot.views.layout import View, framed, text
from bot.views.text import age, brief, plain
from storage.feeds import Feed, FeedState

MOST_NAMED = 10


def failing_feeds_view(found: Sequence[Feed]) -> View:
    """Return what the owners are told of feeds that have failed for days, or have ended."""
    return framed(text(_("### Sources that need you"), *failing_lines(found)))


def failing_lines(found: Sequence[Feed]) -> list[str]:
    """Return what is wrong with feeds, a line each: since when, and when each is tried again."""
    lines = []
    for feed in found[:MOST_NAMED]:
        problem = problem_text(feed.problem, plain) if feed.problem else ""
        name = f"**{brief(feed.name)}**"
        if feed.state is FeedState.ENDED or feed.failing_since is None:
            lines.append(f"- {name}: {problem}")
        else:
            lines.append(
                _(
                    "- {name}, failing since {since}: {problem} Next try {next}.",
                    name=name,
                    since=age(feed.failing_since),
                    problem=problem,
                    next=age(feed.next_at),
                )
            )
    return lines
