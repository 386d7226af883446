"""What lists need of a story: its newest chapter, and what that goes on from. Pure."""

from collections.abc import Iterable

from digests.stories.coverage import chapters, followed_by, heat_of, may_be_shown, newest_shown
from storage.models import Story, Summary, to_epoch


def summarize(stories: Iterable[Story]) -> list[Summary]:
    """Return the summaries of stories, but of those of which nothing may be shown."""
    return [summary for story in stories if (summary := _summarize(story))]


def _summarize(story: Story) -> Summary | None:
    """Return a story's summary, as of its newest article."""
    times = [article.published_at for article in story.articles if may_be_shown(article)]
    found = newest_shown(chapters(story, max(times))) if times else None
    if found is None:
        return None
    chapter, pick = found
    shown = list(filter(may_be_shown, chapter.articles))
    followed = followed_by(chapter, pick)
    return Summary(
        story_id=story.id,
        articles=len(shown),
        pick_id=pick.id,
        first_at=to_epoch(min(times)),
        begun_at=to_epoch(chapter.articles[0].published_at),
        newest_at=to_epoch(max(times)),
        heat=heat_of(pick, shown, max(times)),
        followed_id=followed.id if followed else None,
    )
