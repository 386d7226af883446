"""Bring a database to the program's schema: all that is missing at once, after a copy beside it."""

import sqlite3
from collections.abc import Iterator, Set
from contextlib import contextmanager
from glob import escape
from pathlib import Path

from storage.bulk import UNFINISHED
from storage.errors import (
    ForeignDatabaseError,
    IncompleteError,
    NewerSchemaError,
    UnfinishedCopyError,
    UpgradeFullError,
)
from storage.sqlite import earlier
from storage.sqlite.copying import copy_pages, held_still, is_full, sqlite_uri, written
from storage.sqlite.schema import migrations, missing_parts, newest_version, prepare, version_of

OURS = frozenset({"record", "subscription", "delivery"})  # tables that every schema has
BEFORE = ".before-"  # and the schema version that the copy has
COPIES_KEPT = 2
NOT_WHOLE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT}  # what a migration meets in such a database


def require_ours(connection: sqlite3.Connection, path: Path) -> None:
    """Raise ForeignDatabaseError if a database is another program's; an empty one is anybody's."""
    # One statement sees one moment: another process may be making the database just now.
    found = connection.execute(
        "SELECT user_version, name FROM pragma_user_version LEFT JOIN sqlite_master"
    ).fetchall()
    tables = {row[1] for row in found} - {None}
    if not is_ours(found[0][0], tables) and (tables or found[0][0]):
        raise ForeignDatabaseError(path)


def is_ours(version: int, tables: Set[str]) -> bool:
    """Say whether a database with this schema version and these tables is one of Broadsheet's."""
    return version > 0 and tables >= OURS


def upgrade(connection: sqlite3.Connection, path: Path, *, keep_copy: bool = True) -> None:
    """Apply all that a database lacks of the program's schema in one transaction, after a copy beside it.

    The last two copies are kept. Raises NewerSchemaError if the database is newer than the program,
    UnfinishedCopyError if it was to be the copy of another one, IncompleteError if it isn't whole, and
    UpgradeFullError if the disk has no space for the upgrade; then nothing is changed.
    """
    if is_current(connection, path):
        require_whole(connection, path)
        return
    prepare(connection)
    copy = None
    try:
        with _transaction(connection):
            if not is_current(connection, path):  # two processes may start at once
                version = version_of(connection)
                copy = _copy_beside(path, version) if version and keep_copy else None
                _apply(connection, version)
                require_whole(connection, path)
    except BaseException as error:
        if copy:  # all that it holds is still in its place
            copy.unlink(missing_ok=True)
        if is_full(error):
            raise UpgradeFullError(path, path.stat().st_size) from error
        if isinstance(error, sqlite3.Error) and error.sqlite_errorcode & 0xFF in NOT_WHOLE:
            raise IncompleteError(path, str(error)) from error
        raise
    if copy:
        _drop_older_copies(path, copy)


def is_current(connection: sqlite3.Connection, path: Path) -> bool:
    """Say whether a database has every migration; raises NewerSchemaError if it has more.

    Raises UnfinishedCopyError as well.
    """
    version, newest = version_of(connection), newest_version()
    require_finished(version, path)
    if version > newest:
        raise NewerSchemaError(path, version, newest)
    return version == newest and not (version <= earlier.UNSURE_TO and earlier.is_behind(connection))


def require_finished(version: int, path: Path) -> None:
    """Raise UnfinishedCopyError if a database's version is the mark of a copy that didn't end well."""
    if version >= UNFINISHED:
        raise UnfinishedCopyError(path)


def require_whole(connection: sqlite3.Connection, path: Path) -> None:
    """Raise IncompleteError if a database of the newest version lacks a part of its schema."""
    if missing := missing_parts(connection):
        raise IncompleteError(path, f"there's no {missing[0]}")


def _apply(connection: sqlite3.Connection, version: int) -> None:
    if 0 < version <= earlier.UNSURE_TO:
        earlier.bring_to_last(connection)
        version = max(version, earlier.LAST)
    for migration in migrations():
        if migration.number > version:
            for statement in migration.statements:
                connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {newest_version():d}")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    # A table that is made anew must not take along what refers to it, as dropping it would.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute("PRAGMA foreign_keys = ON")


def _copy_beside(path: Path, version: int) -> Path:
    """Copy a database, whose write lock is held, and return where the copy is."""
    target = path.with_name(f"{path.name}{BEFORE}{version}")
    with written(target) as part, held_still(sqlite_uri(path, "ro"), path) as source:
        copy_pages(source, part)
    return target


def _drop_older_copies(path: Path, newest: Path) -> None:
    """Delete the copies made before earlier upgrades, but for the last of them."""
    copies = sorted(path.parent.glob(f"{escape(path.name)}{BEFORE}*"), key=lambda each: each.stat().st_mtime)
    for copy in [each for each in copies if each != newest][: 1 - COPIES_KEPT]:
        copy.unlink(missing_ok=True)
