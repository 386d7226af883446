"""The few pieces of SQL that differ from engine to engine."""

from dataclasses import dataclass

from storage.engine import Connection, ReadConnection


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine says something.

    `claiming`, behind a statement, leaves the rows of a table that other transactions hold, and holds those that it
    finds: with one writer at a time, as SQLite has it, there are none. `searches` says whether articles can be
    searched.
    """

    claiming: str = ""
    searches: bool = True


SQLITE = Dialect()
POSTGRES = Dialect(claiming=" FOR UPDATE OF {} SKIP LOCKED", searches=False)


def dialect_of(connection: Connection | ReadConnection) -> Dialect:
    """Return the dialect that a connection speaks; what doesn't say is a connection of SQLite's."""
    dialect: Dialect = getattr(connection, "dialect", SQLITE)
    return dialect
