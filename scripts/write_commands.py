"""Write docs/commands.md, cli.md and settings.md: what commands and settings say of themselves."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import typer
from discord import AppCommandOptionType, app_commands

from bot.app import open_app
from bot.cli.help import KEEP, LOOK_UP, NEWS, RUN
from bot.cli.main import app
from bot.settings import Settings
from digests.feeds.hosts import AllowedHosts

ROOT = Path(__file__).parents[1]
COMMANDS, CLI, SETTINGS = (ROOT / "docs" / f"{name}.md" for name in ("commands", "cli", "settings"))
UNSET: tuple[object, ...] = (None, "", frozenset(), AllowedHosts())
TEXT_LIMITS = {AppCommandOptionType.string: "characters", AppCommandOptionType.integer: ""}
WHO = {"manage_guild": "Manage Server", "administrator": "the bot's owners"}  # whom Discord shows them to
COMMANDS_HEAD = """# Commands

Made of the commands themselves by `make docs`; the pictures are made in the sandbox by `make screenshots`.
[cli.md](cli.md) has the commands of the terminal, [searching.md](searching.md) explains what a search finds,
and [digests.md](digests.md) when and where digests arrive, and what happens if something goes wrong.

The bot's owners are the owner or team of its application, and anyone listed in `OWNER_IDS`. Commands for
**Manage Server** are shown to those who have that permission; *Integrations* in the server's settings changes
that. Answers are private: `share:True` shows a preview, a list or a story to everyone.

Much needs no command. *All coverage of …* under a digest, and *Full coverage* under a story, show everything
written about it, to you alone; *Follow* there tells you in your next digest by DM when it goes on. *Save*
puts a story on your own list, *Why these?* shows why each story was picked or left out, and *Tune* opens a
digest's settings.

| Command | Who | What it does |
| --- | --- | --- |
"""
CLI_HEAD = """# The command line

Made of the commands themselves by `make docs`. `make setup` installs `broadsheet` into `.venv/bin`. It exits
with 0 if all went well, 1 if something was wrong, and 2 if the command was mistyped. `reload` exits with 0
even if it lists faulty files; `check` exits with 1. `run` exits with 78 if token, settings or database must
be changed first, and with 75 if it may work later. [json.md](json.md) describes what `--json` prints.

`broadsheet --install-completion` makes your shell (bash, zsh, fish or PowerShell) complete commands and
options from the next terminal on; for this bash alone, run `eval "$(broadsheet --show-completion bash)"`.
"""
SETTINGS_HEAD = """# Settings

Made of the settings themselves by `make docs`. Set them in the environment, or in a file `.env` in the folder
you start the bot from. The environment goes first; what is empty is as good as not set.

| Name | Default | What it is |
| --- | --- | --- |
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


def _overview_row(command: app_commands.Command[Any, ..., Any]) -> str:
    """Return a command's row in the table of all: how it is written, who may use it, what it does."""
    name = command.qualified_name
    options = [
        option.display_name if option.required else f"[{option.display_name}]"
        for option in command.parameters
    ]
    return _row(
        f"[`/{' '.join([name, *options])}`](#{name.replace(' ', '-')})", _who(command), command.description
    )


def _who(command: app_commands.Command[Any, ..., Any]) -> str:
    hidden = (command.root_parent or command).default_permissions
    return next((who for name, who in WHO.items() if hidden and getattr(hidden, name)), "everyone")


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
    picture = COMMANDS.parent / "images" / f"{command.qualified_name.replace(' ', '-')}.png"
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
    """Return the document of the slash commands."""
    commands = slash_commands()
    overview = "\n".join([COMMANDS_HEAD.rstrip(), *map(_overview_row, commands)])
    return "\n\n".join([overview, *(line for command in commands for line in _slash_lines(command))]) + "\n"


def cli_document() -> str:
    """Return the document of the command line, under the same headings as its help."""
    group: Any = typer.main.get_command(app)
    lines: list[str] = []
    for heading in (RUN, NEWS, LOOK_UP, KEEP):
        lines.append(f"## {heading}")
        for name, command in terminal_commands(group):
            if group.commands[name.split()[0]].rich_help_panel == heading:
                lines += _terminal_lines(name, command)
    return "\n\n".join([CLI_HEAD.rstrip(), *lines]) + "\n"


def settings_document() -> str:
    """Return the document of the settings."""
    rows = [
        _row(f"`{each.name.upper()}`", written_default(each.name) or "none", each.metadata["description"])
        for each in fields(Settings)
    ]
    return SETTINGS_HEAD + "\n".join(rows) + "\n"


def written_default(name: str) -> str:
    """Return a setting's default as people write it, in code; nothing if that isn't set."""
    value = getattr(Settings(), name)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text}`" if value not in UNSET else ""


if __name__ == "__main__":
    for file, document in (
        (COMMANDS, commands_document()),
        (CLI, cli_document()),
        (SETTINGS, settings_document()),
    ):
        file.write_text(document, "utf-8")
