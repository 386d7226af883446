"""Lookups: stories by id, age, heat or outlet.

What is published after `now` doesn't exist yet: clocks and feeds do err.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digests.errors import NoStoryMatchesError, StoryNotFoundError
from digests.lookup.links import linked_story
from digests.lookup.providers import ProviderMatch
from digests.lookup.reasons import Reason, reasons
from digests.lookup.results import Results, as_of, read_results
from digests.lookup.search import search_stories
from digests.stories.coverage import Coverage, chapters, may_be_shown, rank
from digests.stories.duplicates import fold_copies
from storage import stories, topics
from storage.engine import ReadConnection
from storage.models import Article, Page, Story, Topic
from storage.search import index
from storage.search.index import Filters

MAX_ID_DIGITS = 18  # SQLite's integers end soon after


@dataclass(frozen=True, slots=True)
class StoryCard:
    """All there is to say of one story.

    `chapters` are its coverage, the newest first, each best first, each article with its copies in other
    outlets. `coverage` is that of the newest chapter, None where everything was withdrawn. `reasons` say why
    each article is in it, by id, for those who may know.
    """

    story: Story
    coverage: Coverage | None
    chapters: tuple[tuple[tuple[Article, ...], ...], ...]
    topics: tuple[Topic, ...]
    reasons: Mapping[int, Reason] = field(default_factory=dict)


def find_story(reader: ReadConnection, text: str, now: datetime) -> int:
    """Return the id of the story that `text` names by its number, such as #12, by a link, or by its words.

    Raises StoryNotFoundError or NoStoryMatchesError.
    """
    number = text.strip().removeprefix("#")
    if number.isdecimal() and len(number) <= MAX_ID_DIGITS:
        story = stories.story(reader, int(number))
        if story is not None:
            return story.id
    if number.isdecimal() and "#" in text:
        raise StoryNotFoundError(number)
    if (linked := linked_story(reader, text)) is not None:
        return linked
    results = search_stories(reader, text, Filters(), Page(now, 1))
    if not results.stories:
        raise NoStoryMatchesError(text)
    return results.stories[0].coverage.story_id


def latest_stories(reader: ReadConnection, topic: Topic | None, page: Page) -> Results:
    """Return the stories with the newest articles, of one topic or of all."""
    total, found = stories.latest(reader, topic.id if topic else None, page)
    return Results(total, read_results(reader, dict.fromkeys(found), page.now))


def top_stories(reader: ReadConnection, topic: Topic | None, since: datetime | None, page: Page) -> Results:
    """Return the stories with most heat, of one topic or of all, of those with an article since then."""
    topic_id = topic.id if topic else None
    total, found = stories.top(reader, topic_id, since, page)
    return Results(total, read_results(reader, dict.fromkeys(found), page.now))


def stories_from(reader: ReadConnection, provider: ProviderMatch, page: Page) -> Results:
    """Return the stories that a provider has an article of, its newest article's first."""
    found = index.from_providers(reader, provider.providers, page)
    return Results(
        found.total, read_results(reader, {match.story_id: match for match in found.matches}, page.now)
    )


def story_card(reader: ReadConnection, story_id: int, now: datetime, *, why: bool = False) -> StoryCard:
    """Return all there is to say of a story, `why` for the reasons as well; raises StoryNotFoundError."""
    story = stories.story(reader, story_id)
    if story is None:
        raise StoryNotFoundError(str(story_id))
    ranked = (rank(filter(may_be_shown, chapter.articles)) for chapter in reversed(chapters(story, now)))
    return StoryCard(
        story=story,
        coverage=as_of(story, now),
        chapters=tuple(tuple(map(tuple, fold_copies(articles))) for articles in ranked if articles),
        topics=tuple(topics.topics_of_story(reader, story.id)),
        reasons=reasons(reader, story) if why else {},
    )
