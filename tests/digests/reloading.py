"""What tests of reloads write into a folder, and what they ask of the database after it."""

from pathlib import Path

from digests.seeds.reload import Report
from storage import stories
from storage.engine import Database
from storage.models import Article, Story
from tests.build import HOST, mention_text, seed_text

Partition = set[frozenset[str]]


def url(name: str) -> str:
    return f"{HOST}/{name}"


def tied(name: str, *others: str) -> str:
    """Return a seed of one article with others as its related coverage."""
    return seed_text(url(name), related=[mention_text(url(other)) for other in others])


def move(path: Path, name: str) -> None:
    path.rename(path.with_name(name))


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged


def totals(report: Report) -> tuple[int, int, int]:
    return report.records, report.stories, report.articles


async def all_stories(database: Database) -> list[Story]:
    async with database.reading() as connection:
        return await connection.run(stories.stories, range(1, 400))


async def articles(database: Database) -> dict[str, Article]:
    return {each.url: each for story in await all_stories(database) for each in story.articles}


async def partition(database: Database) -> Partition:
    return {frozenset(each.url for each in story.articles) for story in await all_stories(database)}


async def story_of(database: Database, name: str) -> int:
    return (await articles(database))[url(name)].story_id


async def resolve(database: Database, story_id: int) -> int | None:
    async with database.reading() as connection:
        found = await connection.run(stories.story, story_id)
    return found.id if found else None
