"""Copies of the database file: one made while bots write to it, and one put in its place."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from storage.errors import (
    BackupExistsError,
    CopyFailedError,
    NotADatabaseError,
    NotAFileError,
    NothingToBackUpError,
    SameFileError,
)
from storage.sqlite.inspection import require_usable, sqlite_uri
from storage.sqlite.lock import in_use, out_of_use

PAGES_A_STEP = 2_000  # copied between two reports of progress

Show = Callable[[int, int], None]  # called with pages done, and pages


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: the schema version that is in place now, and where the old database went."""

    version: int
    kept: Path | None


def back_up(database: Path, target: Path, *, force: bool, on_progress: Show) -> int:
    """Write the database, as it is at this moment, into the file `target`, and return its bytes.

    Others may write to the database meanwhile. `target` appears whole or not at all. Raises
    BackupExistsError if it exists already and `force` isn't set, and other StorageErrors.
    """
    if not database.is_file():
        raise NothingToBackUpError(database)
    if target.exists() and target.samefile(database):
        raise SameFileError(target)
    if target.exists() and not target.is_file():
        raise NotAFileError(target)
    if target.exists() and not force:
        raise BackupExistsError(target)
    _make_folder(target)
    with in_use(database), _written(target) as part:
        _copy(database, part, on_progress)
        require_usable(part, name=database)
    return target.stat().st_size


def restore(backup: Path, database: Path, now: datetime, *, on_progress: Show) -> Restored:
    """Put a copy of the file `backup` in the place of the database, which is kept beside it.

    Raises StorageError, and changes nothing, if `backup` is damaged, no database of Broadsheet's
    or of a newer schema, and if anything uses the database.
    """
    if backup.exists() and database.exists() and backup.samefile(database):
        raise SameFileError(backup)
    if database.exists() and not database.is_file():
        raise NotAFileError(database)
    version = require_usable(backup).version
    _make_folder(database)
    with out_of_use(database), _written(database) as part:  # until it is in its place
        _copy(backup, part, on_progress)
        kept = _keep(database, now) if database.exists() else None
    return Restored(version, kept)


def _copy(source: Path, target: Path, on_progress: Show) -> None:
    with (
        closing(sqlite3.connect(sqlite_uri(source, "rw"), uri=True, isolation_level=None)) as origin,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        # An open transaction keeps this moment's state; without it every write would begin the copy anew.
        try:
            origin.execute("BEGIN")
            origin.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            raise NotADatabaseError(source, str(error)) from error
        origin.backup(
            copy, pages=PAGES_A_STEP, progress=lambda _, left, pages: on_progress(pages - left, pages)
        )
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, which needs no others beside it


def _make_folder(target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CopyFailedError(target, str(error)) from error


@contextmanager
def _written(target: Path) -> Iterator[Path]:
    """Yield a new file, for its owner alone, that takes the place of `target` if the block succeeds."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        os.close(handle)
        part = Path(name)
        try:
            yield part
            _look_like(target, part)
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else None  # not the name of the new file
        raise CopyFailedError(target, reason or str(error)) from error


def _look_like(target: Path, part: Path) -> None:
    """Give `part` the owner and rights of what it is to replace, as far as this user may."""
    if target.exists():
        status = target.stat()
        part.chmod(status.st_mode & 0o777)
        with suppress(PermissionError):
            os.chown(part, status.st_uid, status.st_gid)


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
