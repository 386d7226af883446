"""How well searches find what somebody has in mind: known items of seeds, asked for in several ways.

Run with `make bench`, or with `python -m tests.bench.search_quality [FOLDER …]`. An item is an article that
is drawn at random; it is found where its story is the first result, or among the first five. The titles of
docs/searching.md, in many scripts and with signs, are looked for among the articles of each folder, too.
"""

import asyncio
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from string import ascii_lowercase

from rich.console import Console
from rich.table import Table

from bot.services import utc_now
from digests.lookup.search import search_stories
from digests.seeds.reload import Reloader
from storage.engine import Database
from storage.models import Article, Page
from storage.search.index import Filters
from storage.search.words import pieces
from storage.sqlite.database import open_database
from storage.stories import stories
from tests.build import HOST, ROOT, SHARED, seed_text, write_seed

ITEMS = 400
SEED = 2026
FIRST = 5
ALL_TIME = datetime(9000, 1, 1, tzinfo=UTC)
WORD = re.compile(r"[^\W_]+")
# Words that say nothing of what an article is about.
EMPTY_WORDS = """
about after again against all also amid among and another any are because been before being between both but
can could did does doing down during each even every few first for from further get gets had has have having
her here hers him his how into its just last like make makes many may more most much must new not now off
one only other our out over own per said same say says shall she should since some still such than that the
their them then there these they this those through too under until upon use using very via was way well
were what when where which while who whom whose why will with within without would you your
"""
EMPTY = frozenset(EMPTY_WORDS.split())


@dataclass(frozen=True, slots=True)
class Way:
    """A way to ask for an article: returns the words to type, None where it has too few."""

    name: str
    ask: Callable[[random.Random, Article], str | None]


def content_words(text: str) -> list[str]:
    """Return the different words of a text that say what it is about."""
    words = dict.fromkeys(word.lower() for word in WORD.findall(text))
    return [word for word in words if len(word) > 2 and word not in EMPTY and not word.isdecimal()]


def three_of_title(choice: random.Random, article: Article) -> str | None:
    """Return three words of the title."""
    words = content_words(article.title)
    return " ".join(choice.sample(words, 3)) if len(words) >= 3 else None


def with_a_typo(choice: random.Random, article: Article) -> str | None:
    """Return three words of the title, one of them with a letter left out, added, changed or swapped."""
    words = (three_of_title(choice, article) or "").split()
    long = [place for place, word in enumerate(words) if len(word) > 3]
    if not long:
        return None
    place = choice.choice(long)
    words[place] = mistyped(choice, words[place])
    return " ".join(words)


def mistyped(choice: random.Random, word: str) -> str:
    """Return a word with one error, not in its first letter."""
    at = choice.randrange(1, len(word) - 1)
    letter = choice.choice(ascii_lowercase)
    return choice.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


def two_of_excerpt(choice: random.Random, article: Article) -> str | None:
    """Return two words of the excerpt."""
    words = content_words(article.excerpt)
    return " ".join(choice.sample(words, 2)) if len(words) >= 2 else None


