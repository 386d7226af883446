"""Opening the database that the settings name: a file of SQLite's, or one of a PostgreSQL server's."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from storage.engine import Database
from storage.errors import DriverMissingError, Place
from storage.sqlite import database as sqlite


def open_database(
    place: Place, on_held: Callable[[float], None] = lambda _: None
) -> AbstractAsyncContextManager[Database]:
    """Open the database of a file, or at a URL of PostgreSQL's, making or migrating it if needed.

    `on_held` hears for how many seconds each transaction held the write lock. Raises StorageError if it
    can't be used.
    """
    if isinstance(place, Path):
        return sqlite.open_database(place, on_held)
    try:
        from storage.postgres import database as postgres  # noqa: PLC0415 - an extra that few need
    except ImportError as error:
        raise DriverMissingError from error
    return postgres.open_database(place, on_held)
