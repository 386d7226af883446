"""Locks on files next to a database: who uses it, who replaces it, who reloads it."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from storage.errors import BeingRestoredError, InUseError, LockFileError, ReloadRunningError

PROGRESS = "{:10d} {:10d}\n"  # always the same length, so that a reader never sees half of it


@contextmanager
def in_use(database: Path) -> Iterator[None]:
    """Hold the database at that path as one of its users; raises BeingRestoredError while it is replaced."""
    with _held(database, "lock", fcntl.LOCK_SH) as handle:
        if handle is None:
            raise BeingRestoredError(database)
        yield


@contextmanager
def out_of_use(database: Path) -> Iterator[None]:
    """Keep everybody from the database at that path; raises InUseError if somebody uses it."""
    with _held(database, "lock", fcntl.LOCK_EX) as handle:
        if handle is None:
            raise InUseError(database)
        yield


@contextmanager
def only_reload(database: Path) -> Iterator[Callable[[int, int], None]]:
    """Hold the one reload of the database at that path, and yield what notes (files done, files) for others.

    Raises ReloadRunningError, with what the other one noted, if another reload holds it.
    """
    with _held(database, "reload", fcntl.LOCK_EX, os.O_RDWR) as handle:
        if handle is None:
            raise ReloadRunningError(*_noted(_beside(database, "reload")))

        def note(done: int, files: int) -> None:
            with suppress(OSError):  # a full disk keeps nobody from reloading
                os.pwrite(handle, PROGRESS.format(done, files).encode(), 0)

        note(0, 0)
        yield note


def is_reloaded(database: Path) -> bool:
    """Say whether a reload of the database at that path runs, in any process."""
    with _held(database, "reload", fcntl.LOCK_SH) as handle:
        return handle is None


@contextmanager
def _held(database: Path, purpose: str, kind: int, mode: int = os.O_RDONLY) -> Iterator[int | None]:
    """Hold a lock on a file beside the database and yield the file, or None if somebody else holds it."""
    path = _beside(database, purpose)
    try:
        handle = os.open(path, mode | os.O_CREAT, 0o600)
    except OSError as error:
        raise LockFileError(path, error.strerror or str(error)) from error
    try:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield handle
    finally:
        os.close(handle)


def _beside(database: Path, purpose: str) -> Path:
    return database.with_name(f"{database.name}-{purpose}")


def _noted(path: Path) -> tuple[int, int]:
    """Return what was noted last, zeros if nothing was."""
    done, files = [*map(int, path.read_bytes().split()), 0, 0][:2]
    return done, files
