"""Hello: to a server that the bot was added to, and to whoever writes to it."""

from bot.locale import _
from bot.views.buttons import example_button, setup_button
from bot.views.layout import View, framed, row, text
from bot.views.text import brief


def hello_view() -> View:
    """Return the greeting for a server's channel."""
    return _hello(
        _(
            "Hi, I'm Broadsheet: I post daily digests of the topics you choose, each story with the best"
            " article about it."
        )
    )


def hello_owner_view(server: str) -> View:
    """Return the greeting for the owner of a server in none of whose channels the bot may write."""
    return _hello(
        _(
            "Hi, I'm Broadsheet: I post daily digests of the topics you choose, and I can't write in any"
            " channel of **{server}** yet, so allow me **Send Messages** in one and type `/setup` there.",
            server=brief(server),
        )
    )


def reply_view() -> View:
    """Return what somebody is told who writes to the bot."""
    return _hello(
        _(
            "I only read commands: I can send you daily digests of the topics you choose, look up stories"
            " with `/stories search`, and `/help` shows everything else."
        )
    )


def _hello(sentence: str) -> View:
    return framed(text(sentence), row(setup_button(), example_button()))
