"""One reload at a time on a database, in whatever process; others are told how far it is."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from digests.errors import ReloadBusyError, ReloadLockError

FORM = "{:10d} {:10d}\n"  # always as long, so that whoever reads it reads one state


@contextmanager
def only_reload(database: Path) -> Iterator[Callable[[int, int], None]]:
    """Hold the lock on the database at that path, and yield what notes (files done, files) for others.

    The lock is on a file beside the database and goes with its process, however that ends. Raises
    ReloadBusyError, with how far the other one is, where another reload holds it.
    """
    handle = _open(database.with_name(f"{database.name}-reload"))
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReloadBusyError(*_noted(os.pread(handle, 100, 0))) from None

        def note(done: int, files: int) -> None:
            with suppress(OSError):  # a full disk keeps nobody from reloading
                os.pwrite(handle, FORM.format(done, files).encode(), 0)

        note(0, 0)
        yield note
    finally:
        os.close(handle)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ReloadLockError(path, error.strerror or str(error)) from error


def _noted(content: bytes) -> tuple[int, int]:
    """Return what was noted last, zeros where nothing is."""
    done, files = [*map(int, content.split()), 0, 0][:2]
    return done, files
