"""A ping at the head of a message."""

from discord import ui

from bot.views.layout import View


def mention(view: View, role_id: int) -> None:
    """Put a role's mention before a message's first text; who is pinged, the sender has to allow."""
    heading = next(item for item in view.walk_children() if isinstance(item, ui.TextDisplay))
    heading.content = f"<@&{role_id}>\n{heading.content}"
