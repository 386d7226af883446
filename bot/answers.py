"""Answers to commands and buttons, in private: views, and what went wrong."""

import logging
from functools import partial
from typing import Any

import discord
from discord import app_commands

from bot.errors import unexpected, worded
from bot.locale import _
from bot.refusals import send_unrefused
from bot.views.layout import View
from bot.views.notice import notice
from bot.views.text import plain
from digests.errors import BroadsheetError

log = logging.getLogger(__name__)

TOO_LATE = 10062
ANSWERED = 40060  # by another process, or by a request whose reply was lost


async def answer(interaction: discord.Interaction[Any], view: View, *, ephemeral: bool = True) -> None:
    """Answer, by default only the person; a deferred answer is replaced."""

    async def send(shown: View) -> None:
        if interaction.response.is_done():
            await interaction.edit_original_response(view=shown)
        else:
            await interaction.response.send_message(view=shown, ephemeral=ephemeral)

    await send_unrefused(interaction.client.services.refusals, view, send)


async def answer_more(interaction: discord.Interaction[Any], view: View, *, ephemeral: bool) -> None:
    """Send another message below the answer."""
    send = partial(interaction.followup.send, ephemeral=ephemeral)
    await send_unrefused(interaction.client.services.refusals, view, lambda shown: send(view=shown))


async def turn(interaction: discord.Interaction[Any], view: View) -> None:
    """Replace the message whose button was pressed."""
    send = interaction.response.edit_message
    await send_unrefused(interaction.client.services.refusals, view, lambda shown: send(view=shown))


def explain(error: BaseException) -> str | None:
    """Return the text for an error that a person can do something about, else None."""
    cause = error.__cause__
    match error:
        case app_commands.CommandInvokeError() | app_commands.TransformerError() if cause:
            return explain(cause)
        case BroadsheetError():
            return worded(error, plain)
        case app_commands.CheckFailure():
            return str(error)
        case app_commands.TransformerError():
            return _("I can't use one of the options. Pick its value from the list.")
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return _("This command has changed. Reload Discord (Ctrl+R), then type it again.")
        case discord.Forbidden():
            return _("Discord doesn't let me do that here. Give my role View Channel and Send Messages.")
        case discord.DiscordServerError() | discord.RateLimited():
            return _("Discord is having trouble at the moment. Try again in a minute.")
    return None


def closed_by(error: BaseException) -> int | None:
    """Return ANSWERED or TOO_LATE if the error says that an interaction takes no answer any more."""
    cause = error.__cause__ if isinstance(error, app_commands.AppCommandError) else error
    code = cause.code if isinstance(cause, discord.HTTPException) else None
    return code if code in {ANSWERED, TOO_LATE} else None


async def answer_error(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the person, in private, what went wrong; what they can't mend goes to the log."""
    command = interaction.command.qualified_name if interaction.command else "a button"
    if code := closed_by(error):
        log.info("%s: %s", command, "answered already" if code == ANSWERED else "too late to answer")
        return
    text = explain(error)
    if text is None:
        log.error("%s failed", command, exc_info=error)
    view = notice(text or unexpected())
    try:
        if interaction.response.is_done():
            await interaction.followup.send(view=view, ephemeral=True)
        else:
            await interaction.response.send_message(view=view, ephemeral=True)
    except discord.HTTPException as failure:
        if not closed_by(failure):
            log.warning("could not tell the person what went wrong: %s", failure)
