"""What the search index holds of each article: the words of its title, its excerpt and its outlet's name."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from storage.dialect import dialect_of
from storage.engine import Connection, ReadConnection, scalar
from storage.models import LARGEST

# Negative: parts of any size are merged, a page being 4 KB; the work of one call stays small.
MERGE_PAGES = -2_000
WORDS = "indexed(title) AS title, indexed(excerpt) AS excerpt, indexed(provider) AS provider"


class Index(NamedTuple):
    """A table of FTS5, what it is given of an article_text, and the last article that it has."""

    table: str
    columns: str
    last: int


def indexes(reader: ReadConnection) -> list[Index]:
    """Return the index, and beside it the one that is being filled to take its place."""
    if not dialect_of(reader).searches:
        return []
    filled_to = scalar(reader, "SELECT filled_to FROM rebuild")
    if filled_to is None:
        return [Index("article_search", WORDS, LARGEST)]
    return [
        Index("article_search", "title, excerpt, provider", LARGEST),
        Index("article_search_next", WORDS, filled_to),
    ]


async def add(connection: Connection, article_ids: Iterable[int]) -> None:
    """Add articles to the index, by their words as they are now."""
    ids = json.dumps(list(article_ids))
    for index in await connection.run(indexes):
        await connection.execute(
            f"INSERT INTO {index.table} (rowid, title, excerpt, provider) {_texts(index)}",
            {"ids": ids, "last": index.last},
        )


async def remove(connection: Connection, article_ids: Iterable[int]) -> None:
    """Take articles out of the index; their words must be those that they were added with."""
    ids = json.dumps(list(article_ids))
    for index in await connection.run(indexes):
        await connection.execute(
            f"INSERT INTO {index.table} ({index.table}, rowid, title, excerpt, provider)"
            f" SELECT 'delete', * FROM ({_texts(index)})",
            {"ids": ids, "last": index.last},
        )


def _texts(index: Index) -> str:
    # In the order of ids: at each step back, FTS5 would begin another part of its index.
    return (
        f"SELECT id, {index.columns} FROM article_text"
        " WHERE id IN (SELECT value FROM json_each(:ids)) AND id <= :last ORDER BY id"
    )


async def tidy(connection: Connection) -> None:
    """Merge the parts that writing leaves the index in, some at a time."""
    if not dialect_of(connection).searches:
        return
    await connection.execute(
        "INSERT INTO article_search (article_search, rank) VALUES ('merge', ?)", (MERGE_PAGES,)
    )
