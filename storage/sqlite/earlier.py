"""Databases of the first days, when migrations were still edited and landed out of order.

The first 15 migrations may be missing in a database though its version says that it has them. So it is
asked, migration by migration, for what each of them leaves behind.
"""

import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from storage.sqlite.first_schema import convert
from storage.sqlite.schema import migrations

LAST = 15  # the last migration that may be missing in a database of a later version
UNSURE_TO = 18  # the last version that programs which went by numbers alone brought databases to


class _Piece(NamedTuple):
    """A migration from the statement with these words on: a part that once landed by itself.

    `trace` finds a row in a database that has it, whatever came later.
    """

    number: int
    words: str
    trace: str


def _column(table: str, name: str) -> str:
    return f"SELECT 1 FROM pragma_table_info('{table}') WHERE name = '{name}'"


def _named(name: str) -> str:
    return f"SELECT 1 FROM sqlite_master WHERE name = '{name}'"


def _none(rows: str) -> str:
    return f"SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM {rows})"


_PIECES = (
    _Piece(1, "", _column("seed_file", "id")),
    _Piece(2, "", _named("edition")),
    _Piece(3, "", _column("vocabulary", "letter")),
    _Piece(4, "", _column("subscription", "kind")),
    _Piece(5, "", _none("pragma_foreign_key_list('shown') WHERE \"table\" = 'delivery'")),
    _Piece(5, "INDEX delivery_age", _named("delivery_age")),
    _Piece(6, "", _column("article", "origin_id")),
    _Piece(7, "", _none("pragma_index_list('mention') WHERE origin = 'u'")),
    _Piece(8, "", "SELECT 1 FROM pragma_table_info('shown') WHERE (cid, name) = (2, 'delivery_id')"),
    _Piece(10, "", _named("publication")),
    _Piece(10, "COLUMN told_kind", _column("subscription", "told_kind")),
    _Piece(10, "COLUMN skipped_to", _column("subscription", "skipped_to")),
    _Piece(11, "", _named("refusal")),
    _Piece(12, "", _named("showing")),
    _Piece(13, "", _named("address")),
    _Piece(13, "TABLE total", _named("total")),
    _Piece(14, "", _named("rebuild")),
    _Piece(14, "TABLE outlet_file", _named("outlet_file")),
    _Piece(15, "", _named("feed")),
)

# What migrations 3 and 5 did at first, undone, so that they can do what they do now.
_UNDOING = (
    (
        _column("vocabulary", "start"),
        (
            "DROP TABLE search_term",
            "DROP TABLE vocabulary",
            "DROP INDEX story_heat",
            "ALTER TABLE story DROP COLUMN heat",
        ),
    ),
    (
        "SELECT 1 FROM pragma_index_info('delivery_issued') WHERE (seqno, name) = (0, 'issue_at')",
        ("DROP INDEX delivery_issued",),
    ),
)


def is_behind(connection: sqlite3.Connection) -> bool:
    """Say whether a database lacks any of the first migrations, up to LAST."""
    return not all(_finds(connection, piece.trace) for piece in _PIECES)


def bring_to_last(connection: sqlite3.Connection) -> None:
    """Apply what a database lacks of the first migrations, up to LAST, within the open transaction."""
    if _finds(connection, _column("record_mention", "position")):
        convert(connection)
    for trace, undoing in _UNDOING:
        if _finds(connection, trace):
            for statement in undoing:
                connection.execute(statement)
    lacking = [piece for piece in _PIECES if not _finds(connection, piece.trace)]
    for piece in lacking:
        for statement in _statements(piece):
            connection.execute(statement)


def _statements(piece: _Piece) -> Iterator[str]:
    """Yield the statements of a piece: it ends where the next one of the same migration begins."""
    (migration,) = (each for each in migrations() if each.number == piece.number)
    ends = [after.words for before, after in pairwise(_PIECES) if before is piece and after.words]
    begun = False
    for statement in migration.statements:
        if any(words in statement for words in ends):
            return
        begun = begun or piece.words in statement
        if begun:
            yield statement


def _finds(connection: sqlite3.Connection, sql: str) -> bool:
    return connection.execute(sql).fetchone() is not None
