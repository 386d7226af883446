"""A made-up database of any size, written straight into the tables: its texts and words are as real ones."""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from storage.search import vocabulary
from storage.search.words import indexed
from storage.sqlite.database import open_database
from storage.sqlite.packing import key_of, pack_ids, pack_keys, unpack_key
from storage.sqlite.search import WORDS

# Measured on 2,384 real articles: how long titles and excerpts are, how common a word of each rank is.
TITLE_WORDS = (10.3, 3.0)
EXCERPT_WORDS = (27.0, 11.0)
FLATTENED = 2.7  # Zipf's law as Mandelbrot wrote it: the word of rank r comes up 1 / (r + FLATTENED) as often
VOCABULARY = 120_000
SUBJECT_FROM = 150  # more common words ("the", "new") are no story's subject
SUBJECT_WORDS = 8
RELATED = 10  # articles that a record lists
SUBJECT_IN_TITLE = 0.35
SUBJECT_IN_EXCERPT = 0.12
OUTLETS = 400
TOPICS = 60
START, END = 1_500_000_000, 1_767_225_600  # epoch seconds
ONSETS = ("b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "br", "st", "tr")
VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "or")
CODAS = ("", "n", "r", "s", "t")


@dataclass(frozen=True, slots=True)
class Words:
    """Every word there is, the most common first, and how often each comes up, added up."""

    words: tuple[str, ...]
    sums: tuple[float, ...]

    def draw(self, choice: random.Random, count: int) -> list[str]:
        """Return `count` words, common ones more often."""
        return choice.choices(self.words, cum_weights=self.sums, k=count)

    def without_common(self) -> "Words":
        """Return the words that may be a story's subject."""
        common = self.sums[SUBJECT_FROM - 1]
        return Words(self.words[SUBJECT_FROM:], tuple(each - common for each in self.sums[SUBJECT_FROM:]))


def make_words(choice: random.Random) -> Words:
    """Make up words; the common ones are short."""
    made: dict[str, None] = {}
    while len(made) < VOCABULARY:
        syllables = 1 + (len(made) > 40) + (len(made) > 2_000) + (len(made) > 30_000)
        word = "".join(choice.choice(ONSETS) + choice.choice(VOWELS) for _ in range(syllables))
        made[word + choice.choice(CODAS)] = None
    weights = (1 / (rank + FLATTENED) for rank in range(1, VOCABULARY + 1))
    return Words(tuple(made), tuple(accumulate(weights)))


def story_sizes(choice: random.Random, stories: int, articles: int) -> list[int]:
    """Return how many articles each story has: most have one or two, a few have over a hundred."""
    sizes = [min(200, int(choice.paretovariate(1.05))) for _ in range(stories)]
    left = articles - sum(sizes)
    step = 1 if left > 0 else -1
    while left:
        place = choice.randrange(stories)
        if sizes[place] + step > 0:
            sizes[place] += step
            left -= step
    return sizes


def write_library(path: Path, seed: int, stories: int, articles: int) -> Words:
    """Make a database of this size, which `seed` decides; returns the words that it is written with."""
    asyncio.run(_make_empty(path))
    choice = random.Random(seed)
    words = make_words(choice)
    sizes = story_sizes(choice, stories, articles)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.create_function("unpack_key", 2, unpack_key, deterministic=True)
    connection.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN")
    _write_names(connection, choice, words)
    connection.executemany(
        "INSERT INTO mention (id, article_id, digest, own, published_at, quality, provider_id, type, url,"
        " title, excerpt, image_url, addresses, raw)"
        " VALUES (?, ?, ?, 1, ?, ?, ?, 'article', ?, ?, ?, ?, ?, x'')",
        _mentions(choice, words, sizes),
    )
    _write_stories(connection, choice, sizes)
    connection.create_function("indexed", 1, indexed, deterministic=True)
    connection.execute(
        f"INSERT INTO article_search (rowid, title, excerpt, provider) SELECT id, {WORDS} FROM article_text"
    )
    connection.execute("INSERT INTO article_search (article_search) VALUES ('optimize')")
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    asyncio.run(_finish(path))
    return words


async def _finish(path: Path) -> None:
    async with open_database(path) as database, database.transaction() as connection:
        await vocabulary.learn(connection, (), afresh=True)


async def _make_empty(path: Path) -> None:
    async with open_database(path):
        pass


def _write_names(connection: sqlite3.Connection, choice: random.Random, words: Words) -> None:
    """Write the outlets, each named with two words, and the topics."""
    names = [" ".join(words.draw(choice, 2)).title() for _ in range(OUTLETS)]
    connection.executemany(
        "INSERT INTO provider (id, name, domain) VALUES (?, ?, ?)",
        [(number, name, f"outlet{number}.example") for number, name in enumerate(names, 1)],
    )
    topics = enumerate(words.words[SUBJECT_FROM : SUBJECT_FROM + TOPICS], 1)
    connection.executemany(
        "INSERT INTO topic (id, slug, name) VALUES (?, ?, ?)",
        [(number, name, name.title()) for number, name in topics],
    )


