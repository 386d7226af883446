"""What the sandbox's page opens with: a digest, and what to try."""

from typing import Any

from bot.app import App
from bot.locale import _
from bot.sandbox.stage import Place
from bot.views.layout import View, framed, rule, text
from storage import topics

SHOWN_AT = "18:00"  # of the digest: after the usual time, so that those of people who try one come first


async def open_with(app: App, place: Place) -> None:
    """Let the bot introduce itself in a place, after a digest that somebody who manages it set up."""
    moderator = place.viewers[1]
    if topic := await _third_topic(app):
        await moderator.slash(place.channel, "digest subscribe", topic=topic, time=SHOWN_AT)
        await moderator.slash(place.channel, "digest send", topic=topic)
    channel: Any = app.client.get_channel(place.channel.id)
    await channel.send(view=guide_view())


def guide_view() -> View:
    """Return what can be tried in the sandbox, and as whom."""
    return framed(
        text(
            _("### Welcome to the sandbox"),
            _("I'm the real bot in a simulated Discord. Nothing leaves it, and nothing is kept."),
        ),
        rule(),
        text(
            _("- **Read:** type `/digest preview` and pick a topic, or find a story with `/stories search`."),
            _(
                "- **Set up a digest:** choose Mo under *Viewing as* and type `/setup`. Then `/sandbox next`"
                " moves the clock to the next digest."
            ),
            _(
                "- **Add feeds:** `/sandbox feeds` adds four made-up outlets that report the same events."
                " Then `/digest preview` with the topic Ports shows the stories I make of them."
            ),
            _("- **Look around:** `/sandbox go` takes you to other channels, servers and direct messages."),
        ),
    )


async def _third_topic(app: App) -> str | None:
    """Return the topic with the third most stories: those before it are left for people to try."""
    async with app.services.database.reading() as connection:
        found = await connection.run(topics.summaries, app.services.clock())
    return found[2].topic.name if len(found) > 2 and found[2].stories else None
