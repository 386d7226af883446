"""The words of an article as clustering counts them, small enough to keep those of a week at hand."""

from array import array
from collections import Counter
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from storage.search.words import as_words

TITLE = 2  # a word of the title counts so many times
# Words are cut to so many characters: "extends" and "extended" are one in any language that ends words so.
STEM = 5
# Words that count; a script without spaces has one a character. Counted together they fit a byte.
MOST_TITLE, MOST_EXCERPT = 40, 80


class Bag(NamedTuple):
    """An article's words, each as a 32-bit key, and how often it has each."""

    words: "array[int]"
    counts: bytes


def bag_of(title: str, excerpt: str) -> Bag:
    """Return the words of an article."""
    counts: Counter[str] = Counter()
    for word in as_words(title).split()[:MOST_TITLE]:
        counts[word[:STEM]] += TITLE
    for word in as_words(excerpt).split()[:MOST_EXCERPT]:
        counts[word[:STEM]] += 1
    return Bag(array("I", map(_key, counts)), bytes(counts.values()))


@lru_cache(maxsize=65_536)
def _key(word: str) -> int:
    return crc32(word.encode())


def pack(bag: Bag) -> bytes:
    """Return a bag as bytes: its words, 4 bytes each, then how often it has each, a byte each."""
    return bag.words.tobytes() + bag.counts


def unpack(packed: bytes) -> Bag:
    """Return the bag that was packed."""
    words = array("I")
    words.frombytes(packed[: len(packed) // 5 * 4])
    return Bag(words, packed[len(words) * 4 :])