def _mentions(choice: random.Random, words: Words, sizes: list[int]) -> Iterator[tuple[object, ...]]:
    """Yield the articles' rows, story after story: the words of its subject come up in most of its texts."""
    subjects = words.without_common()
    number = 0
    for size in sizes:
        began = choice.randrange(START, END)
        subject = subjects.draw(choice, SUBJECT_WORDS)
        for _ in range(size):
            number += 1
            title = _text(choice, words.draw(choice, _length(choice, TITLE_WORDS)), subject, SUBJECT_IN_TITLE)
            drawn = words.draw(choice, _length(choice, EXCERPT_WORDS))
            outlet = choice.randint(1, OUTLETS)
            address = f"outlet{outlet}.example/{number}/{title.replace(' ', '-')[:60]}"
            image = f"https://images.outlet{outlet}.example/{number}.jpg" if choice.random() < 0.67 else None
            yield (
                number,
                number,
                number.to_bytes(8, "big"),
                min(END, began + int(choice.expovariate(1 / 200_000))),
                choice.randint(0, 120),
                outlet,
                f"https://{address}",
                title,
                _text(choice, drawn, subject, SUBJECT_IN_EXCERPT),
                image,
                pack_keys([key_of(address)]),
            )


def _length(choice: random.Random, usual: tuple[float, float]) -> int:
    return max(3, round(choice.gauss(*usual)))


def _text(choice: random.Random, drawn: list[str], subject: list[str], share: float) -> str:
    """Put words of the subject in the place of this share of the words drawn."""
    mixed = [choice.choice(subject) if choice.random() < share else word for word in drawn]
    return " ".join(mixed).capitalize()


def _write_stories(connection: sqlite3.Connection, choice: random.Random, sizes: list[int]) -> None:
    """Tie the articles to stories, and the stories to topics."""
    stories = range(1, len(sizes) + 1)
    owners = [story for story, size in zip(stories, sizes, strict=True) for _ in range(size)]
    connection.executemany("INSERT INTO story (id) VALUES (?)", [(story,) for story in stories])
    connection.executemany(
        "INSERT INTO article (id, story_id, origin_id, mention_id, address, published_at, quality,"
        " provider_id, removed, known_at)"
        " SELECT id, ?, ?, id, unpack_key(addresses, 0), published_at, quality, provider_id, 0, published_at"
        " FROM mention"
        " WHERE id = ?",
        [(story, story, article) for article, story in enumerate(owners, 1)],
    )
    tags = sorted(
        (topic, story)
        for story in stories
        for topic in choice.sample(range(1, TOPICS + 1), choice.choice((1, 1, 2, 3)))
    )
    connection.executemany("INSERT INTO story_topic (topic_id, story_id) VALUES (?, ?)", tags)
    _write_records(connection, sizes)
    connection.execute(
        "UPDATE story SET articles = found.articles, pick_id = found.pick_id, first_at = found.first_at,"
        " newest_at = found.newest_at, heat = found.quality + 20 * (found.articles - 1)"
        " FROM (SELECT story_id, count(*) OVER story AS articles, id AS pick_id, quality,"
        " min(published_at) OVER story AS first_at, max(published_at) OVER story AS newest_at,"
        " row_number() OVER (PARTITION BY story_id ORDER BY quality DESC, published_at DESC, id) AS place"
        " FROM article WINDOW story AS (PARTITION BY story_id)) AS found"
        " WHERE story.id = found.story_id AND place = 1"
    )


def _write_records(connection: sqlite3.Connection, sizes: list[int]) -> None:
    """Write a record of each article, which lists those that follow it in its story, and count them."""
    connection.execute(
        "INSERT INTO address SELECT unpack_key(addresses, 0), article_id FROM mention ORDER BY 1"
    )
    connection.executemany(
        "INSERT INTO record (id, category, heat, published, removed, mention_id, related)"
        " VALUES (?, 'news', -1, 0, 0, ?, ?)",
        _records(sizes),
    )
    connection.execute(
        "INSERT INTO record_topic SELECT record.id, topic_id FROM record"
        " JOIN article ON article.id = record.mention_id JOIN story_topic USING (story_id)"
    )
    connection.execute("UPDATE total SET records = ?1, articles = ?1, stories = ?2", (sum(sizes), len(sizes)))


def _records(sizes: list[int]) -> Iterator[tuple[int, int, bytes]]:
    first = 1
    for size in sizes:
        for place in range(size):
            related = ((place + step) % size for step in range(1, min(size, RELATED + 1)))
            yield (
                key_of(f"/library/{first + place}"),
                first + place,
                pack_ids(first + each for each in related),
            )
        first += size
