"""Followed stories: what a person's next digest by DM says of them, besides what it is about."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from digests.editions.candidates import Candidate, Verdict
from digests.editions.edition import FOLLOWED, UPDATE_GAIN, Choice, is_better, last_shown
from digests.editions.limits import MAX_STORIES
from digests.errors import FollowLimitError, StoryNotFoundError
from digests.stories.coverage import Chapter, Coverage, chapters, cover
from storage import follows, memory, stories
from storage.engine import Connection, ReadConnection
from storage.follows import Follow
from storage.models import PlaceKind, Shown, Story, Subscription

FOLLOW_FOR = timedelta(days=30)  # after a story's last article
MAX_FOLLOWED = 50


async def follow_story(connection: Connection, user_id: int, story_id: int, now: datetime) -> Follow:
    """Let a person follow a story, in the open transaction; what it has by `now` is no news to them.

    Raises StoryNotFoundError if nothing of it can be shown, FollowLimitError if they follow enough.
    """
    found = await connection.run(_known, user_id, story_id, now)
    already = await connection.run(followed_by, user_id, now)
    if found.story_id not in already and len(already) >= MAX_FOLLOWED:
        raise FollowLimitError(MAX_FOLLOWED)
    await follows.add(connection, found)
    return found


def followed_by(reader: ReadConnection, user_id: int, now: datetime) -> dict[int, Follow]:
    """Return what a person follows, by the stories' ids, the last followed first."""
    return follows.of_people(reader, [user_id], now - FOLLOW_FOR).get(user_id, {})


def _known(reader: ReadConnection, user_id: int, story_id: int, now: datetime) -> Follow:
    story = stories.story(reader, story_id)
    newest = _newest(story, now) if story else None
    if story is None or newest is None:
        raise StoryNotFoundError(str(story_id))
    chapter, coverage = newest
    known_to = chapter.articles[-1].published_at
    return Follow(user_id, story.id, now, known_to, coverage.pick.quality, known_to)


def news_for(
    reader: ReadConnection, found: Iterable[Subscription], until: datetime
) -> dict[int, tuple[Choice, ...]]:
    """Return what editions at `until` say of followed stories, by the ids of the digests that say it.

    That is a new chapter, or an article UPDATE_GAIN better than the person has seen. Of a person's digests by
    DM the oldest says it; what was shown there already is left out.
    """
    mine: dict[int, Subscription] = {}
    for each in sorted(found, key=lambda each: each.id):
        if each.kind is PlaceKind.DM:
            mine.setdefault(each.created_by, each)
    followed = follows.of_people(reader, mine, until - FOLLOW_FOR)
    story_ids = {story_id for each in followed.values() for story_id in each}
    told = {story.id: story for story in stories.stories(reader, sorted(story_ids))}
    article_ids = {article.id for story in told.values() for article in story.articles}
    shown = memory.recall(reader, {mine[user_id].channel_id for user_id in followed}, article_ids)
    news = {}
    for user_id, theirs in followed.items():
        digest = mine[user_id]
        known = shown.get(digest.channel_id, frozenset())
        choices = [
            _news(follow, told[story_id], until, digest.options.muted, known)
            for story_id, follow in theirs.items()
            if story_id in told
        ]
        news[digest.id] = tuple(choice for choice in choices if choice)[:MAX_STORIES]
    return {digest_id: choices for digest_id, choices in news.items() if choices}


def told_by(news: Iterable[Choice]) -> frozenset[Shown]:
    """Return what these choices add to the memory of the place that they go to."""
    return frozenset(
        Shown(each.article_ids, each.coverage.pick.id, each.coverage.pick.quality, FOLLOWED.name)
        for each in news
    )


def _news(
    follow: Follow, story: Story, until: datetime, muted: frozenset[str], shown: frozenset[Shown]
) -> Choice | None:
    """Return what is new of a story for a person, None if nothing is."""
    newest = _newest(story, until, muted)
    if newest is None:
        return None
    chapter, coverage = newest
    candidate = Candidate(coverage, Verdict.CHOSEN, chapter.article_ids)
    before = last_shown(candidate, shown)
    goes_on = chapter.articles[0].published_at > follow.known_to
    if not goes_on and coverage.pick.quality < follow.quality + UPDATE_GAIN:
        return None
    if before and not is_better(candidate, before):
        return None
    return Choice(coverage, not goes_on or before is not None, chapter.article_ids, FOLLOWED)


def _newest(
    story: Story, until: datetime, muted: frozenset[str] = frozenset()
) -> tuple[Chapter, Coverage] | None:
    """Return a story's newest chapter by `until` and what may be shown of it, None if that is nothing."""
    found = chapters(story, until)
    coverage = cover(found[-1], until, muted) if found else None
    return (found[-1], coverage) if coverage else None
