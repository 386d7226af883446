"""A look at a database file that changes nothing: is it whole, and which schema has it."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from storage.errors import (
    DamagedError,
    FileMissingError,
    ForeignDatabaseError,
    NewerSchemaError,
    NotADatabaseError,
    NotAFileError,
)
from storage.sqlite.copying import sqlite_uri
from storage.sqlite.migrate import is_current, is_ours, require_finished, require_whole
from storage.sqlite.schema import newest_version, version_of

LISTED_FAULTS = 5
ALL_LINES = 1 << 30
# SQLite 3.40 sees a NULL in every row of this table, as it was until schema version 8.
FALSE_ALARM = "NULL value in shown."


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a database file is: its schema version, the newest one known, what is damaged in it."""

    version: int
    newest: int
    faults: tuple[str, ...]


def inspect(path: Path, name: Path | None = None) -> Inspection:
    """Check every page, index and reference of the database file at `path`; blocks for that long.

    Raises StorageError if it isn't a whole database of Broadsheet's, OSError if it can't be opened. `name` is
    the file that errors name, if `path` is a copy of it.
    """
    if path.is_dir():
        raise NotAFileError(path)
    if not path.is_file():
        raise FileMissingError(path)
    name = name or path
    path.open("rb").close()  # tells why it can't be opened, as SQLite doesn't
    try:
        with closing(sqlite3.connect(sqlite_uri(path, "ro"), uri=True)) as connection:
            version = version_of(connection)
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            if is_ours(version, tables):
                require_finished(version, name)
                if version == newest_version() and is_current(connection, name):
                    require_whole(connection, name)
                return Inspection(version, newest_version(), tuple(_faults(connection)))
    except sqlite3.DatabaseError as error:
        raise NotADatabaseError(name, str(error)) from error
    raise ForeignDatabaseError(name)


def is_backup(path: Path) -> bool:
    """Say whether a file, to which nobody writes, is a database of Broadsheet's."""
    try:
        with closing(sqlite3.connect(f"{sqlite_uri(path, 'ro')}&immutable=1", uri=True)) as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            return is_ours(version_of(connection), tables)
    except sqlite3.Error:
        return False


def require_usable(path: Path, name: Path | None = None) -> Inspection:
    """Return what inspect() finds; raises DamagedError or NewerSchemaError as well."""
    name = name or path
    found = inspect(path, name)
    if found.faults:
        raise DamagedError(name, found.faults[0])
    if found.version > found.newest:
        raise NewerSchemaError(name, found.version, found.newest)
    return found


def _faults(connection: sqlite3.Connection) -> list[str]:
    checked = (row[0] for row in connection.execute(f"PRAGMA integrity_check({ALL_LINES:d})"))
    damage = (line for line in checked if line != "ok" and not line.startswith(FALSE_ALARM))
    loose = connection.execute("PRAGMA foreign_key_check").fetchmany(LISTED_FAULTS)
    return [
        *islice(damage, LISTED_FAULTS),
        *(f"row {row[1]} of {row[0]} belongs to a row of {row[2]} that isn't there" for row in loose),
    ]
