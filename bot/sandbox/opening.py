"""What the sandbox's page opens with: a digest, and what to try."""

from contextlib import suppress
from typing import Any

import discord

from bot.app import App
from bot.locale import _
from bot.sandbox.stage import Place
from bot.views.layout import View, framed, rule, text
from digests.delivery.owe import send_now
from digests.editions.timetable import EVERY_DAY
from digests.errors import NothingNewError
from digests.subscriptions.subscribe import NewSubscription, subscribe, usual_stories
from storage import topics
from storage.models import DigestOptions, Subject, Topic

SHOWN_AT = "18:00"  # of the digest: after the usual time, so that those of people who try one come first


async def open_with(app: App, place: Place) -> None:
    """Let the bot post a digest in a place, and below it what to try."""
    channel: Any = app.client.get_channel(place.channel.id)
    if topic := await _third_topic(app):
        await _post_digest(app, topic, channel, place.viewers[1].id)
    await channel.send(view=guide_view())


async def _post_digest(app: App, topic: Topic, channel: discord.TextChannel, user_id: int) -> None:
    """Subscribe a channel to a topic for a person, and send the first digest at once.

    The commands for that would leave their answers on the page, though nobody typed them.
    """
    database, now = app.services.database, app.services.clock()
    options = DigestOptions(SHOWN_AT, "UTC", EVERY_DAY, usual_stories(EVERY_DAY))
    new = NewSubscription(Subject((topic,)), channel.guild.id, channel.id, user_id, options)
    async with database.transaction() as connection:
        added = await subscribe(connection, new, now, app.services.settings.limits)
    with suppress(NothingNewError):
        await send_now(database, added, now)
    await app.scheduler.tick()


def guide_view() -> View:
    """Return what can be tried in the sandbox, and as whom."""
    return framed(
        text(
            _("### Welcome to the sandbox"),
            _("I'm the real bot in a simulated Discord. Nothing leaves it, and nothing is kept."),
        ),
        rule(),
        text(
            _("- **Read:** type `/preview` and pick a topic, or find a story with `/stories search`."),
            _(
                "- **Set up a digest:** choose Mo under *Viewing as* and type `/setup`. Then `/sandbox next`"
                " moves the clock to the next digest."
            ),
            _(
                "- **Add feeds:** `/sandbox feeds` adds four made-up outlets that report the same events."
                " Then `/preview` with the topic Ports shows the stories I make of them."
            ),
            _("- **Look around:** `/sandbox go` takes you to other channels, servers and direct messages."),
        ),
    )


async def _third_topic(app: App) -> Topic | None:
    """Return the topic with the third most stories: those before it are left for people to try."""
    async with app.services.database.reading() as connection:
        found = await connection.run(topics.summaries, app.services.clock())
    return found[2].topic if len(found) > 2 and found[2].stories else None
