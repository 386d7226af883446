"""Who uses a database: any number of bots and commands at once, or the one that replaces it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import BeingRestoredError, InUseError, LockFileError, StorageError


@contextmanager
def in_use(database: Path) -> Iterator[None]:
    """Hold the database at that path as one of its users; raises BeingRestoredError while it is replaced."""
    with _held(database, fcntl.LOCK_SH, BeingRestoredError(database)):
        yield


@contextmanager
def out_of_use(database: Path) -> Iterator[None]:
    """Keep everybody from the database at that path; raises InUseError where somebody uses it."""
    with _held(database, fcntl.LOCK_EX, InUseError(database)):
        yield


@contextmanager
def _held(database: Path, kind: int, refusal: StorageError) -> Iterator[None]:
    """Hold a lock on a file beside the database; it goes with its process, however that ends."""
    try:
        handle = os.open(database.with_name(f"{database.name}-lock"), os.O_RDONLY | os.O_CREAT, 0o644)
    except OSError as error:
        raise LockFileError(database, error.strerror or str(error)) from error
    try:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise refusal from None
        yield
    finally:
        os.close(handle)
