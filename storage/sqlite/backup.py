"""Copies of the database file: one made while bots write to it, and one put in its place."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from shutil import copyfile

from storage.errors import (
    BackupExistsError,
    NotAFileError,
    NothingToBackUpError,
    ReservedNameError,
    SameFileError,
)
from storage.sqlite import checksum
from storage.sqlite.copying import Show, copy_pages, held_still, make_folder, sqlite_uri, written
from storage.sqlite.inspection import is_backup, require_usable
from storage.sqlite.lock import in_use, out_of_use
from storage.sqlite.migrate import BEFORE, upgrade

# What follows the database's name in those of files that are kept next to it.
KEPT_BESIDE = ("-wal", "-shm", "-journal", "-lock", "-reload", "-backup", BEFORE, ".replaced-")


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup did: its bytes, the SHA-256 of them, and which older backups were deleted."""

    size: int
    sha256: str
    deleted: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: the schema version that the backup had, and where the old database went."""

    version: int
    kept: Path | None


def back_up(
    database: Path, target: Path, *, force: bool, keep: int | None = None, on_progress: Show
) -> BackedUp:
    """Write the database, as it is at this moment, into the file `target`, and its checksum into another.

    Others may write to the database meanwhile. `target` appears whole or not at all. Of the backups in its
    folder the newest `keep` stay, if that is given. Raises BackupExistsError if `target` exists already and
    `force` isn't set, and other StorageErrors.
    """
    if not database.is_file():
        raise NothingToBackUpError(database)
    if target.exists() and target.samefile(database):
        raise SameFileError(target)
    if _is_reserved(target, database):
        raise ReservedNameError(target)
    if target.exists() and not target.is_file():
        raise NotAFileError(target)
    if target.exists() and not force:
        raise BackupExistsError(target)
    make_folder(target)
    with _users_of(database), written(target) as part:
        _copy_database(database, part, on_progress)
        require_usable(part, name=database)
        sha256 = checksum.compute(part)
        checksum.forget(target)  # of what is about to be replaced
    checksum.note(target, sha256)
    with suppress(OSError):  # a disk that became read-only
        _note_of(database).touch(0o600)
    deleted = _drop_older(target, keep) if keep else ()
    return BackedUp(target.stat().st_size, sha256, deleted)


def last_backup(database: Path) -> datetime | None:
    """Return when back_up() last copied the database at that path."""
    try:
        return datetime.fromtimestamp(_note_of(database).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def restore(backup: Path, database: Path, now: datetime, *, on_progress: Show) -> Restored:
    """Put a copy of the file `backup` in the place of the database, which is kept beside it.

    A backup of an earlier schema is upgraded. Raises StorageError, and changes nothing, if `backup` isn't
    what its checksum says, is damaged, no whole database of Broadsheet's or of a newer schema, and if
    anything uses the database.
    """
    if backup.exists() and database.exists() and backup.samefile(database):
        raise SameFileError(backup)
    if database.exists() and not database.is_file():
        raise NotAFileError(database)
    checksum.verify(backup)
    version = require_usable(backup).version
    make_folder(database)
    with out_of_use(database), written(database) as part:  # until it is in its place
        with held_still(sqlite_uri(backup, "rw"), backup) as source:
            copy_pages(source, part, on_progress)
        with closing(sqlite3.connect(part, isolation_level=None)) as connection:
            upgrade(connection, backup, keep_copy=False)
        kept = _keep(database, now) if database.exists() else None
    return Restored(version, kept)


def _note_of(database: Path) -> Path:
    """Return the file that is touched at each backup, so that the bot can say how old the last one is."""
    return database.with_name(f"{database.name}-backup")


def _is_reserved(target: Path, database: Path) -> bool:
    beside = target.parent.resolve() == database.parent.resolve()
    return beside and target.name.startswith(tuple(database.name + suffix for suffix in KEPT_BESIDE))


def _drop_older(newest: Path, keep: int) -> tuple[Path, ...]:
    """Delete all but `keep` backups in the folder of the newest one, and return which; other files stay."""
    older = [
        path for path in checksum.noted_in(newest.parent) if path.name != newest.name and is_backup(path)
    ]
    older.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
    dropped = tuple(older[: max(0, len(older) + 1 - keep)])
    for path in dropped:
        path.unlink()
        checksum.forget(path)
    return dropped


@contextmanager
def _users_of(database: Path) -> Iterator[None]:
    """Hold the database as one of its users, if its disk can be written to: else nobody can replace it."""
    with nullcontext() if _is_read_only(database) else in_use(database):
        yield


def _copy_database(database: Path, part: Path, on_progress: Show) -> None:
    """Copy the database, the log of its last writes included."""
    if not _is_read_only(database):
        with held_still(sqlite_uri(database, "rw"), database) as source:
            copy_pages(source, part, on_progress)
        return
    # SQLite would need to write next to it; but then nobody writes, so that plain copies are whole.
    log = database.with_name(f"{database.name}-wal")
    copyfile(database, part)
    if log.exists():
        copyfile(log, part.with_name(f"{part.name}-wal"))
    with closing(sqlite3.connect(part)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")


def _is_read_only(database: Path) -> bool:
    """Say whether the file system of a database is mounted read-only, as after a fault of its disk."""
    return bool(os.statvfs(database).f_flag & os.ST_RDONLY)


def _keep(database: Path, now: datetime) -> Path:
    """Give the database, which nobody uses, a second name beside it, and return that."""
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(sqlite_uri(database, "rw"), uri=True)) as connection,
    ):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    name = f"{database.name}.replaced-{now:%Y%m%dT%H%M%SZ}"
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    kept = next(path for path in map(database.with_name, names) if not path.exists())
    for suffix in ("-wal", "-shm"):  # left only if the database is too damaged to take them in
        beside = database.with_name(database.name + suffix)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + suffix))
    try:
        kept.hardlink_to(database)
    except OSError:  # a file system without links: for a moment there is no database
        database.rename(kept)
    return kept
