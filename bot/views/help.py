"""The list of commands, for the person who asks."""

from collections.abc import Iterable

from bot.errors import no_news
from bot.locale import _
from bot.views.layout import View, framed, rule, text


def help_view(commands: Iterable[tuple[str, str]], *, has_news: bool) -> View:
    """Return what the bot does, and the commands, each given by name and description."""
    about = _(
        "I post daily digests of the topics you choose, each story with the best article about it."
        " Start with `/topics`, then try `/digest preview`."
    )
    lines = [f"`/{name}` {description}" for name, description in commands]
    return framed(text("### Broadsheet", about, "" if has_news else no_news()), rule(), text(*lines))
