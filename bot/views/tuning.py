"""Less of this: what a person can leave out of their digests, and bring back."""

from collections.abc import Mapping

from bot.locale import _
from bot.views.follow_buttons import less_menu, more_button
from bot.views.layout import View, framed, row, text
from bot.views.notice import notice


def less_view(custom_id: str, things: Mapping[str, str]) -> View:
    """Return a menu of what can be left out; `things` are outlets and topics by the menu's values."""
    if not things:
        return notice(_("There's nothing here to leave out. `/following` ends a digest."))
    asked = _("What do you want less of? I'll leave it out of all your digests in DMs.")
    return framed(text(asked), less_menu(custom_id, things))


def back_view(custom_id: str, things: Mapping[str, str]) -> View:
    """Return a menu of what a digest leaves out, to bring it back."""
    if not things:
        return notice(_("Nothing is left out of this digest any more."))
    return framed(text(_("What do you want back in your digests in DMs?")), less_menu(custom_id, things))


def left_out_view(of: str, name: str) -> View:
    """Return that something, named in Markdown, is left out from now on, and how to undo that."""
    told = _("I'll leave {name} out of your digests in DMs. `/following` brings it back.", name=name)
    return framed(text(told), row(more_button(of)))


def back_in_text(name: str) -> str:
    """Return that something, named in Markdown, isn't left out any more."""
    return _("{name} is back in your digests in DMs.", name=name)
