"""What an edition tells of its stories: an excerpt that says nothing of its article is left out."""

from collections.abc import Iterable
from dataclasses import replace

from digests.editions.candidates import Candidate, Verdict
from digests.stories.boilerplate import MAX_TITLES, says_nothing
from storage import stories
from storage.engine import ReadConnection


def without_boilerplate(reader: ReadConnection, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return candidates, those that may be chosen without excerpts that say nothing of their article."""
    judged = tuple(candidates)
    picks = [each.coverage.pick for each in judged if each.verdict is Verdict.CHOSEN]
    empty = {pick.id for pick in picks if says_nothing(pick)}
    empty |= stories.repeated_excerpts(reader, [pick.id for pick in picks], MAX_TITLES)
    return tuple(_untold(each) if each.coverage.pick.id in empty else each for each in judged)


def _untold(candidate: Candidate) -> Candidate:
    pick = replace(candidate.coverage.pick, excerpt="")
    return replace(candidate, coverage=replace(candidate.coverage, pick=pick))
