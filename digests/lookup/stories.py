"""Lookups: stories by id, age, heat or outlet.

What is published after `now` doesn't exist yet: clocks and feeds do err.
"""

from dataclasses import dataclass
from datetime import datetime

from digests.errors import NoStoryMatchesError, StoryNotFoundError
from digests.lookup.providers import Source
from digests.lookup.results import Results, as_of, read_results
from digests.lookup.search import search_stories
from digests.stories.coverage import Coverage, existing, may_be_shown, rank
from digests.stories.duplicates import fold_copies
from storage import stories, topics
from storage.models import Article, Story, Topic
from storage.search import index
from storage.search.index import Filters
from storage.sqlite.database import Reader

MAX_ID_DIGITS = 18  # SQLite's integers end soon after


@dataclass(frozen=True, slots=True)
class StoryCard:
    """All there is to say of one story.

    `folded` is its coverage, best first, each article with its copies in other outlets; `coverage` is None
    where everything was withdrawn.
    """

    story: Story
    coverage: Coverage | None
    folded: tuple[tuple[Article, ...], ...]
    topics: tuple[Topic, ...]


def find_story(reader: Reader, text: str, now: datetime) -> int:
    """Return the id of the story that `text` names by its number, such as #12, or by its words.

    Raises StoryNotFoundError or NoStoryMatchesError.
    """
    number = text.strip().removeprefix("#")
    if number.isdecimal() and len(number) <= MAX_ID_DIGITS:
        story = stories.story(reader, int(number))
        if story is not None:
            return story.id
    if number.isdecimal() and "#" in text:
        raise StoryNotFoundError(number)
    results = search_stories(reader, text, Filters(), now, 1)
    if not results.stories:
        raise NoStoryMatchesError(text)
    return results.stories[0].coverage.story_id


def latest_stories(
    reader: Reader, topic: Topic | None, now: datetime, limit: int, offset: int = 0
) -> Results:
    """Return the stories with the newest articles, of one topic or of all."""
    total, found = stories.latest(reader, topic.id if topic else None, now, limit, offset)
    return Results(total, read_results(reader, dict.fromkeys(found), now))


def top_stories(
    reader: Reader,
    topic: Topic | None,
    since: datetime | None,
    now: datetime,
    limit: int,
    offset: int = 0,
) -> Results:
    """Return the stories with most heat, of one topic or of all, of those with an article since then."""
    topic_id = topic.id if topic else None
    total, found = stories.top(reader, topic_id, since, now, limit, offset)
    return Results(total, read_results(reader, dict.fromkeys(found), now))


def stories_from(reader: Reader, source: Source, now: datetime, limit: int, offset: int = 0) -> Results:
    """Return the stories that an outlet has an article of, its newest article's first."""
    found = index.from_outlets(reader, source.outlets, now, limit, offset)
    return Results(found.total, read_results(reader, {match.story_id: match for match in found.matches}, now))


def story_card(reader: Reader, story_id: int, now: datetime) -> StoryCard:
    """Return all there is to say of a story; raises StoryNotFoundError."""
    story = stories.story(reader, story_id)
    if story is None:
        raise StoryNotFoundError(str(story_id))
    ranked = rank(article for article in existing(story.articles, now) if may_be_shown(article))
    return StoryCard(
        story=story,
        coverage=as_of(story, now),
        folded=tuple(map(tuple, fold_copies(ranked))),
        topics=tuple(topics.topics_of_story(reader, story.id)),
    )
