"""Both engines keep the same things: tables, their columns and keys, indexes, references and views."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any, TypeAlias

import psycopg
import pytest

from storage.postgres.migrate import migrations as postgres_migrations
from storage.sqlite.schema import migrations, prepare
from tests.cluster import Cluster

Found: TypeAlias = set[tuple[Any, ...]]

OF_SQLITE = ("article_search", "search_term", "sqlite_", "rebuild")  # mostly of its search index
OF_POSTGRES = ("schema_version", "sqlite_sequence")  # what SQLite has built in
TYPES = {"TEXT": {"text"}, "BLOB": {"bytea"}, "REAL": {"double precision"}, "INTEGER": {"bigint", "boolean"}}


@pytest.fixture(scope="module")
def sqlite() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        prepare(connection)
        for migration in migrations():
            for statement in migration.statements:
                connection.execute(statement)
        yield connection


@pytest.fixture(scope="module")
def postgres(cluster: Cluster) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    with psycopg.connect(cluster.url(cluster.add()), autocommit=True) as connection:
        for _, script in postgres_migrations():
            connection.execute(script)
        yield connection


def ours(rows: Iterator[tuple[Any, ...]]) -> Found:
    """Return the rows about what both engines have; the name of a table or view comes first."""
    return {row for row in rows if not row[0].startswith((*OF_SQLITE, *OF_POSTGRES))}


def test_tables_have_the_same_columns(
    sqlite: sqlite3.Connection, postgres: "psycopg.Connection[tuple[Any, ...]]"
) -> None:
    one = sqlite.execute(
        'SELECT made.name, part.name, part.type, "notnull" OR pk FROM sqlite_master AS made,'
        " pragma_table_info(made.name) AS part WHERE made.type = 'table'"
    )
    other = postgres.execute(
        "SELECT table_name, column_name, data_type, is_nullable = 'NO', collation_name"
        " FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    found = ours(iter(other))
    known = {row[:2]: row[2:] for row in ours(one)}
    assert known.keys() == {row[:2] for row in found}
    for table, column, kind, required, collation in found:
        theirs, is_required = known[table, column]
        assert kind in TYPES[theirs], (table, column)
        assert bool(is_required) == required, (table, column)
        assert collation == ("C" if kind == "text" else None), (table, column)


def test_tables_have_the_same_keys_and_indexes(
    sqlite: sqlite3.Connection, postgres: "psycopg.Connection[tuple[Any, ...]]"
) -> None:
    one = sqlite.execute(
        "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        " UNION ALL SELECT made.name, group_concat(part.name) FROM sqlite_master AS made,"
        " (SELECT 1) CROSS JOIN pragma_table_info(made.name) AS part WHERE made.type = 'table' AND pk"
        " GROUP BY made.name"
    )
    other = postgres.execute(
        "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 'public'"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)"
        " UNION ALL SELECT relname, (SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = conrelid AND attnum = ANY (conkey))"
        " FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid WHERE contype = 'p'"
        " AND connamespace = 'public'::regnamespace"
    )
    assert ours(iter(other)) == ours(one)


def test_rows_refer_to_the_same_rows(
    sqlite: sqlite3.Connection, postgres: "psycopg.Connection[tuple[Any, ...]]"
) -> None:
    one = sqlite.execute(
        'SELECT made.name, part."table", part."from", on_delete = \'CASCADE\' FROM sqlite_master AS made,'
        " pragma_foreign_key_list(made.name) AS part WHERE made.type = 'table'"
    )
    other = postgres.execute(
        "SELECT own.relname, meant.relname, attname, confdeltype = 'c' FROM pg_constraint"
        " JOIN pg_class AS own ON own.oid = conrelid JOIN pg_class AS meant ON meant.oid = confrelid"
        " JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'f'"
    )
    assert ours(iter(other)) == ours(one)


def test_there_are_the_same_views(
    sqlite: sqlite3.Connection, postgres: "psycopg.Connection[tuple[Any, ...]]"
) -> None:
    one = sqlite.execute("SELECT name FROM sqlite_master WHERE type = 'view'")
    other = postgres.execute("SELECT viewname FROM pg_views WHERE schemaname = 'public'")
    assert ours(iter(other)) == ours(one)
