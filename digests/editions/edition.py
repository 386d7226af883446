"""Stories to Edition: what a digest of one topic holds at one issue time, and why. Pure."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from pydantic import TypeAdapter

from digests.dates import JUST_BEFORE, end_of
from digests.stories.coverage import Coverage, cover, existing
from storage.models import Article, Shown, Story

DEFAULT_STORIES = 5
MAX_STORIES = 10
HIGHEST_MIN_QUALITY = 1_000
LATE_NEWS = timedelta(days=3)
CATCH_UP = timedelta(days=7)  # what a digest that couldn't be posted, or was paused, makes up for
UPDATE_GAIN = 10


class Verdict(StrEnum):
    """Why a candidate is in an edition or not."""

    CHOSEN = "chosen"
    BELOW_CUT = "below the cut"
    BELOW_MIN_QUALITY = "below minimum quality"
    MUTED = "outlet muted"
    ALREADY_SHOWN = "already shown"
    WITHDRAWN = "withdrawn"
    OUTSIDE_WINDOW = "outside the window"


OVERRULED_BY_MEMORY = frozenset({Verdict.CHOSEN, Verdict.BELOW_MIN_QUALITY})  # what memory may still rule out


@dataclass(frozen=True, slots=True)
class Window:
    """The time an edition is about: after `since`, up to and including `until`, the issue time."""

    since: datetime
    until: datetime

    @classmethod
    def ending(cls, when: date | datetime, days: int = 1) -> "Window":
        """Return the window of `days` whole UTC days up to a date, or times 24 hours up to a moment."""
        until = end_of(when)
        return cls(until - timedelta(days=days), until)

    @classmethod
    def following(cls, covered_to: datetime, previous: datetime, until: datetime) -> "Window":
        """Return the window of a digest's edition at `until`, whose scheduled issue before was at `previous`.

        It begins at `covered_to`, where the last edition's window ended. If that is more than CATCH_UP
        before `previous`, or in the future because a clock was wrong, the window is one interval: the time
        since `previous`, at most CATCH_UP. So no window is longer than 31 days.
        """
        if previous - CATCH_UP <= covered_to <= until:
            return cls(covered_to, until)
        return cls(max(previous, until - CATCH_UP), until)

    def by(self, now: datetime) -> "Window":
        """Return the window without what lies after `now`."""
        return self if self.until <= now else Window(min(self.since, now), now)

    @property
    def whole_days(self) -> tuple[date, date] | None:
        """The first and the last day of a window of whole UTC days, None for another.

        Of the last one only a part may have passed.
        """
        first = self.since + JUST_BEFORE  # as `ending` makes them
        return (first.date(), self.until.date()) if first.time() == time() else None

    def holds(self, moment: datetime) -> bool:
        """Say whether `moment` lies in the window."""
        return self.since < moment <= self.until


@dataclass(frozen=True, slots=True)
class EditionOptions:
    """What a reader asked of editions; `muted` are outlets' domains."""

    limit: int = DEFAULT_STORIES
    min_quality: int = 0
    muted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story as it stands at the issue time; `article_ids` are those of all its articles."""

    coverage: Coverage
    verdict: Verdict
    article_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict on one candidate, with the quality of its best article and its heat."""

    story_id: int
    title: str
    verdict: Verdict
    quality: int
    heat: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A story in an edition; an update was shown before, with a pick not nearly as good."""

    coverage: Coverage
    is_update: bool


@dataclass(frozen=True, slots=True)
class Edition:
    """The chosen stories, most important first, and the rulings on all candidates, chosen ones first."""

    topic: str
    window: Window
    choices: tuple[Choice, ...]
    rulings: tuple[Ruling, ...]

    def to_json(self) -> str:
        """Return the edition as it is stored."""
        return _JSON.dump_json(self).decode()

    @staticmethod
    def from_json(stored: str) -> "Edition":
        """Return the edition that was stored; raises ValueError where that is none."""
        return _JSON.validate_json(stored)

    def with_taken_back(self, story_ids: Container[int]) -> "Edition":
        """Return the edition as it reads when stories, given by id, were withdrawn since."""
        rulings = (
            replace(ruling, verdict=Verdict.WITHDRAWN) if ruling.story_id in story_ids else ruling
            for ruling in self.rulings
        )
        return replace(self, rulings=tuple(rulings))

    def without(self, gone: Mapping[int, Verdict]) -> "Edition":
        """Return the edition without some articles, given by id; if one is the pick, its story goes with it.

        Each has the verdict of the story that goes with it.
        """
        left = tuple(
            replace(choice, coverage=choice.coverage.without(gone))
            for choice in self.choices
            if choice.coverage.pick.id not in gone
        )
        picks = {choice.coverage.story_id: choice.coverage.pick.id for choice in self.choices}
        rulings = (
            replace(ruling, verdict=gone.get(picks[ruling.story_id], ruling.verdict))
            if ruling.verdict is Verdict.CHOSEN and ruling.story_id in picks
            else ruling
            for ruling in self.rulings
        )
        return replace(self, choices=left, rulings=tuple(sorted(rulings, key=_chosen_first)))


_JSON = TypeAdapter(Edition)


def build_edition(
    topic: str,
    stories: Iterable[Story],
    window: Window,
    options: EditionOptions,
    shown: Sequence[Shown] = (),
) -> Edition:
    """Choose what the digest of `topic` holds for `window`, out of the stories that carry the topic.

    `shown` is the subscription's memory. The outcome doesn't depend on the order of `stories`.
    """
    return choose(topic, window, options, judge(stories, window, options), shown)


def judge(stories: Iterable[Story], window: Window, options: EditionOptions) -> tuple[Candidate, ...]:
    """Return the stories that exist at the issue time, most important first, each with a verdict.

    The verdicts leave out memory and cut, so they hold for every subscription with these options.
    """
    found = (_candidate(story, window, options) for story in stories)
    return tuple(sorted((candidate for candidate in found if candidate), key=_prominence))


def choose(
    topic: str,
    window: Window,
    options: EditionOptions,
    candidates: Iterable[Candidate],
    shown: Sequence[Shown] = (),
) -> Edition:
    """Return the edition that one subscription's memory and the cut leave of judged candidates."""
    choices: list[Choice] = []
    rulings: list[Ruling] = []
    for candidate in candidates:
        coverage, verdict = candidate.coverage, candidate.verdict
        before = _quality_shown(candidate, shown)
        if (
            before is not None
            and verdict in OVERRULED_BY_MEMORY
            and coverage.pick.quality < before + UPDATE_GAIN
        ):
            verdict = Verdict.ALREADY_SHOWN
        elif verdict is Verdict.CHOSEN and len(choices) >= options.limit:
            verdict = Verdict.BELOW_CUT
        if verdict is Verdict.CHOSEN:
            choices.append(Choice(coverage, is_update=before is not None))
        rulings.append(
            Ruling(coverage.story_id, coverage.pick.title, verdict, coverage.pick.quality, coverage.heat)
        )
    rulings.sort(key=_chosen_first)
    return Edition(topic, window, tuple(choices), tuple(rulings))


