"""A ping at the top of a message."""

from discord import ui

from bot.views.layout import View


def mention(view: View, role_id: int) -> None:
    """Put a role's mention above a message's first text; it pings only if the sender allows that."""
    heading = next(item for item in view.walk_children() if isinstance(item, ui.TextDisplay))
    heading.content = f"<@&{role_id}>\n{heading.content}"
