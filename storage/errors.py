"""What can go wrong with a database: each error carries what happened, and bot/ words it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Place: TypeAlias = Path | str  # of a database: its file, or its URL without the password


class StorageError(Exception):
    """The database, or a copy of it, can't be opened or used."""


# Using it. A `reason` is in the words of SQLite, of PostgreSQL or of the system.


@dataclass(eq=False)
class UnusableError(StorageError):
    """The database can't be opened."""

    path: Place
    reason: str


@dataclass(eq=False)
class UnwritableError(StorageError):
    """The database can't be written to at the moment."""

    path: Place
    reason: str


@dataclass(eq=False)
class UnreachableError(StorageError):
    """The server that has the database doesn't answer at the moment."""

    path: Place
    reason: str


class DriverMissingError(StorageError):
    """A database of PostgreSQL's, and nothing installed that speaks with its server."""


@dataclass(eq=False)
class LockFileError(StorageError):
    """A file next to the database that keeps its users, or reloads, apart can't be used."""

    path: Path
    reason: str


@dataclass(eq=False)
class BeingRestoredError(StorageError):
    """The database is being replaced by a backup."""

    path: Path


@dataclass(eq=False)
class ReloadRunningError(StorageError):
    """A reload of the database is running, in whatever process: files read, and files."""

    done: int
    files: int


@dataclass(eq=False)
class InUseError(StorageError):
    """The database can't be replaced, as somebody uses it."""

    path: Path


# What a file is.


@dataclass(eq=False)
class FileMissingError(StorageError):
    """A file that isn't there."""

    path: Path


@dataclass(eq=False)
class NotAFileError(StorageError):
    """A folder, device or the like where a file belongs."""

    path: Path


@dataclass(eq=False)
class NotADatabaseError(StorageError):
    """A file in which SQLite can't read: no database, or too damaged."""

    path: Path
    reason: str


@dataclass(eq=False)
class DamagedError(StorageError):
    """A database with a fault in it, the first of which is `fault`."""

    path: Path
    fault: str


@dataclass(eq=False)
class ForeignDatabaseError(StorageError):
    """Another program's database."""

    path: Place


@dataclass(eq=False)
class NewerSchemaError(StorageError):
    """A database of a later version of the program, which knows schemas up to `newest`."""

    path: Place
    version: int
    newest: int


@dataclass(eq=False)
class IncompleteError(StorageError):
    """A database that isn't whole: a part of its schema is missing, or isn't as it was made."""

    path: Path
    fault: str


# Upgrades and backups.


@dataclass(eq=False)
class UpgradeFullError(StorageError):
    """A database, of this many bytes, on a disk without the space that an upgrade of its schema takes."""

    path: Path
    size: int


@dataclass(eq=False)
class NothingToBackUpError(StorageError):
    """There is no database yet."""

    path: Path


@dataclass(eq=False)
class SameFileError(StorageError):
    """A backup to or from the database itself."""

    path: Path


@dataclass(eq=False)
class BackupExistsError(StorageError):
    """A file for a backup that is there already."""

    path: Path


@dataclass(eq=False)
class ReservedNameError(StorageError):
    """A file for a backup whose name belongs to a file that the database keeps next to it."""

    path: Path


@dataclass(eq=False)
class ChangedBackupError(StorageError):
    """A backup that isn't any more what it was made as, says the file of its checksum."""

    path: Path
    checksum: Path


@dataclass(eq=False)
class CopyFailedError(StorageError):
    """A copy that can't be written."""

    path: Path
    reason: str
