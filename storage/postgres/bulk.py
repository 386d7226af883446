"""Whole tables of PostgreSQL's, for copying a database: see storage/bulk.py."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import tuple_row

from storage.bulk import BATCH, UNFINISHED, Rows, State, Table
from storage.postgres.address import address_of
from storage.postgres.database import worded
from storage.postgres.migrate import OURS, newest_version

if TYPE_CHECKING:
    from storage.postgres.session import Connection

LOOKS = 10  # at who uses a database
# By what sessions of the program call themselves: whoever asks may see that, whoever's they are.
_USED = (
    "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND application_name LIKE 'broadsheet%')"
)
_OF_SEARCH = "('article.words', 'article.filling')"  # see search.py
_TABLES = (
    "SELECT relname, ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = made.oid AND attnum > 0"
    f" AND NOT attisdropped AND relname || '.' || attname NOT IN {_OF_SEARCH}"
    ' ORDER BY attname COLLATE "C"), ARRAY(SELECT attname FROM pg_constraint,'
    " unnest(conkey) WITH ORDINALITY AS part (number, place) JOIN pg_attribute ON attnum = number"
    " AND attrelid = made.oid WHERE conrelid = made.oid AND contype = 'p' ORDER BY place),"
    " ARRAY(SELECT confrelid::regclass::text FROM pg_constraint WHERE conrelid = made.oid AND contype = 'f')"
    " FROM pg_class AS made WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
    f" AND relname <> '{OURS}'"
)
_TRUE_OR_FALSE = (
    "SELECT attname FROM pg_attribute WHERE attrelid = ?::regclass AND atttypid = 'boolean'::regtype"
)
_COUNTED = (
    "SELECT relname, coalesce(pg_sequence_last_value(pg_get_serial_sequence(relname, attname)::regclass), 0)"
    " FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE attidentity <> ''"
    " AND relnamespace = current_schema()::regnamespace"
)


def state_of(url: str) -> State:
    """Return what the database at a URL is, and whether anybody uses it; raises StorageError."""
    with _session(url) as session:
        used = _is_used(session)
        ((made,),) = session.execute("SELECT to_regclass(%s)::text", (OURS,)).fetchall()
        version = session.execute(f"SELECT version FROM {OURS}").fetchone() if made else None
    return State(int(version[0]) if version else 0, is_used=used)


def shown(url: str) -> str:
    """Return a URL without its password."""
    return address_of(url).shown


def unmark(url: str) -> None:
    """Take the mark of an unfinished copy from a database that nobody has open."""
    with _session(url) as session:
        session.execute(f"UPDATE {OURS} SET version = version - %s", (UNFINISHED,))


async def mark(connection: "Connection", *, unfinished: bool) -> None:
    """Mark a database as one whose copy is unfinished, or as whole."""
    version = newest_version() + UNFINISHED * unfinished
    await connection.execute(f"UPDATE {OURS} SET version = ?", (version,))


async def tables(connection: "Connection") -> list[Table]:
    """Return every table, without what the search index keeps in them."""
    found = await connection.execute_fetchall(_TABLES)
    return [
        Table(name, tuple(columns), tuple(key), frozenset(referred)) for name, columns, key, referred in found
    ]


async def rows(connection: "Connection", table: Table) -> AsyncIterator[Rows]:
    """Yield a table's rows, some at a time: what is true or false as 1 or 0."""
    flags = {name for (name,) in await connection.execute_fetchall(_TRUE_OR_FALSE, (table.name,))}
    columns = ", ".join(f"{name}::int" if name in flags else name for name in table.columns)
    order = f" ORDER BY {', '.join(table.key)}" if table.key else ""

    def select(session: "psycopg.Connection[Any]") -> "psycopg.ServerCursor[tuple[Any, ...]]":
        cursor = session.cursor("copied", row_factory=tuple_row)
        return cursor.execute(f"SELECT {columns} FROM {table.name}{order}", binary=True)

    cursor = await connection.alone(select)
    while batch := await connection.alone(lambda _: cursor.fetchmany(BATCH)):
        yield batch
    await connection.alone(lambda _: cursor.close())


async def clear(connection: "Connection", tables: Iterable[Table]) -> None:
    """Empty tables, and with them the search index."""
    await connection.execute(f"TRUNCATE {', '.join(table.name for table in tables)}")


async def fill(connection: "Connection", table: Table, rows: AsyncIterator[Rows]) -> None:
    """Put rows into an empty table, by one statement, so that they may refer to each other."""
    statement = f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN"
    copying = await connection.alone(lambda session: session.cursor().copy(statement))
    copy = await connection.alone(lambda _: copying.__enter__())

    def write(batch: Rows) -> Callable[[object], None]:
        def run(_: object) -> None:
            for row in batch:
                copy.write_row(row)

        return run

    def end(error: BaseException | None = None) -> Callable[[object], object]:
        return lambda _: copying.__exit__(type(error) if error else None, error, None)

    try:
        async for batch in rows:
            await connection.alone(write(batch))
    except BaseException as error:
        await connection.alone(end(error))
        raise
    await connection.alone(end())


async def given_ids(connection: "Connection") -> dict[str, int]:
    """Return the highest id that was ever given, by table, where none is given twice."""
    return dict(await connection.execute_fetchall(_COUNTED))


async def settle(connection: "Connection", given: Mapping[str, int]) -> None:
    """Give new rows ids behind these, and behind all that there are; learn how tables are filled."""
    for name, last in (await given_ids(connection)).items():
        ((most,),) = await connection.execute_fetchall(f"SELECT coalesce(max(id), 0) FROM {name}")
        if highest := max(last, most, given.get(name, 0)):
            await connection.execute("SELECT setval(pg_get_serial_sequence(?, 'id'), ?)", (name, highest))
    await connection.execute("ANALYZE")


def _is_used(session: "psycopg.Connection[tuple[Any, ...]]") -> bool:
    """Say whether others of the program's sessions stay: those just closed are gone in a moment."""
    for _ in range(LOOKS):
        ((used,),) = session.execute(_USED).fetchall()
        if not used:
            return False
        session.execute("SELECT pg_sleep(0.1)")
    return True


@contextmanager
def _session(url: str) -> "Iterator[psycopg.Connection[tuple[Any, ...]]]":
    address = address_of(url)
    with worded(address), closing(psycopg.connect(address.conninfo, autocommit=True)) as session:
        yield session
