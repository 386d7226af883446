"""Measures and logs commands, buttons and reloads, with their ids."""

import logging
from time import perf_counter
from typing import Any

import discord
from structlog.contextvars import bind_contextvars

from bot.answers import ANSWERED, closed_by, explain
from bot.monitoring.metrics import Metrics

BEGAN = "began"  # in Interaction.extras

log = logging.getLogger(__name__)


def begin(interaction: discord.Interaction[Any], name: str) -> None:
    """Note that a command or button begins; what is logged from here on carries its ids."""
    interaction.extras[BEGAN] = perf_counter()
    bind_contextvars(command=name, interaction=interaction.id, server=interaction.guild_id)


def finish(
    metrics: Metrics, interaction: discord.Interaction[Any], name: str, error: BaseException | None = None
) -> None:
    """Count and log how a command or button ended, and how long it took."""
    seconds = perf_counter() - interaction.extras.get(BEGAN, perf_counter())
    if error is None or closed_by(error) == ANSWERED:
        outcome = "done"
    else:
        outcome = "refused" if explain(error) else "failed"
    metrics.count_command(name, outcome, seconds)
    log.info("%s: %s in %.0f ms", name, outcome, seconds * 1000)


def name_of(interaction: discord.Interaction[Any]) -> str:
    """Return the name of an interaction's command, as people type it."""
    return interaction.command.qualified_name if interaction.command else "unknown"
