"""The vocabulary: all words of alphabets that articles have, for their other forms and for typing errors."""

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from storage.dialect import dialect_of
from storage.engine import Connection, ReadConnection, scalar
from storage.models import Mention
from storage.search.letters import is_alphabetic
from storage.search.words import indexed

SHORTEST, LONGEST = 3, 40  # letters of a word that is kept
KEPT = 256  # letters whose words are kept unpacked: of some alphabets, and what a change made of a few
PACK_FROM = 500  # new words of a letter
_LISTED = "(SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class Words:
    """The words that begin with one letter, in order, and the version by which caches know them."""

    version: tuple[bytes, str]
    words: tuple[str, ...] = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Packed:
    """Words as they are stored, and those added since.

    The version is the checksum that zlib ends with (RFC 1950), and the words added.
    """

    version: tuple[bytes, str]
    content: bytes = field(compare=False)


def words(reader: ReadConnection, letters: Iterable[str] | None = None) -> list[Words]:
    """Return the words that begin with each of these letters, or with any."""
    where = "" if letters is None else f"WHERE letter IN {_LISTED}"
    values = () if letters is None else (json.dumps(list(map(ord, letters))),)
    packed = {
        row[0]: row[1] for row in reader.execute(f"SELECT letter, words FROM vocabulary {where}", values)
    }
    added = {
        row[0]: row[1]
        for row in reader.execute(
            f"SELECT letter, group_concat(word, ' ') FROM (SELECT * FROM new_word {where}"
            " ORDER BY letter, word) AS added GROUP BY letter",
            values,
        )
    }
    return [
        _read(packed.get(letter, EMPTY), added.get(letter, ""))
        for letter in sorted(packed.keys() | added.keys())
    ]


def _read(content: bytes, added: str = "") -> Words:
    return _unpacked(_Packed((content[-4:], added), content))


@lru_cache(maxsize=KEPT)
def _unpacked(packed: _Packed) -> Words:
    known = zlib.decompress(packed.content).decode().split()
    _, added = packed.version
    return Words(packed.version, tuple(sorted({*known, *added.split()}) if added else known))


def _pack(words: str) -> bytes:
    return zlib.compress(f" {words} ".encode())


EMPTY = _pack("")


def is_filled(reader: ReadConnection) -> bool:
    """Say whether there is any word: a database that was just migrated has none yet."""
    return scalar(reader, "SELECT 1 FROM vocabulary LIMIT 1") is not None


async def learn(connection: Connection, mentions: Iterable[Mention], *, afresh: bool) -> None:
    """Add the words of new mentions; `afresh` brings all of the vocabulary in line with the index instead."""
    if afresh or not await connection.run(is_filled):
        await refresh(connection)
    else:
        texts = {text for each in mentions for text in (each.title, each.excerpt, each.provider.name)}
        await extend(connection, {word for text in texts for word in indexed(text).split()})


async def extend(connection: Connection, found: Iterable[str]) -> None:
    """Add words; those that no article has any more stay."""
    kept = set(filter(is_kept, found))
    await connection.executemany(
        "INSERT INTO new_word (letter, word) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(ord(word[0]), word) for word in sorted(kept)],
    )


def is_kept(word: str) -> bool:
    """Say whether a word is one that the vocabulary keeps: letters of an alphabet, not too few."""
    return SHORTEST <= len(word) <= LONGEST and is_alphabetic(word)


def unpacked(reader: ReadConnection) -> list[int]:
    """Return the letters, as code points, that have many new words."""
    rows = reader.execute("SELECT letter FROM new_word GROUP BY letter HAVING count(*) >= ?", (PACK_FROM,))
    return [row[0] for row in rows]


async def pack(connection: Connection, letter: int) -> None:
    """Put a letter's new words among the others."""
    for found in await connection.run(words, [chr(letter)]):
        await connection.execute(
            "INSERT INTO vocabulary (letter, words) VALUES (?, ?)"
            " ON CONFLICT (letter) DO UPDATE SET words = excluded.words",
            (letter, _pack(" ".join(found.words))),
        )
    await connection.execute("DELETE FROM new_word WHERE letter = ?", (letter,))


async def refresh(connection: Connection) -> None:
    """Bring the vocabulary in line with the index."""
    if not dialect_of(connection).searches:
        return
    rows = await connection.execute_fetchall(
        "SELECT unicode(term), group_concat(term, ' ') FROM search_term"
        " WHERE length(term) BETWEEN ? AND ? AND term NOT GLOB '*[0-9+#&.]*' GROUP BY 1",
        (SHORTEST, LONGEST),
    )
    await connection.execute("DELETE FROM new_word")
    await connection.execute("DELETE FROM vocabulary")
    await connection.executemany(
        "INSERT INTO vocabulary (letter, words) VALUES (?, ?)",
        (
            (letter, _pack(" ".join(filter(is_alphabetic, words.split()))))
            for letter, words in rows
            if is_alphabetic(chr(letter))
        ),
    )
