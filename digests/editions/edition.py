"""Stories to Edition: what a digest of one topic holds at one issue time, and why. Pure."""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from digests.editions.candidates import Candidate, EditionOptions, Verdict, judge
from digests.editions.window import Window
from digests.stories.coverage import Coverage
from storage.models import Shown, Story

if TYPE_CHECKING:
    from pydantic import TypeAdapter

UPDATE_GAIN = 10
OVERRULED_BY_MEMORY = frozenset({Verdict.CHOSEN, Verdict.BELOW_MIN_QUALITY})  # what memory may still rule out


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict on one candidate, with the quality of its best article and its heat.

    `shown_in` names the topic whose digest has shown it already.
    """

    story_id: int
    title: str
    verdict: Verdict
    quality: int
    heat: int
    shown_in: str | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How many of an edition's stories were in another topic's digest of the same place."""

    topic: str
    stories: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A chapter in an edition; an update was shown before, with a pick not nearly as good.

    `article_ids` are those that count as shown with it: of the chapter, and of what is folded into it.
    """

    coverage: Coverage
    is_update: bool
    article_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Edition:
    """The choices, most important first, and the rulings on all candidates, chosen ones first.

    `elsewhere` are the digests of the place that have shown stories which would be in this one.
    """

    topic: str
    window: Window
    choices: tuple[Choice, ...]
    rulings: tuple[Ruling, ...]
    elsewhere: tuple[Elsewhere, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to tell."""
        return not (self.choices or self.elsewhere)

    def to_json(self) -> str:
        """Return the edition as it is stored."""
        return stored_form().dump_json(self).decode()

    @staticmethod
    def from_json(stored: str) -> "Edition":
        """Return the edition that was stored; raises ValueError where that is none."""
        return stored_form().validate_json(stored)

    def with_taken_back(self, titles: Container[tuple[int, str]]) -> "Edition":
        """Return the edition as it reads when articles, given by story and title, were withdrawn since."""
        rulings = (
            replace(ruling, verdict=Verdict.WITHDRAWN)
            if (ruling.story_id, ruling.title) in titles
            else ruling
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
        picks = [choice.coverage.pick for choice in self.choices]
        verdicts = {(pick.story_id, pick.title): gone[pick.id] for pick in picks if pick.id in gone}
        rulings = (
            replace(ruling, verdict=verdicts.get((ruling.story_id, ruling.title), ruling.verdict))
            if ruling.verdict is Verdict.CHOSEN
            else ruling
            for ruling in self.rulings
        )
        return replace(self, choices=left, rulings=tuple(sorted(rulings, key=_chosen_first)))


@cache
def stored_form() -> "TypeAdapter[Edition]":
    """Return what makes JSON of editions; the first time takes a moment, most of it to load pydantic."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - choosing needs none

    return TypeAdapter(Edition)


def build_edition(
    topic: str,
    stories: Iterable[Story],
    window: Window,
    options: EditionOptions,
    shown: Collection[Shown] = (),
) -> Edition:
    """Choose what the digest of `topic` holds for `window`, out of the stories that carry the topic.

    `shown` is the memory of the place that it goes to. The outcome doesn't depend on the order of `stories`.
    """
    return choose(topic, window, options, judge(stories, window, options), shown)


def choose(
    topic: str,
    window: Window,
    options: EditionOptions,
    candidates: Iterable[Candidate],
    shown: Collection[Shown] = (),
) -> Edition:
    """Return the edition that a place's memory and the cut leave of judged candidates."""
    choices: list[Choice] = []
    rulings: list[Ruling] = []
    elsewhere: Counter[str] = Counter()
    for candidate in candidates:
        coverage, verdict, before = candidate.coverage, candidate.verdict, last_shown(candidate, shown)
        if before and verdict in OVERRULED_BY_MEMORY and not is_better(candidate, before):
            elsewhere[before.topic] += verdict is Verdict.CHOSEN
            verdict = Verdict.ALREADY_SHOWN
        elif verdict is Verdict.CHOSEN and len(choices) == options.limit:
            verdict = Verdict.BELOW_CUT
        if verdict is Verdict.CHOSEN:
            choices.append(Choice(coverage, before is not None, candidate.article_ids))
        shown_in = before.topic if before and verdict is Verdict.ALREADY_SHOWN else None
        rulings.append(_ruling(coverage, verdict, shown_in))
    rulings.sort(key=_chosen_first)
    others = (Elsewhere(name, stories) for name, stories in sorted((+elsewhere).items()) if name != topic)
    return Edition(topic, window, tuple(choices), tuple(rulings), tuple(others))


def last_shown(candidate: Candidate, shown: Iterable[Shown]) -> Shown | None:
    """Return what has shown a candidate, by any of its articles, with the best pick; None if nothing has."""
    found = (each for each in shown if not each.article_ids.isdisjoint(candidate.article_ids))
    return max(found, key=lambda each: (each.quality, each.topic), default=None)


def is_better(candidate: Candidate, before: Shown) -> bool:
    """Say whether a candidate's pick is so much better than when it was shown that it comes again."""
    return candidate.coverage.pick.quality >= before.quality + UPDATE_GAIN


def _ruling(coverage: Coverage, verdict: Verdict, shown_in: str | None) -> Ruling:
    pick = coverage.pick
    return Ruling(coverage.story_id, pick.title, verdict, pick.quality, coverage.heat, shown_in)


def _chosen_first(ruling: Ruling) -> bool:
    return ruling.verdict is not Verdict.CHOSEN
