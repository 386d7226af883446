"""The command that moves a database from one engine to another: copy-database."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from bot.cli.console import AsJson, print_json, print_lines, print_table, progress_bar, read_settings
from bot.cli.help import KEEP
from digests.text import count

if TYPE_CHECKING:
    from storage.copying import Copied, TableCopy
    from storage.errors import Place

app = typer.Typer()


@app.command("copy-database", rich_help_panel=KEEP)
def copy_database_command(
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="The database to copy: a file, or a postgresql:// URL.")
    ],
    target: Annotated[
        str, typer.Argument(metavar="TO", help="The database to fill: a file, or a postgresql:// URL.")
    ],
    force: Annotated[
        bool, typer.Option("--force", help="Replace what is in TO even if it has subscriptions.")
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Copy FROM as it is at one moment, though it is in use.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy a whole database into another one, from SQLite to PostgreSQL or back, and compare the two.

    Stop the bot first. Exits with 1 if a table isn't the same in the end.
    """
    import asyncio

    from storage.copying import copy_database
    from storage.errors import CopyDiffersError

    places = _place(source), _place(target)
    read_settings(*(secret for place in places for secret in _secrets(place)))
    with progress_bar("Copying rows", hidden=as_json) as show:
        copied = asyncio.run(copy_database(*places, force=force, live=live, on_progress=show))
    if as_json:
        print_json(_document(copied))
    else:
        print_table(("table", "rows", "checksum", "copy"), map(_row, copied.tables))
    if differing := [table.name for table in copied.tables if not table.is_same]:
        raise CopyDiffersError(copied.target, tuple(differing))
    if not as_json:
        rows = sum(table.source.rows for table in copied.tables)
        print_lines(f"Copied {copied.source} to {copied.target}: {rows:,} rows, all of them the same.")


def _place(text: str) -> "Place":
    """Return the place of a database: a file, or a URL of PostgreSQL's."""
    from bot.setting_kinds import NotOfKindError, postgres_url

    if "://" not in text:
        return Path(text)
    try:
        url = postgres_url(text)
    except NotOfKindError as error:
        raise typer.BadParameter(error.faults[0]) from error
    return url.value if url else Path(text)


def _secrets(place: "Place") -> list[str]:
    """Return what logs may not show of a place."""
    return [place, urlsplit(place).password or ""] if isinstance(place, str) else []


def _row(table: "TableCopy") -> tuple[str, ...]:
    one, other = table.source, table.target
    copy = "the same" if table.is_same else f"differs: {count(other.rows, 'row')}, {other.told}"
    return table.name, f"{one.rows:,}", one.told, copy


def _document(copied: "Copied") -> dict[str, object]:
    """Return what --json prints."""
    return {
        "from": str(copied.source),
        "to": str(copied.target),
        "same": all(table.is_same for table in copied.tables),
        "tables": [
            {
                "name": table.name,
                "same": table.is_same,
                "rows": table.source.rows,
                "checksum": table.source.told,
                "copied_rows": table.target.rows,
                "copied_checksum": table.target.told,
            }
            for table in copied.tables
        ],
    }
