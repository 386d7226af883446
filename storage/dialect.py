"""The few pieces of SQL that differ from engine to engine."""

from dataclasses import dataclass

from storage.engine import Connection, ReadConnection


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine says something.

    `emptying` takes every row out of a table. `claiming`, behind a statement that finds rows of a table,
    leaves those that other transactions hold and holds the rest; with one writer at a time, as SQLite has it,
    there is nothing to leave. `searches` says whether articles can be searched.
    """

    emptying: str = "DELETE FROM {}"
    claiming: str = ""
    searches: bool = True


SQLITE = Dialect()
POSTGRES = Dialect(
    emptying="TRUNCATE {}",  # what is deleted of a temporary table takes space until its session ends
    claiming=" FOR UPDATE OF {} SKIP LOCKED",
    searches=False,
)


def dialect_of(connection: Connection | ReadConnection) -> Dialect:
    """Return the dialect that a connection speaks; what doesn't say is a connection of SQLite's."""
    dialect: Dialect = getattr(connection, "dialect", SQLITE)
    return dialect
