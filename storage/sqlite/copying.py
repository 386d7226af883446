"""Writing whole files next to others: a copy appears complete or not at all, and a killed one's rest goes."""

import errno
import fcntl
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from storage.errors import CopyFailedError, NotADatabaseError

PAGES_A_STEP = 2_000  # copied between two reports of progress
PREFIX, SUFFIX = ".broadsheet-", ".part"  # of files being written
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
FULL_FOR_SQLITE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})

Show = Callable[[int, int], None]  # called with pages done, and pages


@contextmanager
def written(target: Path) -> Iterator[Path]:
    """Yield a new file, for its owner alone, that takes the place of `target` if the block succeeds.

    What a killed process left of such files in the same folder is deleted first.
    """
    try:
        _sweep(target.parent)
        handle, name = tempfile.mkstemp(SUFFIX, PREFIX, target.parent)
        part = Path(name)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # as long as the process lives: tells it from what is left
            yield part
            _look_like(target, part)
            os.fsync(handle)
            part.replace(target)
            _sync_folder(target.parent)
        finally:
            os.close(handle)
            for path in (part, *_beside(part)):
                path.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else None  # not the name of the new file
        raise CopyFailedError(target, reason or str(error)) from error


def copy_pages(source: sqlite3.Connection, target: Path, on_progress: Show = lambda _, __: None) -> None:
    """Copy the database that `source` has open, as it is at this moment, into one file."""
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        source.backup(
            copy, pages=PAGES_A_STEP, progress=lambda _, left, pages: on_progress(pages - left, pages)
        )
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, which needs no others beside it


@contextmanager
def held_still(uri: str, name: Path) -> Iterator[sqlite3.Connection]:
    """Open a database and keep what it is at this moment; raises NotADatabaseError, which tells `name`."""
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
        # An open transaction keeps this moment's state; without it every write would begin a copy anew.
        try:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            raise NotADatabaseError(name, str(error)) from error
        yield connection


def is_full(error: BaseException | None) -> bool:
    """Say whether something couldn't be written because there is no space left for it."""
    if isinstance(error, CopyFailedError):
        return is_full(error.__cause__)
    if isinstance(error, OSError):
        return error.errno in FULL
    return getattr(error, "sqlite_errorcode", None) in FULL_FOR_SQLITE


def sqlite_uri(path: Path, mode: str) -> str:
    """Return the URI by which SQLite opens a file that is there: `mode` is ro or rw."""
    return f"{path.absolute().as_uri()}?mode={mode}"


def make_folder(target: Path) -> None:
    """Make the folder of a file that is to be written."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CopyFailedError(target, str(error)) from error


def _sweep(folder: Path) -> None:
    """Delete the files that nobody writes any more: what wrote them was killed."""
    for part in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with suppress(OSError):  # written by somebody, or swept by somebody else just now
            handle = os.open(part, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for path in (*_beside(part), part):
                    path.unlink(missing_ok=True)
            finally:
                os.close(handle)


def _beside(part: Path) -> list[Path]:
    """Return what SQLite may have written next to a file."""
    return [part.with_name(part.name + suffix) for suffix in ("-journal", "-wal", "-shm")]


def _look_like(target: Path, part: Path) -> None:
    """Give `part` the owner and rights of what it is to replace, as far as this user may."""
    if target.exists():
        status = target.stat()
        part.chmod(status.st_mode & 0o777)
        with suppress(PermissionError):
            os.chown(part, status.st_uid, status.st_gid)


def _sync_folder(folder: Path) -> None:
    """Let the new name outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
