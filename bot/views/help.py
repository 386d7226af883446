"""What I can do, by person: who reads, has digests, manages a server, owns the bot."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from enum import StrEnum

from bot.errors import no_news
from bot.locale import _
from bot.views.layout import View, framed, rule, text


class Section(StrEnum):
    """A part of /help, for one kind of person."""

    READ = "read"
    YOURS = "yours"
    SERVER = "server"
    OWNER = "owner"


# By the first word of a command. What isn't named, such as /help itself, needs no help.
SECTIONS = {
    "preview": Section.READ,
    "stories": Section.READ,
    "topics": Section.READ,
    "follow": Section.YOURS,
    "following": Section.YOURS,
    "privacy": Section.YOURS,
    "digest": Section.SERVER,
    "admin": Section.OWNER,
}


def help_view(commands: Iterable[str], sections: Collection[Section], *, has_news: bool) -> View:
    """Return what the bot does, and for these sections what to press or type; `commands` are by full name."""
    about = _(
        "I send digests of the topics you choose, each story with the best article about it."
        " Start with `/preview`, then `/follow` what you like."
    )
    names: defaultdict[Section | None, list[str]] = defaultdict(list)
    for name in commands:
        names[SECTIONS.get(name.partition(" ")[0])].append(f"`/{name}`")
    shown = [section for section in Section if section in sections]
    parts = [text(_heading(section), " · ".join(names[section])) for section in shown]
    return framed(text("### Broadsheet", about, "" if has_news else no_news()), rule(), *parts)


def _heading(section: Section) -> str:
    headings = {
        Section.READ: _("**Read**: what a digest holds, and stories by words, age or outlet"),
        Section.YOURS: _("**Your digests**: in your DMs, and what I store about you"),
        Section.SERVER: _("**This server**: its digests, for those with Manage Server"),
        Section.OWNER: _("**The owner**: where news comes from, and how I'm doing"),
    }
    return headings[section]
