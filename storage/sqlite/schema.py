"""What a schema is made of: the migrations, and the tables, columns, indexes and views that they end in."""

import sqlite3
from contextlib import closing
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import NamedTuple, TypeAlias

from storage.sqlite.packing import unpack_key

Part: TypeAlias = tuple[str, ...]  # what it is, its name, and all else that matters about it

# The fingerprint of a new database; every migration changes it.
NEWEST = "147254c46a420d0a0ae2620e580bf92bc58e858dc47cbfd823a7ab15ef6f62a7"
# The search index and its words have other names while a new index is filled: storage/search/rebuild.py.
OF_SEARCH = ("article_search_", "search_term")
_NAMED = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~'"
_COLUMNS = (
    f'SELECT made.name, part.name, part.type, "notnull", dflt_value, pk FROM ({_NAMED}) AS made,'
    " pragma_table_xinfo(made.name) AS part WHERE made.type = 'table'"
)
_INDEXES = (
    f'SELECT made.name, part.name, "unique", origin, partial FROM ({_NAMED}) AS made,'
    " pragma_index_list(made.name) AS part WHERE made.type = 'table'"
)
_INDEXED = 'SELECT name, "desc" FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno'


class Migration(NamedTuple):
    """A numbered file of SQL, statement by statement."""

    number: int
    statements: tuple[str, ...]


@cache
def migrations() -> tuple[Migration, ...]:
    """Return every migration, oldest first."""
    files = [
        file for file in resources.files("storage.sqlite.migrations").iterdir() if file.name.endswith(".sql")
    ]
    return tuple(
        Migration(int(file.name.split("_")[0]), tuple(statements(file.read_text("utf-8"))))
        for file in sorted(files, key=lambda file: file.name)
    )


def newest_version() -> int:
    """Return the schema version that this program brings databases to."""
    return migrations()[-1].number


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema version that a database says it has, 0 if it is new."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def prepare(connection: sqlite3.Connection) -> None:
    """Give a connection the function that migrations use."""
    connection.create_function("unpack_key", 2, unpack_key, deterministic=True)


def missing_parts(connection: sqlite3.Connection) -> list[str]:
    """Name the tables, columns, indexes and views of the newest schema that a database doesn't have.

    What it has besides, for example an index that somebody added, does no harm.
    """
    if fingerprint(connection) == NEWEST:
        return []  # shortcut: the code below would return the same, after running every migration
    return [" ".join(part[:2]) for part in sorted(_newest_parts() - _parts(connection), reverse=True)]


def fingerprint(connection: sqlite3.Connection) -> str:
    """Return what tells a schema, as its statements are written, from another one."""
    made = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
    told = "\n".join(f"{name} {sql}" for name, sql in made if not any(part in name for part in OF_SEARCH))
    return sha256(told.encode()).hexdigest()


@cache
def _newest_parts() -> frozenset[Part]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        prepare(connection)
        for migration in migrations():
            for statement in migration.statements:
                connection.execute(statement)
        return _parts(connection)


def _parts(connection: sqlite3.Connection) -> frozenset[Part]:
    parts: set[Part] = {(kind, name) for kind, name in connection.execute(_NAMED) if kind != "index"}
    for table, column, *rest in connection.execute(_COLUMNS):
        parts.add(("column", f"{table}.{column}", *map(str, rest)))
    for table, index, *rest in connection.execute(_INDEXES).fetchall():
        columns = [str(each) for row in connection.execute(_INDEXED, (index,)) for each in row]
        parts.add(("index", index, table, *map(str, rest), *columns))
    return frozenset(part for part in parts if not any(name in part[1] for name in OF_SEARCH))


def statements(sql: str) -> list[str]:
    """Split a script where SQLite says a statement is complete; executescript() would commit."""
    found: list[str] = []
    current = ""
    for line in sql.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            found.append(current)
            current = ""
    return found
