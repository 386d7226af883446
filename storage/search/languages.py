"""The words of each language that an outlet or a topic is known to be written in, by their stems."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache

import Stemmer

from storage.engine import Connection, ReadConnection
from storage.models import OutletDescription
from storage.search.vocabulary import is_kept
from storage.search.words import indexed
from storage.sqlite.packing import key_of

SHORTEST_STEM = 3
NORWEGIAN = {"nb": "no", "nn": "no"}
# An article is written in its outlet's language, or else in that of a topic of its story.
_TOPICS = (
    "SELECT topic_file.language FROM story_topic JOIN topic ON topic.id = topic_id"
    " JOIN topic_file ON topic_file.slug = topic.slug AND topic_file.language IS NOT NULL"
    " WHERE story_topic.story_id = article.story_id ORDER BY file_id LIMIT 1"
)
_OUTLET = (
    "SELECT language FROM outlet_file JOIN provider USING (domain)"
    " WHERE provider.id = article.provider_id ORDER BY file_id LIMIT 1"
)
_SPOKEN = (
    f"SELECT language, title, excerpt FROM (SELECT coalesce(({_OUTLET}), ({_TOPICS})) AS language,"
    " title, excerpt FROM article JOIN mention ON mention.id = article.mention_id WHERE {}) AS said"
    " WHERE language IS NOT NULL"
)
_STORIES_OF = (
    "article.story_id IN (SELECT own.story_id FROM record JOIN mention ON mention.id = record.mention_id"
    " JOIN article AS own ON own.id = mention.article_id WHERE record.id IN (SELECT value FROM json_each(?)))"
)


def stem(word: str, language: str) -> str:
    """Return a word's stem in a language of ISO 639, "" where it has none that tells much."""
    algorithm = NORWEGIAN.get(language, language)
    if not is_kept(word) or not is_stemmed(algorithm):
        return ""
    # One for each use: threads mustn't share one, and its memory takes longer than to stem.
    found: str = Stemmer.Stemmer(algorithm, 0).stemWord(word)
    return found if len(found) >= SHORTEST_STEM else ""


@lru_cache
def is_stemmed(language: str) -> bool:
    """Say whether there is a stemmer for a language."""
    try:
        Stemmer.Stemmer(language)
    except KeyError:
        return False
    return True


def forms(reader: ReadConnection, word: str) -> list[str]:
    """Return the words that have the stem of this one, in any of the languages that words are known of."""
    found: dict[str, None] = {}
    for language in _known(reader):
        if stemmed := stem(word, language):
            rows = reader.execute(
                "SELECT word FROM language_word WHERE language = ? AND stem = ?", (language, stemmed)
            )
            found |= {row[0]: None for row in rows}
    return list(found)


def _known(reader: ReadConnection) -> list[str]:
    """Return the languages that words are known of; each takes one look into their index."""
    rows = reader.execute(
        "WITH RECURSIVE known (language) AS (SELECT min(language) FROM language_word UNION ALL"
        " SELECT (SELECT min(language) FROM language_word WHERE language > known.language) FROM known"
        " WHERE language IS NOT NULL) SELECT language FROM known WHERE language IS NOT NULL"
    )
    return [row[0] for row in rows]


def spoken(reader: ReadConnection) -> set[tuple[str, str]]:
    """Return which outlets and topics have a language: (domain or slug, language)."""
    rows = reader.execute(
        "SELECT domain, language FROM outlet_file"
        " UNION ALL SELECT slug, language FROM topic_file WHERE language IS NOT NULL"
    )
    return {(row[0], row[1]) for row in rows}


async def describe_outlets(connection: Connection, descriptions: Mapping[str, OutletDescription]) -> None:
    """Store what files say of outlets, by the path of the file."""
    await connection.executemany(
        "INSERT INTO outlet_file (file_id, domain, language) VALUES (?, ?, ?)",
        [(key_of(path), outlet.domain, outlet.language) for path, outlet in descriptions.items()],
    )


async def learn(connection: Connection, paths: Iterable[str]) -> None:
    """Add the words of the stories of these records, as far as it is known what they are written in."""
    if await connection.run(spoken):
        keys = json.dumps([key_of(path) for path in paths])
        await _add(connection, await connection.run(_stemmed, _STORIES_OF, keys))


async def relearn(connection: Connection) -> None:
    """Find out the words of each language anew: what outlets or topics are written in has changed."""
    await connection.execute("DELETE FROM language_word")
    await _add(connection, await connection.run(_stemmed, "TRUE"))


def _stemmed(reader: ReadConnection, condition: str, *values: str) -> set[tuple[str, str, str]]:
    """Return the words of articles: (language, stem, word)."""
    words = {
        (language, word)
        for language, *texts in reader.execute(_SPOKEN.format(condition), values)
        for text in texts
        for word in indexed(text).split()
    }
    return {(language, stemmed, word) for language, word in words if (stemmed := stem(word, language))}


async def _add(connection: Connection, found: Iterable[tuple[str, str, str]]) -> None:
    await connection.executemany(
        "INSERT INTO language_word (language, stem, word) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        sorted(found),
    )
