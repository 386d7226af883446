"""The commands for a bot's data and health: doctor, health, backup, restore, export, import."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import AsJson, print_json, progress_bar, read_settings, with_services
from bot.cli.help import KEEP, RUN
from storage.models import LARGEST

if TYPE_CHECKING:
    from bot.doctor.finding import Finding
    from bot.services import Services
    from digests.subscriptions.transfer import Imported

app = typer.Typer()


@app.command("backup", rich_help_panel=KEEP)
def backup_command(
    file: Annotated[Path, typer.Argument(help="The file to write the copy to.", readable=False)],
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it exists.")] = False,
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="Keep this many backups in the file's folder, and delete the oldest ones."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Back up the database to a file, even while the bot runs, and write its SHA-256 next to it."""
    from storage.sqlite.backup import back_up

    database = read_settings().database_file
    with progress_bar("Copying pages", hidden=as_json) as show:
        made = back_up(database, file, force=force, keep=keep, on_progress=show)
    if as_json:
        deleted = [str(each) for each in made.deleted]
        print_json({"file": str(file), "bytes": made.size, "sha256": made.sha256, "deleted": deleted})
    else:
        typer.echo(
            f"Wrote {file} ({made.size:,} bytes) and checked it. To restore it: broadsheet restore {file}"
        )
        for each in made.deleted:
            typer.echo(f"Deleted {each}, as {keep} are kept.")


@app.command("restore", rich_help_panel=KEEP)
def restore_command(
    file: Annotated[Path, typer.Argument(help="A file made by broadsheet backup.", readable=False)],
    as_json: AsJson = False,
) -> None:
    """Replace the database by a backup, and keep the old one next to it. Stop the bot first."""
    from bot.services import utc_now
    from storage.sqlite.backup import restore

    database = read_settings().database_file
    with progress_bar("Copying pages", hidden=as_json) as show:
        restored = restore(file, database, utc_now(), on_progress=show)
    kept = str(restored.kept) if restored.kept else None
    if as_json:
        print_json({"database": str(database), "schema": restored.version, "kept": kept})
    else:
        typer.echo(f"Restored {database} from {file} (schema version {restored.version}).")
        typer.echo(f"The old database is now {kept}" if kept else "There was no database before.")


@app.command(rich_help_panel=RUN)
def doctor(as_json: AsJson = False) -> None:
    """Check everything the bot needs, and say what to fix. Exits with 1 if something is wrong."""
    import asyncio

    from bot.doctor.finding import State

    findings = asyncio.run(_examine(shown=not as_json))
    wrong = any(finding.state is State.WRONG for finding in findings)
    if as_json:
        print_json({"ok": not wrong, "findings": [finding.to_json() for finding in findings]})
    if wrong:
        raise typer.Exit(1)


@app.command(rich_help_panel=RUN)
def health() -> None:
    """Ask the running bot on HEALTH_PORT whether it lives. Exits with 1 if it doesn't."""
    from bot.monitoring.probe import ask_alive
    from bot.settings import SettingsError

    settings = read_settings()
    if settings.health_port is None:
        raise SettingsError(
            "HEALTH_PORT isn't set, so the bot answers nobody. Set it, and start the bot again."
        )
    typer.echo(f"The bot is {ask_alive(settings.health_host, settings.health_port)}.")


async def _examine(*, shown: bool) -> "list[Finding]":
    """Run all checks and return their findings; show each one as soon as it is known."""
    from bot.cli.output import print_finding
    from bot.doctor.examine import examine, faults_of_settings
    from bot.services import utc_now
    from bot.settings import SettingsError

    findings: list[Finding] = []
    try:
        async for finding in examine(read_settings(), utc_now):
            findings.append(finding)
            if shown:
                print_finding(finding)
    except SettingsError as error:
        findings = faults_of_settings(error)
        for finding in findings if shown else ():
            print_finding(finding)
    return findings


@app.command("export", rich_help_panel=KEEP)
def export_command(
    guild: Annotated[int, typer.Argument(min=1, max=LARGEST, help="The server's ID.")],
    file: Annotated[
        Path | None,
        typer.Argument(help="The file to write (standard output if you leave this out).", readable=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it exists.")] = False,
) -> None:
    """Export a server's subscriptions as JSON, for broadsheet import."""
    from digests.subscriptions.transfer import export_guild, write_document

    async def work(services: "Services") -> str:
        async with services.database.reading() as connection:
            return await connection.run(export_guild, guild)

    document = with_services(work)
    if file is None:
        typer.echo(document)
    else:
        write_document(file, document, force=force)
        typer.echo(f"Wrote {file}. To import it elsewhere: broadsheet import {file}")


@app.command("import", rich_help_panel=KEEP)
def import_command(
    file: Annotated[Path, typer.Argument(help="A file made by broadsheet export.", readable=False)],
    as_json: AsJson = False,
) -> None:
    """Import a server's subscriptions from a file; subscriptions that it doesn't name stay."""
    from digests.subscriptions.transfer import import_guild, read_document

    document = read_document(file)

    async def work(services: "Services") -> "Imported":
        async with services.database.transaction() as connection:
            return await import_guild(connection, document, services.clock(), services.settings.limits)

    imported = with_services(work)
    if as_json:
        print_json(imported.to_json())
    else:
        typer.echo(f"{imported.added} added, {imported.changed} changed, {imported.unchanged} unchanged.")
