"""How `--help` lists commands: under headings, each with the whole of its first sentence.

Typer has headings too, but loads rich's Markdown and highlighting for them: three times as long as itself.
"""

from typing import Any

from typer.core import TyperGroup

RUN = "Run the bot"
NEWS = "Where the news comes from"
LOOK_UP = "Look things up"
KEEP = "Keep and move data"
OTHERS = "Commands"


class Headed(TyperGroup):
    """A group whose help has its commands under the headings that they name as their rich_help_panel."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a section for each heading, in the order of the first commands under them."""
        commands: dict[str, Any] = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        width = max(map(len, commands))
        for heading in dict.fromkeys(each.rich_help_panel for each in commands.values()):
            rows = [
                (name.ljust(width), _first_sentence(command.help))
                for name, command in commands.items()
                if command.rich_help_panel == heading and not command.hidden
            ]
            with formatter.section(heading or OTHERS):
                formatter.write_dl(rows)


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].removesuffix(".").replace("\n", " ")
