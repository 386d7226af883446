"""Refusals: what a person or the bot may not do, with what they can do instead."""

from discord import app_commands

from bot.views.layout import Item


class NotAllowedError(app_commands.CheckFailure):
    """What a person or the bot may not do; the message is the text for people, with what would help.

    `offer` is a button for what they can do instead.
    """

    def __init__(self, text: str, offer: Item | None = None) -> None:
        super().__init__(text)
        self.offer = offer
