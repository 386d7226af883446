"""What is stored about a person, shown to that person."""

from collections.abc import Iterator

import discord
from discord import ui

from bot.views.layout import View, capped, framed, row, rule, text
from bot.views.notice import notice
from bot.views.text import age, brief
from digests.delivery.retention import KEEP_LISTINGS
from digests.text import count
from storage.people import Footprint

FORGET = "privacy:forget"
HEADING = "### What is stored about you"
MOST = 10
KEPT = f"in the last {KEEP_LISTINGS.days} days"
NOTHING = f"Nothing: you set up no digest, and asked for no list {KEPT}."
EXPLAINED = (
    "**Delete this** ends your digests in DMs and forgets your lists, at once and for good. A server's digest"
    " belongs to the server and stays; your id is taken off it."
)
FORGOTTEN = (
    "It is deleted. What you do from now on is stored again, and `/privacy` shows it. Backups that the bot's"
    " operator made before hold it until they are deleted."
)


def privacy_view(found: Footprint) -> View:
    """Return what is stored about the person who asks, with a button that deletes it."""
    if not (found.digests or found.lists):
        return notice(HEADING, NOTHING)
    button: ui.Button[View] = ui.Button(
        label="Delete this", custom_id=FORGET, style=discord.ButtonStyle.danger
    )
    return framed(
        text(HEADING, "Your Discord id, with:"),
        text(*_lines(found)),
        rule(),
        text(EXPLAINED),
        row(button),
    )


def forgotten_view() -> View:
    """Return that everything was deleted."""
    return notice(HEADING, FORGOTTEN)


def _lines(found: Footprint) -> Iterator[str]:
    digests = [
        f"- the digest of {brief(each.topic)} that you set up {age(each.created_at)}"
        + (f" in <#{each.channel_id}>" if each.guild_id else " in your DMs")
        for each in found.digests[:MOST]
    ]
    yield from capped(digests, len(found.digests))
    if found.lists:
        words = [brief(str(query["words"])) for query in found.lists if query.get("words")]
        looked_for = f" (you looked for {', '.join(words[:MOST])})" if words else ""
        yield f"- {count(len(found.lists), 'list')} that you asked for {KEPT}{looked_for}"