def begun(choice: random.Random, article: Article) -> str | None:
    """Return three words of the title, the last of them begun."""
    *words, last = (three_of_title(choice, article) or "").split() or [""]
    return " ".join((*words, last[: max(3, len(last) // 2)])) if words else None


def written_otherwise(choice: random.Random, article: Article) -> str | None:
    """Return a word of the title that has signs or a number in another way of writing, and one more word."""
    others = [piece.other for piece in pieces(article.title) if piece.other]
    words = [word for word in content_words(article.title) if word not in " ".join(others)]
    return f"{choice.choice(others)} {choice.choice(words)}" if others and words else None


WAYS = (
    Way("3 words of the title", three_of_title),
    Way("3 words of the title, a typing error", with_a_typo),
    Way("2 words of the excerpt", two_of_excerpt),
    Way("3 words of the title, the last begun", begun),
    Way("a word written otherwise, and another", written_otherwise),
)
SCRIPTS, SIGNS = "In any script", "Names with signs and numbers"


async def ranks(database: Database, way: Way, articles: Sequence[Article]) -> list[int | None]:
    """Return at which place each article's story is found, from 0; None beyond the first few."""
    choice = random.Random(SEED)
    found: list[int | None] = []
    for article in articles:
        if typed := way.ask(choice, article):
            async with database.reading() as connection:
                results = await connection.run(search_stories, typed, Filters(), Page(ALL_TIME, FIRST))
            ids = [result.coverage.story_id for result in results.stories]
            found.append(ids.index(article.story_id) if article.story_id in ids else None)
    return found


async def measure(folder: Path, table: Table) -> None:
    """Load a folder of seeds into a database of its own and add a row for every way to ask."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
        async with open_database(Path(scratch) / "quality.db") as database:
            reloader = Reloader(database, utc_now)
            await reloader.reload(folder)
            drawn = random.Random(SEED)
            articles = await stored_articles(database)
            items = drawn.sample(articles, min(ITEMS, len(articles)))
            for way in WAYS:
                add_row(table, folder.name, way.name, await ranks(database, way, items))
            seeds = Path(shutil.copytree(folder, Path(scratch) / "seeds"))
            for number, (title, _) in enumerate([*documented(SCRIPTS), *documented(SIGNS)]):
                write_seed(seeds, f"documented/{number}.md", seed_text(f"{HOST}/{number}", title=title))
            await reloader.reload(seeds)
            by_title = {article.title: article for article in await stored_articles(database)}
            for kind, ask, said in (
                (SCRIPTS, alone, "words of titles in any script"),
                (SIGNS, with_a_word, "names with signs, and a word of the title"),
            ):
                places = [
                    place
                    for title, asked in documented(kind)
                    for typed in asked
                    for place in await ranks(database, Way(said, partial(ask, typed)), [by_title[title]])
                ]
                add_row(table, f"{folder.name}, docs", said, places)


async def stored_articles(database: Database) -> list[Article]:
    """Return every article that is not withdrawn."""
    async with database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT id FROM story WHERE pick_id IS NOT NULL")
        held = await connection.run(stories, [row[0] for row in rows])
    return [article for story in held for article in story.articles if not article.removed]


def documented(heading: str) -> list[tuple[str, list[str]]]:
    """Return the titles of a table of docs/searching.md, each with what finds it."""
    table = (
        (ROOT / "docs" / "searching.md")
        .read_text("utf-8")
        .partition(f"## {heading}\n")[2]
        .partition("\n##")[0]
    )
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("|")][2:]
    found = [next((n, cell) for n, cell in enumerate(row) if "`" in cell) for row in rows]
    return [
        (row[place - 1].strip(), re.findall(r"`([^`]+)`", cell))
        for row, (place, cell) in zip(rows, found, strict=True)
    ]


def alone(typed: str, _choice: random.Random, _article: Article) -> str:
    """Return a text alone."""
    return typed


def with_a_word(typed: str, choice: random.Random, article: Article) -> str:
    """Return a text with a word of the title: of many titles with "US", heat decides which is first."""
    return f"{typed} {choice.choice([word for word in content_words(article.title) if word not in typed])}"


def add_row(table: Table, seeds: str, asked: str, places: Sequence[int | None]) -> None:
    """Add how many of the items were found first, and among the first few."""
    first = sum(place == 0 for place in places) / len(places)
    among = sum(place is not None for place in places) / len(places)
    table.add_row(seeds, asked, str(len(places)), f"{first:.1%}", f"{among:.1%}")


def main() -> None:
    """Measure and print; paths given are measured beside the shared corpus."""
    console = Console(width=110)
    table = Table("seeds", "asked for with", "items", "first", f"among the first {FIRST}")
    for folder in (SHARED / "corpus", *map(Path, sys.argv[1:])):
        if folder.is_dir():
            asyncio.run(measure(folder, table))
        else:
            console.print(f"{folder} is not there: not measured")
    console.print(table)


if __name__ == "__main__":
    main()
