"""Answers to commands and buttons, in time: views, and what went wrong."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from enum import Enum
from functools import partial
from typing import Any

import aiohttp
import discord
from discord import app_commands, ui

from bot.access.refusal import NotAllowedError
from bot.errors import unexpected, worded
from bot.locale import _
from bot.refusals import send_unrefused
from bot.views.layout import View, framed, row
from bot.views.layout import text as said
from bot.views.text import plain
from digests.errors import BroadsheetError
from storage.errors import UnreachableError, UnwritableError

log = logging.getLogger(__name__)

ANSWER_WITHIN = 0.8  # seconds: what is sent then arrives within one; Discord gives up after three
FIRST = "first answer"  # in Interaction.extras
TOO_LATE = 10062
ANSWERED = 40060  # by another process, or by a request whose reply was lost


class Deferral(Enum):
    """How an interaction was deferred: what its answer, or an error, has to do then."""

    PRIVATE = "private"
    PUBLIC = "public"
    TURN = "turn"  # the message whose button was pressed will change


class FirstAnswer:
    """Sees to it that an interaction has its first answer in time: what takes longer is deferred.

    Answering and deferring exclude each other; Discord takes only one of them.
    """

    def __init__(self, interaction: discord.Interaction[Any], deferral: Deferral) -> None:
        self._interaction = interaction
        self._deferral = deferral
        self.deferred: Deferral | None = None
        self.lock = asyncio.Lock()
        self._waiting = asyncio.create_task(self._defer_later())

    def close(self) -> None:
        """Stop waiting: the interaction is answered, or its command has ended."""
        self._waiting.cancel()

    async def defer(self) -> None:
        """Defer now, unless there was an answer already."""
        async with self.lock:
            if self._interaction.response.is_done():
                return
            if self._waiting is not asyncio.current_task():
                self.close()
            if self._deferral is Deferral.TURN:
                await self._interaction.response.defer()
            else:
                is_private = self._deferral is Deferral.PRIVATE
                await self._interaction.response.defer(ephemeral=is_private, thinking=True)
            self.deferred = self._deferral

    async def _defer_later(self) -> None:
        await asyncio.sleep(ANSWER_WITHIN)
        try:
            await self.defer()
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:  # the answer will say more
            log.info("could not defer: %s", error)


def keep_in_time(interaction: discord.Interaction[Any], *, turns: bool = False) -> None:
    """Defer an interaction that isn't answered in time; `turns` if it changes the message pressed."""
    deferral = Deferral.TURN if turns else Deferral.PUBLIC if _is_public(interaction) else Deferral.PRIVATE
    interaction.extras[FIRST] = FirstAnswer(interaction, deferral)


def _is_public(interaction: discord.Interaction[Any]) -> bool:
    """Say whether a command's answer is for everybody: its option `share` is set."""
    command = interaction.command
    if not isinstance(command, app_commands.Command):
        return False
    return command.get_parameter("share") is not None and getattr(interaction.namespace, "share", False)


@asynccontextmanager
async def _in_turn(interaction: discord.Interaction[Any]) -> AsyncIterator[Deferral | None]:
    """Answer while nothing defers, and yield how the interaction was deferred before."""
    first: FirstAnswer = interaction.extras[FIRST]
    async with first.lock:
        yield first.deferred
    first.close()


async def defer(interaction: discord.Interaction[Any]) -> None:
    """Defer at once what surely takes long."""
    first: FirstAnswer = interaction.extras[FIRST]
    await first.defer()


async def answer(interaction: discord.Interaction[Any], view: View, *, ephemeral: bool = True) -> None:
    """Answer, by default only the person; a deferred answer is replaced."""

    async def send(shown: View) -> None:
        async with _in_turn(interaction) as deferred:
            if deferred:
                await interaction.edit_original_response(view=shown)
            else:
                await interaction.response.send_message(view=shown, ephemeral=ephemeral)

    await _send(interaction, view, send)


async def answer_more(interaction: discord.Interaction[Any], view: View, *, ephemeral: bool) -> None:
    """Send another message below the answer."""
    send = partial(interaction.followup.send, ephemeral=ephemeral)
    await _send(interaction, view, lambda shown: send(view=shown))


def chosen(interaction: discord.Interaction[Any]) -> str:
    """Return the entry that was chosen in a menu, "" if there is none."""
    data: Any = interaction.data
    return "".join(data.get("values", ())[:1])


async def turn(interaction: discord.Interaction[Any], view: View) -> None:
    """Replace the message whose button was pressed."""

    async def send(shown: View) -> None:
        async with _in_turn(interaction) as deferred:
            if deferred:
                await interaction.edit_original_response(view=shown)
            else:
                await interaction.response.edit_message(view=shown)

    await _send(interaction, view, send)


async def _send(
    interaction: discord.Interaction[Any], view: View, send: Callable[[View], Awaitable[object]]
) -> None:
    """Send a message by `send`, with commands to press, and without what Discord refuses of stories."""
    await send_unrefused(interaction.client.services.refusals, interaction.client.link(view), send)


def explain(error: BaseException) -> str | None:
    """Return the text for an error that a person can do something about, else None."""
    cause = error.__cause__
    match error:
        case app_commands.CommandInvokeError() | app_commands.TransformerError() if cause:
            return explain(cause)
        case BroadsheetError() | UnreachableError() | UnwritableError():
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


async def answer_error(
    interaction: discord.Interaction[Any], error: BaseException, button: ui.Button[Any] | None = None
) -> None:
    """Tell the person, in private, what went wrong, above a button; what they can't mend goes to the log."""
    command = interaction.command.qualified_name if interaction.command else "a button"
    if code := closed_by(error):
        log.info("%s: %s", command, "answered already" if code == ANSWERED else "too late to answer")
        return
    text = explain(error)
    if text is None:
        log.error("%s failed", command, exc_info=error)
    if interaction.type is discord.InteractionType.autocomplete:
        return  # choices can't say anything
    offer = button or (error.offer if isinstance(error, NotAllowedError) else None)
    view = interaction.client.link(framed(said(text or unexpected()), *([row(offer)] if offer else [])))
    try:
        async with _in_turn(interaction) as deferred:
            await _answer_alone(interaction, view, deferred)
    except discord.HTTPException as failure:
        if not closed_by(failure):
            log.warning("could not tell the person what went wrong: %s", failure)


async def _answer_alone(interaction: discord.Interaction[Any], view: View, deferred: Deferral | None) -> None:
    """Tell only the person, whatever the answer would have been; nobody else sees that there was one."""
    if not interaction.response.is_done():
        await interaction.response.send_message(view=view, ephemeral=True)
    elif deferred is Deferral.PRIVATE:
        await interaction.edit_original_response(view=view)
    else:
        if deferred is Deferral.PUBLIC:
            with suppress(discord.HTTPException):
                await interaction.delete_original_response()
        await interaction.followup.send(view=view, ephemeral=True)
