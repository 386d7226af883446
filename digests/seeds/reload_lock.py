"""One reload at a time on a database, in whatever process; others are told how far it is."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from digests.errors import ReloadBusyError, ReloadError
from digests.text import count

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
            raise ReloadBusyError(_busy(os.pread(handle, 100, 0))) from None

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
        message = (
            f"The file {path} can't be used ({error.strerror}): it keeps two reloads apart, so whoever"
            " reloads must be able to write it."
        )
        raise ReloadError(message) from error


def _busy(noted: bytes) -> str:
    done, files = [*map(int, noted.split()), 0, 0][:2]
    return f"A reload is running already: {done:,} of {count(files, 'file')} read. Wait for its report."
