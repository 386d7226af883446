"""The vocabulary: all words of alphabets that articles have, for their other forms and for typing errors."""

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from storage.engine import Connection, ReadConnection, scalar
from storage.models import Mention
from storage.search.letters import is_alphabetic
from storage.search.words import indexed

SHORTEST, LONGEST = 3, 40  # letters of a word that is kept
KEPT = 256  # letters whose words are kept unpacked: of some alphabets, and what a reload made of a few


@dataclass(frozen=True, slots=True)
class Words:
    """The words that begin with one letter, in order, and the version by which caches know them."""

    version: bytes
    words: tuple[str, ...] = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Packed:
    """Words as they are stored; the version is the checksum that zlib ends with (RFC 1950)."""

    version: bytes
    content: bytes = field(compare=False)


def words(reader: ReadConnection, letters: Iterable[str] | None = None) -> list[Words]:
    """Return the words that begin with each of these letters, or with any."""
    where = "" if letters is None else "WHERE letter IN (SELECT value FROM json_each(?))"
    values = () if letters is None else (json.dumps(list(map(ord, letters))),)
    rows = reader.execute(f"SELECT words FROM vocabulary {where}", values)
    return [_read(row["words"]) for row in rows]


def _read(content: bytes) -> Words:
    return _unpacked(_Packed(content[-4:], content))


@lru_cache(maxsize=KEPT)
def _unpacked(packed: _Packed) -> Words:
    return Words(packed.version, tuple(zlib.decompress(packed.content).decode().split()))


def _pack(words: str) -> bytes:
    return zlib.compress(f" {words} ".encode())


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
    by_letter: defaultdict[int, set[str]] = defaultdict(set)
    for word in found:
        if is_kept(word):
            by_letter[ord(word[0])].add(word)
    rows = await connection.execute_fetchall(
        "SELECT letter, words FROM vocabulary WHERE letter IN (SELECT value FROM json_each(?))",
        (json.dumps(list(by_letter)),),
    )
    known = {row["letter"]: set(_read(row["words"]).words) for row in rows}
    await connection.executemany(
        "INSERT INTO vocabulary (letter, words) VALUES (?, ?)"
        " ON CONFLICT (letter) DO UPDATE SET words = excluded.words",
        [
            (letter, _pack(" ".join(sorted(known.get(letter, set()) | new))))
            for letter, new in by_letter.items()
            if not new <= known.get(letter, set())
        ],
    )


def is_kept(word: str) -> bool:
    """Say whether a word is one that the vocabulary keeps: letters of an alphabet, not too few."""
    return SHORTEST <= len(word) <= LONGEST and is_alphabetic(word)


async def refresh(connection: Connection) -> None:
    """Bring the vocabulary in line with the index."""
    rows = await connection.execute_fetchall(
        "SELECT unicode(term), group_concat(term, ' ') FROM search_term"
        " WHERE length(term) BETWEEN ? AND ? AND term NOT GLOB '*[0-9+#&.]*' GROUP BY 1",
        (SHORTEST, LONGEST),
    )
    await connection.execute("DELETE FROM vocabulary")
    await connection.executemany(
        "INSERT INTO vocabulary (letter, words) VALUES (?, ?)",
        (
            (letter, _pack(" ".join(filter(is_alphabetic, words.split()))))
            for letter, words in rows
            if is_alphabetic(chr(letter))
        ),
    )
