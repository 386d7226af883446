"""What I can do, by person: who reads, has digests, manages a server, owns the bot."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from enum import StrEnum

from bot.errors import no_news
from bot.locale import _
from bot.views.layout import View, framed, rule, text


class Part(StrEnum):
    """A part of /help, for one kind of person."""

    READ = "read"
    YOURS = "yours"
    SERVER = "server"
    OWNER = "owner"


# By the first word of a command. What isn't named, such as /help itself, needs no help.
SECTIONS = {
    "preview": Part.READ,
    "stories": Part.READ,
    "topics": Part.READ,
    "save": Part.READ,
    "saved": Part.READ,
    "follow": Part.YOURS,
    "following": Part.YOURS,
    "privacy": Part.YOURS,
    "setup": Part.SERVER,
    "digest": Part.SERVER,
    "admin": Part.OWNER,
}


def help_view(commands: Iterable[str], sections: Collection[Part], *, has_news: bool) -> View:
    """Return what the bot does, and for these sections what to press or type; `commands` are by full name."""
    about = _(
        "I send digests of the topics you choose, each story with the best article about it."
        " Start with `/preview`, then `/follow` what you like."
    )
    names: defaultdict[Part | None, list[str]] = defaultdict(list)
    for name in commands:
        names[SECTIONS.get(name.partition(" ")[0])].append(f"`/{name}`")
    shown = [section for section in Part if section in sections]
    parts = [text(_heading(section), " · ".join(names[section])) for section in shown]
    return framed(text("### Broadsheet", about, "" if has_news else no_news()), rule(), *parts)


def _heading(section: Part) -> str:
    headings = {
        Part.READ: _("**Read**: what a digest holds, and stories by words, age or outlet"),
        Part.YOURS: _("**Your digests**: in your DMs, and what I store about you"),
        Part.SERVER: _("**This server**: its digests, for those with Manage Server"),
        Part.OWNER: _("**The owner**: where news comes from, and how I'm doing"),
    }
    return headings[section]
