"""Values of commands' options: Discord's own clients keep the limits that options name, others need not."""

from typing import Any

import discord
from discord import app_commands

from bot.locale import _

Kind = discord.AppCommandOptionType
NESTED = (Kind.subcommand.value, Kind.subcommand_group.value)
TYPES: dict[Kind, type] = {Kind.string: str, Kind.integer: int, Kind.boolean: bool}
RESOLVED = {Kind.role: "roles", Kind.channel: "channels"}  # where Discord says what an id stands for


class NotAValueError(app_commands.CheckFailure):
    """A value that an option doesn't take; the message is the text for people."""


def require_values(interaction: discord.Interaction[Any]) -> None:
    """Raise NotAValueError if a command came with a value that its options don't take."""
    data: Any = interaction.data or {}
    given, resolved = data.get("options", []), data.get("resolved", {})
    while given and given[0]["type"] in NESTED:
        given = given[0].get("options", [])
    command = interaction.command
    if not isinstance(command, app_commands.Command):
        return
    takes = {parameter.display_name: parameter for parameter in command.parameters}
    for option in given:
        parameter = takes.get(option["name"])
        if parameter and not _takes(parameter, option, resolved):
            raise NotAValueError(_explain(parameter))


def _takes(parameter: app_commands.Parameter, option: Any, resolved: Any) -> bool:
    """Say whether an option takes the value that Discord handed on."""
    value: Any = option["value"]
    kind = parameter.type
    if option["type"] != kind.value:
        return False
    if kind in RESOLVED:
        return value in resolved.get(RESOLVED[kind], {})
    if kind in TYPES and type(value) is not TYPES[kind]:
        return False
    if parameter.choices:
        return value in {choice.value for choice in parameter.choices}
    size: Any = len(value) if kind is Kind.string else value
    least, most = parameter.min_value, parameter.max_value
    return (least is None or size >= least) and (most is None or size <= most)


def _explain(parameter: app_commands.Parameter) -> str:
    """Return what an option takes."""
    values = {
        "option": f"`{parameter.display_name}`",
        "least": parameter.min_value,
        "most": parameter.max_value,
    }
    if parameter.max_value is None or parameter.choices:
        return _("{option} doesn't take that value. Pick one from the list.", **values)
    if parameter.type is Kind.string:
        return _("{option} takes {least} to {most} characters.", **values)
    return _("{option} takes a whole number from {least} to {most}.", **values)
