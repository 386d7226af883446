"""A new search index, filled beside the one in use until it has every article, and the end of the old one."""

from storage.dialect import dialect_of
from storage.engine import Connection, ReadConnection, scalar
from storage.search.entries import WORDS

FIRST_BLOCK = 11  # of an FTS5 table's data; what comes before it is what FTS5 reads to open the table


def is_filling(reader: ReadConnection) -> bool:
    """Say whether there is an index that doesn't have every article yet."""
    return dialect_of(reader).searches and scalar(reader, "SELECT 1 FROM rebuild") is not None


async def fill(connection: Connection, most: int) -> int:
    """Put the next articles into the new index, and return how many: 0 once it has all, or took over."""
    if not await connection.run(is_filling):
        return 0
    rows = await connection.execute_fetchall(
        "SELECT count(*), max(id) FROM (SELECT id FROM article_text"
        " WHERE id > (SELECT filled_to FROM rebuild) ORDER BY id LIMIT ?)",
        (most,),
    )
    ((filled, last),) = rows
    if filled:
        await connection.execute(
            f"INSERT INTO article_search_next (rowid, title, excerpt, provider) SELECT id, {WORDS}"
            " FROM article_text WHERE id > (SELECT filled_to FROM rebuild) AND id <= ? ORDER BY id",
            (last,),
        )
        await connection.execute("UPDATE rebuild SET filled_to = ?", (last,))
    return int(filled)


def new_words(reader: ReadConnection, after: str, most: int) -> list[str]:
    """Return the words of the new index that follow one, in order."""
    rows = reader.execute(
        "SELECT term FROM search_term_next WHERE term > ? ORDER BY term LIMIT ?", (after, most)
    )
    return [row[0] for row in rows]


async def switch(connection: Connection) -> None:
    """Switch searches to the new index; the old one is cleared away later."""
    await connection.execute("ALTER TABLE article_search RENAME TO article_search_old")
    await connection.execute("ALTER TABLE article_search_next RENAME TO article_search")
    await connection.execute("DROP TABLE search_term_next")
    await connection.execute("DELETE FROM rebuild")


def is_needless(reader: ReadConnection) -> bool:
    """Say whether no article is stored that a new index could be filled with."""
    return is_filling(reader) and scalar(reader, "SELECT 1 FROM article LIMIT 1") is None


async def switch_if_needless(connection: Connection) -> None:
    """Switch at once, and clear the old index away, where there is nothing to fill the new one with."""
    if await connection.run(is_needless):
        await switch(connection)
        await connection.execute("DROP TABLE article_search_old")


def is_clearing(reader: ReadConnection) -> bool:
    """Say whether an old index is still there."""
    if not dialect_of(reader).searches:
        return False
    return scalar(reader, "SELECT 1 FROM sqlite_master WHERE name = 'article_search_old'") is not None


async def clear(connection: Connection, most: int) -> None:
    """Take up to `most` rows of the old index away, if it is still there, and at last the index.

    To drop it as a whole would take too long.
    """
    if not await connection.run(is_clearing):
        return
    for table, first in (("article_search_old_data", FIRST_BLOCK), ("article_search_old_docsize", 0)):
        cursor = await connection.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE id >= ? LIMIT ?)", (first, most)
        )
        if cursor.rowcount:
            return
    await connection.execute("DROP TABLE article_search_old")
