"""Errors to people: one helpful sentence each, answered in private."""

import logging
from typing import Any

import discord
from discord import app_commands

from bot.views.notice import notice
from bot.views.text import plain
from digests.errors import BroadsheetError

log = logging.getLogger(__name__)

UNEXPECTED = (
    "Something went wrong on the bot's side, and its operator can read it in the log. Try again later."
)
CHANGED = "This command has changed. Reload Discord (Ctrl+R), then type it again."
SENTENCES: dict[type[Exception], str] = {
    app_commands.TransformerError: "One of the options can't be used. Pick its value from the list.",
    app_commands.CommandNotFound: CHANGED,
    app_commands.CommandSignatureMismatch: CHANGED,
    discord.Forbidden: "Discord doesn't let the bot do that here: its role must be able to view and send.",
    discord.DiscordServerError: "Discord has trouble at the moment. Try again in a minute.",
}
TOO_LATE = 10062
ANSWERED = 40060


def explain(error: BaseException) -> str | None:
    """Return the sentence for an error that a person can do something about, else None."""
    cause = error.__cause__
    if isinstance(error, app_commands.CommandInvokeError | app_commands.TransformerError) and cause:
        return explain(cause)
    if isinstance(error, BroadsheetError):
        return error.told(plain)
    if isinstance(error, app_commands.CheckFailure):
        return str(error)
    return next((sentence for kind, sentence in SENTENCES.items() if isinstance(error, kind)), None)


async def answer_error(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the person, in private, what went wrong; what they can't mend goes to the log."""
    sentence = explain(error)
    if sentence is None:
        command = interaction.command.qualified_name if interaction.command else "a button"
        log.error("%s failed", command, exc_info=error)
    view = notice(sentence or UNEXPECTED)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(view=view, ephemeral=True)
        else:
            await interaction.response.send_message(view=view, ephemeral=True)
    except discord.HTTPException as failure:
        if failure.code not in {TOO_LATE, ANSWERED}:
            log.warning("an error could not be answered: %s", failure)
