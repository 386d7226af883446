"""Where commands, buttons and reloads are measured and logged, with the ids that belong to them."""

import logging
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import discord
from structlog.contextvars import bind_contextvars

from bot.answers import explain
from bot.monitoring.metrics import Metrics
from digests.seeds.reload import Progress, Reloader, Report

BEGAN = "began"  # in Interaction.extras

log = logging.getLogger(__name__)


def begin(interaction: discord.Interaction[Any], name: str) -> None:
    """Note that a command or a button begins; what is logged from here on carries its ids."""
    interaction.extras[BEGAN] = perf_counter()
    bind_contextvars(command=name, interaction=interaction.id, server=interaction.guild_id)


def finish(
    metrics: Metrics, interaction: discord.Interaction[Any], name: str, error: BaseException | None = None
) -> None:
    """Count and log how a command or a button ended."""
    seconds = perf_counter() - interaction.extras.get(BEGAN, perf_counter())
    outcome = "done" if error is None else "refused" if explain(error) else "failed"
    metrics.count_command(name, outcome, seconds)
    log.info("%s: %s in %.0f ms", name, outcome, seconds * 1000)


def name_of(interaction: discord.Interaction[Any]) -> str:
    """Return the name of an interaction's command, as people type it."""
    return interaction.command.qualified_name if interaction.command else "unknown"


class MeasuredReloader(Reloader):
    """A Reloader whose reloads are counted."""

    def __init__(self, *arguments: Any, metrics: Metrics) -> None:
        super().__init__(*arguments)
        self._metrics = metrics

    async def reload(
        self, root: Path, *, force: bool = False, on_progress: Callable[[Progress], None] | None = None
    ) -> Report:
        """Reload as Reloader does, and count how it ended."""
        report = None
        try:
            report = await super().reload(root, force=force, on_progress=on_progress)
        finally:
            self._metrics.count_reload(report)
        return report
