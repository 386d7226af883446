"""Stories to candidates: the chapters that an edition weighs, each with a verdict. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from digests.editions.limits import DEFAULT_STORIES
from digests.editions.window import LATE_NEWS, Window
from digests.stories.coverage import Chapter, Coverage, chapters, cover, fold_stories, pick_of
from storage.models import Article, Story


class Verdict(StrEnum):
    """Why a candidate is in an edition or not."""

    CHOSEN = "chosen"
    BELOW_CUT = "below the cut"
    BELOW_MIN_QUALITY = "below minimum quality"
    MUTED = "outlet muted"
    LEFT_OUT = "topic left out"
    ALREADY_SHOWN = "already shown"
    SAME_TEXT = "same text as another story"
    WITHDRAWN = "withdrawn"
    OUTSIDE_WINDOW = "outside the window"


@dataclass(frozen=True, slots=True)
class EditionOptions:
    """What a reader asked of editions; weekly ones look back a whole week.

    `muted` are outlets' domains, `without` the ids of topics to leave out.
    """

    limit: int = DEFAULT_STORIES
    min_quality: int = 0
    muted: frozenset[str] = frozenset()
    weekly: bool = False
    without: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chapter as it stands at the issue time.

    `article_ids` are those of all its articles, and of the chapters that are folded into it as copies;
    `topic_ids` are the digest's topics that it has, `section` is the one that it stands under.
    """

    coverage: Coverage
    verdict: Verdict
    article_ids: frozenset[int]
    topic_ids: frozenset[int] = frozenset()
    section: int | None = None


def judge(stories: Iterable[Story], window: Window, options: EditionOptions) -> tuple[Candidate, ...]:
    """Return the chapters that may be news at the issue time, most important first, each with a verdict.

    The verdicts leave out memory and cut, so they hold for every subscription with these options.
    """
    found = (
        _candidate(story, chapter, window, options)
        for story in stories
        for chapter in _within_reach(story, window)
    )
    return _fold(sorted((candidate for candidate in found if candidate), key=_prominence))


def _within_reach(story: Story, window: Window) -> list[Chapter]:
    """Return a story's newest chapter, and the others whose pick may be news in the window."""
    *others, newest = chapters(story, window.until) or [Chapter(story.id, ())]
    earliest = window.since - LATE_NEWS
    return [*(each for each in others if each.articles[-1].published_at >= earliest), newest]


def _candidate(story: Story, chapter: Chapter, window: Window, options: EditionOptions) -> Candidate | None:
    ids, topic_ids = chapter.article_ids, story.topic_ids
    if coverage := cover(chapter, window.until, options.muted):
        verdict = (
            Verdict.LEFT_OUT if story.left_out else _judge(story, chapter, coverage.pick, window, options)
        )
        return Candidate(coverage, verdict, ids, topic_ids)
    if coverage := cover(chapter, window.until):
        return Candidate(coverage, Verdict.MUTED, ids, topic_ids)
    revived = replace(
        chapter, articles=tuple(replace(article, removed=False) for article in chapter.articles)
    )
    coverage = cover(revived, window.until)
    return Candidate(coverage, Verdict.WITHDRAWN, ids, topic_ids) if coverage else None


def _judge(story: Story, chapter: Chapter, pick: Article, window: Window, options: EditionOptions) -> Verdict:
    if not (window.holds(pick.published_at) or _is_late(story, chapter, pick, window, options)):
        return Verdict.OUTSIDE_WINDOW
    return Verdict.BELOW_MIN_QUALITY if pick.quality < options.min_quality else Verdict.CHOSEN


def _is_late(story: Story, chapter: Chapter, pick: Article, window: Window, options: EditionOptions) -> bool:
    """Say whether a pick was published a little before the window, and became eligible only within it.

    That is: it became known, its chapter got the topic, or it was scored up, to be the pick or over the
    minimum quality. What was eligible before, and below the cut, doesn't come again.
    """
    if not window.since - LATE_NEWS <= pick.published_at <= window.since:
        return False
    tagged = _tagged_at(story, chapter)
    if window.holds(pick.known_at) or (tagged and window.holds(tagged)):
        return True
    before = pick.quality_at(window.since)
    if before >= pick.quality:
        return False
    best_before = pick_of(_as_scored_at(chapter, window.since), options.muted)
    return before < options.min_quality or best_before is None or best_before.id != pick.id


def _tagged_at(story: Story, chapter: Chapter) -> datetime | None:
    """Return when a chapter got the topic: by its own articles, or else by its story's."""
    own = [moment for article_id, moment in story.tagged.items() if article_id in chapter.article_ids]
    return min(own or story.tagged.values(), default=None)


def _as_scored_at(chapter: Chapter, moment: datetime) -> Chapter:
    """Return a chapter with the articles known at `moment`, as good as they were then."""
    known = (article for article in chapter.articles if article.known_at <= moment)
    return replace(
        chapter, articles=tuple(replace(article, quality=article.quality_at(moment)) for article in known)
    )


def _fold(candidates: list[Candidate]) -> tuple[Candidate, ...]:
    """Fold the candidates that tell a story in the same text into the first of them that may be chosen."""
    tellable = {
        candidate.coverage.pick.id: candidate
        for candidate in candidates
        if candidate.verdict not in {Verdict.MUTED, Verdict.LEFT_OUT, Verdict.WITHDRAWN}
    }
    folded: dict[int, Candidate] = {}
    for group in fold_stories([candidate.coverage for candidate in tellable.values()]):
        members = [tellable[coverage.pick.id] for coverage in group]
        first = next((each for each in members if each.verdict is Verdict.CHOSEN), None)
        if first is None or len(members) == 1:
            continue
        others = [each for each in members if each is not first]
        ids = frozenset().union(*(each.article_ids for each in members))
        topic_ids = frozenset().union(*(each.topic_ids for each in members))
        coverage = first.coverage.with_copies([each.coverage for each in others])
        folded[first.coverage.pick.id] = Candidate(coverage, Verdict.CHOSEN, ids, topic_ids)
        folded |= {
            each.coverage.pick.id: replace(each, verdict=Verdict.SAME_TEXT)
            for each in others
            if each.verdict is Verdict.CHOSEN
        }
    return tuple(folded.get(candidate.coverage.pick.id, candidate) for candidate in candidates)


def _prominence(candidate: Candidate) -> tuple[float, ...]:
    coverage = candidate.coverage
    heat = coverage.heat / 2 if coverage.follows else coverage.heat
    published = coverage.pick.published_at.timestamp()
    return (-heat, -coverage.pick.quality, -published, coverage.story_id, coverage.pick.id)
