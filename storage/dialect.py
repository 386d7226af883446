"""The few pieces of SQL that differ from engine to engine."""

from dataclasses import dataclass

from storage.engine import Connection, ReadConnection
from storage.search.engine import Search
from storage.sqlite.search import Fts5


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine says something.

    `search` is how articles are searched. `one_of` compares with what a statement finds that depends on rows
    before, so that it is run once for each of these. `emptying` takes every row out of a table. `claiming`,
    behind a statement that finds rows of a table, leaves those that other transactions hold and holds the
    rest; with one writer at a time, as SQLite has it, there is nothing to leave.
    """

    search: Search
    one_of: str = "IN ({})"
    emptying: str = "DELETE FROM {}"
    claiming: str = ""


SQLITE = Dialect(Fts5())


def dialect_of(connection: Connection | ReadConnection) -> Dialect:
    """Return the dialect that a connection speaks; what doesn't say is a connection of SQLite's."""
    dialect: Dialect = getattr(connection, "dialect", SQLITE)
    return dialect
