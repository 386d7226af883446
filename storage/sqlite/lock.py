"""Who uses a database: any number of bots and commands at once, or the one that replaces it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import StorageError


@contextmanager
def in_use(database: Path) -> Iterator[None]:
    """Hold the database at that path as one of its users; raises StorageError while it is replaced."""
    message = f"The database {database} is being restored just now: wait for that to end, then start again."
    with _held(database, fcntl.LOCK_SH, message):
        yield


@contextmanager
def out_of_use(database: Path) -> Iterator[None]:
    """Keep everybody from the database at that path; raises StorageError where somebody uses it."""
    message = (
        f"A bot or another command is using the database {database}, so nothing was changed:"
        " stop the bot, then restore again."
    )
    with _held(database, fcntl.LOCK_EX, message):
        yield


@contextmanager
def _held(database: Path, kind: int, refusal: str) -> Iterator[None]:
    """Hold a lock on a file beside the database; it goes with its process, however that ends."""
    try:
        handle = os.open(database.with_name(f"{database.name}-lock"), os.O_RDONLY | os.O_CREAT, 0o644)
    except OSError as error:
        message = f"The folder of {database} can't be written to ({error.strerror}): see DATABASE_PATH."
        raise StorageError(message) from error
    try:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StorageError(refusal) from None
        yield
    finally:
        os.close(handle)
