"""Bring a database to the program's schema: all that is missing at once, by one process at a time."""

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from storage.errors import ForeignDatabaseError, NewerSchemaError, UnusableError
from storage.postgres.locks import MIGRATING

if TYPE_CHECKING:
    import psycopg

OURS = "schema_version"  # the table of one row that only Broadsheet's databases have


@cache
def migrations() -> tuple[tuple[int, str], ...]:
    """Return the number and the script of every migration, oldest first."""
    files = [
        file
        for file in resources.files("storage.postgres.migrations").iterdir()
        if file.name.endswith(".sql")
    ]
    return tuple(
        (int(file.name[:4]), file.read_text("utf-8")) for file in sorted(files, key=lambda each: each.name)
    )


def newest_version() -> int:
    """Return the schema version that this program brings databases to."""
    return migrations()[-1][0]


def upgrade(session: "psycopg.Connection[Any]", shown: str) -> None:
    """Apply what a database lacks of the program's schema.

    Raises NewerSchemaError if it is newer than the program, ForeignDatabaseError if it is another program's,
    and UnusableError if its texts aren't UTF-8; then nothing is changed.
    """
    with session.transaction():
        session.execute("SELECT pg_advisory_xact_lock(%s::int, %s::int)", MIGRATING)
        version = _version(session, shown)
        if version > newest_version():
            raise NewerSchemaError(shown, version, newest_version())
        for number, script in migrations():
            if number > version:
                session.execute(script)
        if version < newest_version():
            session.execute(f"UPDATE {OURS} SET version = %s", (newest_version(),))


def _version(session: "psycopg.Connection[Any]", shown: str) -> int:
    """Return a database's schema version, 0 if it is new."""
    (encoding,) = session.execute("SELECT current_setting('server_encoding')").fetchone() or ("",)
    if encoding != "UTF8":
        raise UnusableError(shown, f"its encoding is {encoding}, not UTF8")
    tables = session.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
    if not tables:
        return 0
    if (OURS,) not in {tuple(row) for row in tables}:
        raise ForeignDatabaseError(shown)
    (version,) = session.execute(f"SELECT version FROM {OURS}").fetchone() or (0,)
    return int(version)