def _chosen_first(ruling: Ruling) -> bool:
    return ruling.verdict is not Verdict.CHOSEN


def _candidate(story: Story, window: Window, options: EditionOptions) -> Candidate | None:
    ids = frozenset(article.id for article in story.articles)
    if coverage := cover(story, window.until, options.muted):
        return Candidate(coverage, _judge(coverage.pick, window, options), ids)
    if coverage := cover(story, window.until):
        return Candidate(coverage, Verdict.MUTED, ids)
    withdrawn = existing(story.articles, window.until)
    revived = Story(story.id, tuple(replace(article, removed=False) for article in withdrawn))
    coverage = cover(revived, window.until)
    return Candidate(coverage, Verdict.WITHDRAWN, ids) if coverage else None


def _judge(pick: Article, window: Window, options: EditionOptions) -> Verdict:
    if not _is_news(pick, window):
        return Verdict.OUTSIDE_WINDOW
    return Verdict.BELOW_MIN_QUALITY if pick.quality < options.min_quality else Verdict.CHOSEN


def _is_news(pick: Article, window: Window) -> bool:
    """Published in the window; or a little before it, and heard of only within it."""
    if window.holds(pick.published_at):
        return True
    return window.since - LATE_NEWS <= pick.published_at <= window.since and window.holds(pick.known_at)


def _quality_shown(candidate: Candidate, shown: Sequence[Shown]) -> int | None:
    """Return how good the story's pick was when it was last shown.

    An article counts as well as the story's id: where a story splits, its parts have been seen.
    """
    return max(
        (
            memory.quality
            for memory in shown
            if memory.story_id == candidate.coverage.story_id or memory.article_id in candidate.article_ids
        ),
        default=None,
    )


def _prominence(candidate: Candidate) -> tuple[float, ...]:
    coverage = candidate.coverage
    published = coverage.pick.published_at.timestamp()
    return (-coverage.heat, -coverage.pick.quality, -published, coverage.story_id)
