"""What is stored about a person, shown to that person."""

from collections.abc import Iterator

import discord
from discord import ui

from bot.locale import _, n_
from bot.locale.cldr import enumerated
from bot.views.layout import View, capped, framed, row, rule, text
from bot.views.notice import notice
from bot.views.text import age, brief, plain
from digests.delivery.retention import KEEP_LISTINGS
from storage.models import Subscription
from storage.people import Footprint

FORGET = "privacy:forget"
MOST = 10
TITLE = 100


def privacy_view(found: Footprint) -> View:
    """Return what is stored about the person who asks, with a button that deletes it."""
    if not (found.digests or found.lists or found.saved or found.followed or found.zone):
        nothing = _(
            "Nothing: you have no digest, saved or followed no story, chose no time zone, and asked for no"
            " list in the last {days} days.",
            days=KEEP_LISTINGS.days,
        )
        return notice(_heading(), nothing)
    button: ui.Button[View] = ui.Button(
        label=_("Delete this"), custom_id=FORGET, style=discord.ButtonStyle.danger
    )
    explained = _(
        "**Delete this** ends your digests in DMs and deletes your lists, stories and time zone, at"
        " once and for good. A server's digest belongs to the server and stays, without your ID."
    )
    return framed(
        text(_heading(), _("I store your Discord ID together with:")),
        text(*_lines(found)),
        rule(),
        text(explained),
        row(button),
    )


def forgotten_view() -> View:
    """Return that everything was deleted."""
    deleted = _(
        "Deleted. Backups that were made before still hold it until they are deleted, and whatever you set up"
        " or look for from now on is stored again."
    )
    return notice(_heading(), deleted)


def _heading() -> str:
    return _("### What I store about you")


def _lines(found: Footprint) -> Iterator[str]:
    digests = [_digest_line(each) for each in found.digests[:MOST]]
    yield from capped(digests, len(found.digests))
    if found.followed:
        yield n_(
            "- {number:,} story that you follow; `/following` shows it",
            "- {number:,} stories that you follow; `/following` shows them",
            found.followed,
        )
    if found.zone:
        yield _("- your time zone, {zone}", zone=plain(found.zone))
    if found.saved:
        yield _saved_line(found.saved)
    if not found.lists:
        return
    days, lists = KEEP_LISTINGS.days, len(found.lists)
    words = [brief(str(query["words"])) for query in found.lists if query.get("words")]
    if words:
        yield n_(
            "- {number:,} list that you asked for in the last {days} days (you looked for {words})",
            "- {number:,} lists that you asked for in the last {days} days (you looked for {words})",
            lists,
            days=days,
            words=enumerated(words[:MOST]),
        )
    else:
        yield n_(
            "- {number:,} list that you asked for in the last {days} days",
            "- {number:,} lists that you asked for in the last {days} days",
            lists,
            days=days,
        )


def _saved_line(titles: tuple[str, ...]) -> str:
    """Return how many stories a person saved, and the newest of them."""
    return n_(
        "- {number:,} story that you saved: {title}",
        "- {number:,} stories that you saved, the newest: {title}",
        len(titles),
        title=brief(titles[0], TITLE),
    )


def _digest_line(digest: Subscription) -> str:
    topic, when = brief(digest.subject.name), age(digest.created_at)
    if digest.guild_id:
        channel = f"<#{digest.channel_id}>"
        return _(
            "- the {topic} digest that you set up {when} in {channel}",
            topic=topic,
            when=when,
            channel=channel,
        )
    return _("- the {topic} digest that you set up {when} in your DMs", topic=topic, when=when)
