"""Articles in a GIN index: tsvectors and tsqueries as we write them, and the SQL around them.

A lexeme is a word as storage/search/words.py has it. A word of a title or of an outlet's name is there once
more with a mark before it: which of the texts has a word is then in the index itself, and no article need be
looked at for it. Phrases go by positions, which leave a gap between the texts.
"""

from collections.abc import Iterable

from storage.engine import Connection, ReadConnection
from storage.search.engine import Column, First
from storage.search.words import indexed

AT_A_TIME = 1_000  # articles whose words are in memory
LONGEST = 2_046  # bytes of a lexeme
LAST = 16_383  # the last position that there is
MARKS = {Column.TITLE: "/", Column.OUTLET: "@"}  # no word begins with either
OPERATORS = {"AND": " & ", "OR": " | "}
# Rows of articles stay short, so that many are looked at in no time, where their words are stored elsewhere.
# Nothing but a row of about so many bytes makes PostgreSQL do that; of blanks it then makes a few bytes.
FILLING = 2_100

_FIRST = {First.BEST: "article.quality DESC, article.published_at", First.NEWEST: "article.published_at DESC"}
_ADDING = (
    f"UPDATE article SET words = CAST(found.words AS tsvector), filling = repeat(' ', {FILLING:d})"
    " FROM unnest(CAST(? AS bigint[]), CAST(? AS text[])) AS found (id, words) WHERE article.id = found.id"
)


class Gin:
    """See storage/search/engine.py."""

    matching = "article"

    def phrase(self, words: str, columns: tuple[Column, ...] = (), *, goes_on: bool = False) -> str:
        """Return the expression for words that follow each other, in one of these columns or anywhere."""
        end = ":*" if goes_on else ""
        marks = [MARKS[column] for column in columns] or [""]
        found = [" <-> ".join(_quoted(mark + word) for word in words.split()) + end for mark in marks]
        return f"({' | '.join(found)})"

    def outlet(self, name: str) -> str:
        """Return an expression for the articles of an outlet and of those named with the same words.

        For a phrase, the words of each article had to be looked at.
        """
        return self.joined("AND", [self.phrase(word, (Column.OUTLET,)) for word in name.split()])

    def joined(self, operator: str, expressions: Iterable[str]) -> str:
        """Return expressions tied together by AND or OR."""
        return f"({OPERATORS[operator].join(expressions)})"

    def without(self, wanted: str, unwanted: str) -> str:
        """Return the expression for what one finds and another doesn't."""
        return f"({wanted} & !{unwanted})"

    def matches(self, expression: str) -> str:
        """Return the condition that an article matches."""
        return f"article.words @@ CAST({expression} AS tsquery)"

    def ids(self, expression: str) -> str:
        """Return the statement for the ids of the articles that match.

        OFFSET stops it from going through articles one by one when only some are asked for: to look at the
        words of one takes long, and the index knows them all.
        """
        return (
            f"SELECT id FROM (SELECT id FROM article WHERE {self.matches(expression)} OFFSET 0) AS matching"
        )

    def first(self, articles: str, which: First) -> str:
        """Return the statement for one of each story's articles."""
        return (
            "SELECT DISTINCT ON (article.story_id) article.story_id, article.id AS article_id,"
            f" article.published_at FROM {articles} ORDER BY article.story_id, {_FIRST[which]}, article.id"
        )

    def best_of(self, story: str, expression: str, conditions: str) -> str:
        """Return the statement for the id of a story's best article that matches.

        It looks at the articles from the best one down, and at the words of no more than it must.
        """
        matches = f"{self.matches(expression)}{conditions}"
        highest = (
            f"SELECT article.quality FROM article WHERE article.story_id = {story} AND {matches}"
            " ORDER BY article.quality DESC LIMIT 1"
        )
        return _earliest(story, f"({highest})", matches)

    def best(self, expression: str, conditions: str, when: str) -> str:
        """Return the statement for each story's best article that matches.

        Which article that is, is found out last: mostly only some of the stories are taken.
        """
        matches = f"{self.matches(expression)}{conditions}"
        return (
            f"SELECT story_id, ({_earliest('found.story_id', 'found.quality', matches)}) AS article_id"
            " FROM (SELECT article.story_id, max(article.quality) AS quality FROM article"
            f" WHERE {matches} AND {when} GROUP BY article.story_id) AS found"
        )

    async def add(self, connection: Connection, article_ids: Iterable[int]) -> None:
        """Add articles to the index, by their words as they are now."""
        ids = sorted(article_ids)
        for start in range(0, len(ids), AT_A_TIME):
            found = await connection.run(_vectors, ids[start : start + AT_A_TIME])
            await connection.execute(_ADDING, found)

    async def remove(self, connection: Connection, article_ids: Iterable[int]) -> None:
        """Take articles out of the index."""
        await connection.execute(
            "UPDATE article SET words = NULL, filling = NULL WHERE id = ANY (?) AND words IS NOT NULL",
            (list(article_ids),),
        )

    async def tidy(self, connection: Connection) -> None:
        """Do nothing: the server takes care of the index."""

    def vocabulary(self, reader: ReadConnection, shortest: int, longest: int) -> Iterable[tuple[int, str]]:
        """Return the index's words of letters alone: the first one's code point, and the words, spaced."""
        return reader.execute(
            "SELECT ascii(word), string_agg(word, ' ' ORDER BY word COLLATE \"C\")"
            " FROM ts_stat('SELECT words FROM article WHERE words IS NOT NULL')"
            " WHERE length(word) BETWEEN ? AND ? AND word !~ '[0-9+#&./@]' GROUP BY 1",
            (shortest, longest),
        ).fetchall()


def _earliest(story: str, quality: str, matches: str) -> str:
    return (
        f"SELECT article.id FROM article WHERE article.story_id = {story} AND article.quality = {quality}"
        f" AND {matches} ORDER BY article.published_at, article.id LIMIT 1"
    )


def _vectors(reader: ReadConnection, ids: list[int]) -> tuple[list[int], list[str]]:
    """Return the ids of those of some articles that have words, and their vectors."""
    rows = reader.execute(
        "SELECT id, title, provider, excerpt FROM article_text WHERE id = ANY (?) ORDER BY id", (ids,)
    ).fetchall()
    return [row[0] for row in rows], [vector(*row[1:]) for row in rows]


def vector(title: str, outlet: str, excerpt: str) -> str:
    """Return the tsvector of an article's words, as text."""
    places: dict[str, list[int]] = {}
    place = 1
    for text, mark in ((title, MARKS[Column.TITLE]), (outlet, MARKS[Column.OUTLET]), (excerpt, "")):
        for word in indexed(text).split():
            for lexeme in {word, mark + word}:
                places.setdefault(lexeme, []).append(place)
            place = min(place + 1, LAST)
        place = min(place + 1, LAST)
    return " ".join(f"{_quoted(lexeme)}:{','.join(map(str, at))}" for lexeme, at in places.items())


def _quoted(lexeme: str) -> str:
    cut = lexeme.encode()[:LONGEST].decode(errors="ignore") if len(lexeme) * 4 > LONGEST else lexeme
    return f"'{cut}'"
