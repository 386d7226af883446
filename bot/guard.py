"""What every button and every form is answered through: in time, measured, and whatever goes wrong."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import ui

from bot.answers import answer_error, keep_in_time
from bot.locale import speak
from bot.locale.catalogs import language_of
from bot.monitoring.timing import begin, finish


async def guarded(
    interaction: discord.Interaction[Any],
    name: str,
    answer: Callable[[], Awaitable[None]],
    *,
    turns: bool = False,
    again: Callable[[], ui.Button[Any] | None] = lambda: None,
) -> None:
    """Answer an interaction, and answer errors too: the tree's error handler sees commands alone.

    What it says is in the language of the person's Discord.

    `name` is what metrics and logs call it; `turns` if it changes the message pressed; `again` makes the
    button under what went wrong.
    """
    failure = None
    speak(language_of(interaction.locale))
    begin(interaction, name)
    keep_in_time(interaction, turns=turns)
    try:
        await answer()
    except Exception as error:  # noqa: BLE001 - nothing above would answer the person
        failure = error
        await answer_error(interaction, error, again())
    finish(interaction.client.metrics, interaction, name, failure)
