"""What an engine must offer so that articles can be searched: expressions, the SQL around them, the index."""

from collections.abc import Iterable
from enum import Enum
from typing import Protocol

from storage.engine import Connection, ReadConnection


class Column(Enum):
    """The texts of an article that a word may be looked for in by themselves."""

    TITLE = "title"
    OUTLET = "outlet"


class First(Enum):
    """Which of a story's articles stands for it; of equal ones the oldest id."""

    BEST = "best"  # of equal quality the earliest, like a pick
    NEWEST = "newest"


class Search(Protocol):
    """An engine's full-text search. Its SQL reads `article`; `expression` is SQL for an expression's text."""

    matching: str  # what stands after FROM to go through the articles that match

    def phrase(self, words: str, columns: tuple[Column, ...] = (), *, goes_on: bool = False) -> str:
        """Return the expression for words that follow each other, in one of these columns or anywhere.

        Where it `goes_on`, the last word may be the beginning of one.
        """

    def outlet(self, name: str) -> str:
        """Return an expression for the articles of an outlet with this name; it may find others, too."""

    def joined(self, operator: str, expressions: Iterable[str]) -> str:
        """Return expressions tied together by AND or OR."""

    def without(self, wanted: str, unwanted: str) -> str:
        """Return the expression for what one finds and another doesn't."""

    def matches(self, expression: str) -> str:
        """Return the condition that an article matches."""

    def ids(self, expression: str) -> str:
        """Return the statement for the ids of the articles that match."""

    def first(self, articles: str, which: First) -> str:
        """Return the statement for one of each story's articles, those `articles` says after FROM.

        Its columns are story_id, article_id and published_at.
        """

    def best_of(self, story: str, expression: str, conditions: str) -> str:
        """Return the statement for the id of a story's best match; `story` is its id in SQL."""

    def best(self, expression: str, conditions: str, when: str) -> str:
        """Return the statement for each story's best article that matches: story_id and article_id.

        It finds none, at no cost, unless `when` holds.
        """

    async def add(self, connection: Connection, article_ids: Iterable[int]) -> None:
        """Add articles to the index, by their words as they are now."""

    async def remove(self, connection: Connection, article_ids: Iterable[int]) -> None:
        """Take articles out of the index; their words must be those that they were added with."""

    async def tidy(self, connection: Connection) -> None:
        """Do what writing leaves for later, some at a time."""

    def vocabulary(self, reader: ReadConnection, shortest: int, longest: int) -> Iterable[tuple[int, str]]:
        """Return the index's words of letters alone: the first one's code point, and the words, spaced."""
