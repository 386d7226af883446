"""Write docs/commands.md: every command and option as the program itself describes them."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from discord import AppCommandOptionType, app_commands

from bot.app import open_app
from bot.cli.main import app
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "commands.md"
TEXT_LIMITS = {AppCommandOptionType.string: "characters", AppCommandOptionType.integer: ""}
HEAD = """# Commands

Made of the commands themselves by `make docs`; the pictures are made in the sandbox by `make screenshots`.
"""


def slash_commands() -> list[app_commands.Command[Any, ..., Any]]:
    """Return every slash command, by name."""

    async def collect() -> list[app_commands.Command[Any, ..., Any]]:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(database_path=Path(folder) / "docs.db", admin_guild_id=None)
            async with open_app(settings) as app:
                found = app.client.tree.walk_commands()
                return [command for command in found if isinstance(command, app_commands.Command)]

    return sorted(asyncio.run(collect()), key=lambda command: command.qualified_name)


def _slash_lines(command: app_commands.Command[Any, ..., Any]) -> Iterator[str]:
    yield f"### `/{command.qualified_name}`"
    yield command.description
    if command.parameters:
        rows = [
            _row(
                f"`{option.display_name}`", "yes" * option.required, str(option.description), _limits(option)
            )
            for option in command.parameters
        ]
        yield "\n".join(["| Option | Needed | What it is | Limits |", "| --- | --- | --- | --- |", *rows])
    picture = FILE.parent / "images" / f"{command.qualified_name.replace(' ', '-')}.png"
    if picture.exists():
        yield f"![What /{command.qualified_name} answers](images/{picture.name})"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _limits(option: app_commands.Parameter) -> str:
    if option.choices:
        return ", ".join(f"`{choice.value}`" for choice in option.choices)
    unit = TEXT_LIMITS.get(option.type)
    if unit is None or option.max_value is None:
        return ""
    return f"{option.min_value or 0} to {option.max_value} {unit}".rstrip()


def terminal_commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every command of the command line with its full name, those of groups among them, by name."""
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from terminal_commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def _terminal_lines(name: str, command: Any) -> Iterator[str]:
    yield f"### `broadsheet {name}`"
    yield " ".join((command.help or "").split())
    rows = [
        _row(_spelled(parameter), parameter.help or "")
        for parameter in command.params
        if not getattr(parameter, "hidden", False)
    ]
    if rows:
        yield "\n".join(["| | What it is |", "| --- | --- |", *rows])


def _spelled(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.name.upper()}`"
    return ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))


def commands_document() -> str:
    """Return the document."""
    group: Any = typer.main.get_command(app)
    slash = [line for command in slash_commands() for line in _slash_lines(command)]
    terminal = [line for name, command in terminal_commands(group) for line in _terminal_lines(name, command)]
    return "\n\n".join([HEAD.rstrip(), "## In Discord", *slash, "## In the terminal", *terminal]) + "\n"


if __name__ == "__main__":
    FILE.write_text(commands_document(), "utf-8")
