"""Articles in FTS5: its expressions, the SQL around them, and what is written into its tables."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from storage.engine import Connection, ReadConnection, scalar
from storage.models import LARGEST
from storage.search.engine import Column, First

# Negative: parts of any size are merged, a page being 4 KB; the work of one call stays small.
MERGE_PAGES = -2_000
WORDS = "indexed(title) AS title, indexed(excerpt) AS excerpt, indexed(provider) AS provider"

_COLUMNS = {Column.TITLE: "title", Column.OUTLET: "provider"}
# With max() alone, SQLite takes all other columns from the row that has it.
_FIRST = {
    First.BEST: "max(article.quality * 10000000000 - article.published_at)",
    First.NEWEST: "max(article.published_at)",
}


class Index(NamedTuple):
    """A table of FTS5, what it is given of an article_text, and the last article that it has."""

    table: str
    columns: str
    last: int


class Fts5:
    """See storage/search/engine.py."""

    matching = "article_search CROSS JOIN article ON article.id = article_search.rowid"

    def phrase(self, words: str, columns: tuple[Column, ...] = (), *, goes_on: bool = False) -> str:
        """Return the expression for words that follow each other, in one of these columns or anywhere."""
        where = f"{{{' '.join(_COLUMNS[column] for column in columns)}}} : " if columns else ""
        return f'{where}"{words}"{" *" if goes_on else ""}'

    def outlet(self, name: str) -> str:
        """Return an expression for the articles of an outlet, by the words of its name."""
        return self.phrase(name, (Column.OUTLET,))

    def joined(self, operator: str, expressions: Iterable[str]) -> str:
        """Return expressions tied together by AND or OR."""
        return f"({f' {operator} '.join(expressions)})"

    def without(self, wanted: str, unwanted: str) -> str:
        """Return the expression for what one finds and another doesn't."""
        return f"({wanted} NOT {unwanted})"

    def matches(self, expression: str) -> str:
        """Return the condition that an article matches."""
        return f"article_search MATCH {expression}"

    def ids(self, expression: str) -> str:
        """Return the statement for the ids of the articles that match."""
        return f"SELECT rowid AS id FROM article_search WHERE {self.matches(expression)}"

    def first(self, articles: str, which: First) -> str:
        """Return the statement for one of each story's articles."""
        return (
            f"SELECT article.story_id, article.id AS article_id, article.published_at, {_FIRST[which]}"
            f" FROM {articles} GROUP BY article.story_id"
        )

    def best_of(self, story: str, expression: str, conditions: str) -> str:
        """Return the statement for the id of a story's best article that matches."""
        return (
            "SELECT article.id FROM article CROSS JOIN article_search ON article_search.rowid = article.id"
            f" WHERE article.story_id = {story} AND {self.matches(expression)}{conditions}"
            " ORDER BY quality DESC, published_at LIMIT 1"
        )

    def best(self, expression: str, conditions: str, when: str) -> str:
        """Return the statement for each story's best article that matches."""
        found = f"{self.matching} WHERE {self.matches(expression)}{conditions}"
        return self.first(f"(SELECT 1 WHERE {when}) CROSS JOIN {found}", First.BEST)

    async def add(self, connection: Connection, article_ids: Iterable[int]) -> None:
        """Add articles to the index, by their words as they are now."""
        ids = json.dumps(list(article_ids))
        for index in await connection.run(_indexes):
            await connection.execute(
                f"INSERT INTO {index.table} (rowid, title, excerpt, provider) {_texts(index)}",
                {"ids": ids, "last": index.last},
            )

    async def remove(self, connection: Connection, article_ids: Iterable[int]) -> None:
        """Take articles out of the index; their words must be those that they were added with."""
        ids = json.dumps(list(article_ids))
        for index in await connection.run(_indexes):
            await connection.execute(
                f"INSERT INTO {index.table} ({index.table}, rowid, title, excerpt, provider)"
                f" SELECT 'delete', * FROM ({_texts(index)})",
                {"ids": ids, "last": index.last},
            )

    async def tidy(self, connection: Connection) -> None:
        """Merge the parts that writing leaves the index in, some at a time."""
        await connection.execute(
            "INSERT INTO article_search (article_search, rank) VALUES ('merge', ?)", (MERGE_PAGES,)
        )

    def vocabulary(self, reader: ReadConnection, shortest: int, longest: int) -> Iterable[tuple[int, str]]:
        """Return the index's words of letters alone: the first one's code point, and the words, spaced."""
        return reader.execute(
            "SELECT unicode(term), group_concat(term, ' ') FROM search_term"
            " WHERE length(term) BETWEEN ? AND ? AND term NOT GLOB '*[0-9+#&.]*' GROUP BY 1",
            (shortest, longest),
        ).fetchall()


def _indexes(reader: ReadConnection) -> list[Index]:
    """Return the index, and beside it the one that is being filled to take its place."""
    filled_to = scalar(reader, "SELECT filled_to FROM rebuild")
    if filled_to is None:
        return [Index("article_search", WORDS, LARGEST)]
    return [
        Index("article_search", "title, excerpt, provider", LARGEST),
        Index("article_search_next", WORDS, filled_to),
    ]


def _texts(index: Index) -> str:
    # In the order of ids: at each step back, FTS5 would begin another part of its index.
    return (
        f"SELECT id, {index.columns} FROM article_text"
        " WHERE id IN (SELECT value FROM json_each(:ids)) AND id <= :last ORDER BY id"
    )
