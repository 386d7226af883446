"""Stories to Edition: what a digest holds at one issue time, and why. Pure."""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from digests.editions.candidates import Candidate, EditionOptions, Verdict
from digests.editions.sections import take
from digests.editions.window import Window
from digests.stories.coverage import Coverage
from storage.models import Shown, Subject

if TYPE_CHECKING:
    from pydantic import TypeAdapter

UPDATE_GAIN = 10
OVERRULED_BY_MEMORY = frozenset({Verdict.CHOSEN, Verdict.BELOW_MIN_QUALITY})  # what memory may still rule out


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict on one candidate, with the quality of its best article and its heat.

    `shown_in` names the topic whose digest has shown it already. `pick_id` is the best article's, None in
    editions of earlier versions, and `estimated` says that its quality is.
    """

    story_id: int
    title: str
    verdict: Verdict
    quality: int
    heat: int
    shown_in: str | None = None
    pick_id: int | None = None
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How many of an edition's stories were in another topic's digest of the same place."""

    topic: str
    stories: int


@dataclass(frozen=True, slots=True)
class Section:
    """The topic that some of an edition's stories stand under."""

    topic_id: int | None
    name: str


FOLLOWED = Section(None, "")  # stands over the stories that a person follows; it has no name of its own


@dataclass(frozen=True, slots=True)
class Choice:
    """A chapter in an edition; an update was shown before, with a pick not nearly as good.

    `article_ids` are those that count as shown with it: of the chapter, and of what is folded into it. A
    search has no sections.
    """

    coverage: Coverage
    is_update: bool
    article_ids: frozenset[int] = frozenset()
    section: Section | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """The choices by section, most important first, and the rulings on all candidates, chosen ones first.

    `topic` is what the digest is called; `elsewhere` are the digests of the place that have shown stories
    which would be in this one.
    """

    topic: str
    window: Window
    choices: tuple[Choice, ...]
    rulings: tuple[Ruling, ...]
    elsewhere: tuple[Elsewhere, ...] = ()
    weekly: bool = False

    @property
    def sections(self) -> list[tuple[str, tuple[Choice, ...]]]:
        """The choices by section, each with its topic's name; that is "" where all are of one topic."""
        grouped = groupby(self.choices, key=lambda choice: choice.section)
        return [
            (section.name if section and section.name != self.topic else "", tuple(choices))
            for section, choices in grouped
        ]

    def with_followed(self, choices: Iterable[Choice]) -> "Edition":
        """Return the edition with what is new of stories that a person follows below its own."""
        added = tuple(choices)
        told = {choice.coverage.story_id for choice in added}
        others = [
            ruling
            for ruling in self.rulings
            if ruling.verdict is not Verdict.ALREADY_SHOWN or ruling.story_id not in told
        ]
        rulings = [*others, *(_chosen(choice.coverage) for choice in added)]
        return replace(
            self, choices=(*self.choices, *added), rulings=tuple(sorted(rulings, key=_chosen_first))
        )

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


def choose(
    subject: Subject,
    window: Window,
    options: EditionOptions,
    candidates: Iterable[Candidate],
    shown: Collection[Shown] = (),
) -> Edition:
    """Return the edition that a place's memory and the cut leave of judged candidates."""
    judged = [_remembered(candidate, shown) for candidate in candidates]
    wanted = {rank: each.candidate for rank, each in enumerate(judged) if each.verdict is Verdict.CHOSEN}
    order = {topic_id: number for number, topic_id in enumerate(subject.topic_ids)}
    names = {topic.id: topic.name for topic in subject.topics}
    taken = sorted(
        take(wanted, options.limit), key=lambda rank: (order.get(wanted[rank].section or 0, 0), rank)
    )
    choices = [judged[rank].choice(names) for rank in taken]
    below = dict.fromkeys(wanted.keys() - set(taken), Verdict.BELOW_CUT)
    others = [rank for rank in range(len(judged)) if rank not in set(taken)]
    rulings = [judged[rank].ruling(below.get(rank)) for rank in (*taken, *others)]
    return Edition(
        subject.name, window, tuple(choices), tuple(rulings), _elsewhere(judged, subject), options.weekly
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """A candidate with the verdict that a place's memory leaves it, and what has shown it there."""

    candidate: Candidate
    verdict: Verdict
    before: Shown | None

    def choice(self, names: Mapping[int, str]) -> Choice:
        """Return it as part of an edition whose topics have these names, by id."""
        candidate, section = self.candidate, self.candidate.section
        under = Section(section, names[section]) if section is not None else None
        return Choice(candidate.coverage, self.before is not None, candidate.article_ids, under)

    def ruling(self, overruled: Verdict | None) -> Ruling:
        """Return the verdict on it, or another one."""
        coverage, pick, verdict = self.candidate.coverage, self.candidate.coverage.pick, self.verdict
        shown_in = self.before.topic if self.before and verdict is Verdict.ALREADY_SHOWN else None
        return Ruling(
            coverage.story_id,
            pick.title,
            overruled or verdict,
            pick.quality,
            coverage.heat,
            shown_in,
            pick.id,
            pick.estimated,
        )


def _remembered(candidate: Candidate, shown: Collection[Shown]) -> _Judged:
    before = last_shown(candidate, shown)
    is_known = before and candidate.verdict in OVERRULED_BY_MEMORY and not is_better(candidate, before)
    return _Judged(candidate, Verdict.ALREADY_SHOWN if is_known else candidate.verdict, before)


def _elsewhere(judged: Iterable[_Judged], subject: Subject) -> tuple[Elsewhere, ...]:
    """Return the place's other digests that have shown what would have been in this one."""
    own = {*subject.names, FOLLOWED.name}
    missed = [each.before.topic for each in judged if each.before and _was_wanted(each)]
    counted = Counter(name for name in missed if name not in own)
    return tuple(Elsewhere(name, stories) for name, stories in sorted(counted.items()))


def _was_wanted(judged: _Judged) -> bool:
    return judged.candidate.verdict is Verdict.CHOSEN and judged.verdict is Verdict.ALREADY_SHOWN


def last_shown(candidate: Candidate, shown: Iterable[Shown]) -> Shown | None:
    """Return what has shown a candidate, by any of its articles, with the best pick; None if nothing has."""
    found = (each for each in shown if not each.article_ids.isdisjoint(candidate.article_ids))
    return max(found, key=lambda each: (each.quality, each.topic), default=None)


def is_better(candidate: Candidate, before: Shown) -> bool:
    """Say whether a candidate's pick is so much better than when it was shown that it comes again."""
    return candidate.coverage.pick.quality >= before.quality + UPDATE_GAIN


def _chosen(coverage: Coverage) -> Ruling:
    pick = coverage.pick
    return Ruling(coverage.story_id, pick.title, Verdict.CHOSEN, pick.quality, coverage.heat)


def _chosen_first(ruling: Ruling) -> bool:
    return ruling.verdict is not Verdict.CHOSEN
