"""Which of a place's digests of the same minute gets a story that several would choose. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product

from digests.editions.candidates import Candidate, Verdict
from digests.editions.edition import is_better, last_shown
from digests.editions.issue import Issue
from digests.editions.sections import take
from storage.models import Shown


@dataclass(frozen=True, slots=True)
class Rival:
    """A digest of a place: its issue, and what the place was shown of that before."""

    issue: Issue
    shown: frozenset[Shown]

    @property
    def wanted(self) -> list[Candidate]:
        """What it would choose, most important first, if there were no cut and no other digest."""
        chosen = [each for each in self.issue.candidates if each.verdict is Verdict.CHOSEN]
        before = [last_shown(each, self.shown) for each in chosen]
        return [each for each, was in zip(chosen, before, strict=True) if was is None or is_better(each, was)]


def share(rivals: Sequence[Rival]) -> list[frozenset[Shown]]:
    """Return for each of a place's digests, the oldest first, what the others are to show of its stories.

    A story that several would choose goes where it ranks higher; at equal rank to the oldest digest. What a
    digest loses makes room for its next story.
    """
    standings = [dict(enumerate(rival.wanted)) for rival in rivals]
    while True:
        taken = [
            [(rank, standing[rank]) for rank in take(standing, rival.issue.options.limit)]
            for rival, standing in zip(rivals, standings, strict=True)
        ]
        if not (beaten := _beaten(taken)):
            break
        for number, rank in beaten:
            del standings[number][rank]
    shows = [
        [(rival.issue.name_of(candidate), candidate) for _, candidate in chosen]
        for rival, chosen in zip(rivals, taken, strict=True)
    ]
    return [
        _shown_by_others(rival, [each for other, each in enumerate(shows) if other != number])
        for number, rival in enumerate(rivals)
    ]


def _beaten(taken: Sequence[Sequence[tuple[int, Candidate]]]) -> set[tuple[int, int]]:
    """Return which digest loses what it took, by its number and the story's rank there, to another one."""
    beaten = set()
    for (one, ours), (other, theirs) in combinations(enumerate(taken), 2):
        for (rank, mine), (other_rank, yours) in product(ours, theirs):
            if not mine.article_ids.isdisjoint(yours.article_ids):
                beaten.add((other, other_rank) if rank <= other_rank else (one, rank))
    return beaten


def _shown_by_others(rival: Rival, shows: Iterable[Sequence[tuple[str, Candidate]]]) -> frozenset[Shown]:
    """Return what other digests are to show of a digest's own stories, none of which it has better."""
    return frozenset(
        Shown(mine.article_ids, theirs.coverage.pick.id, mine.coverage.pick.quality, topic)
        for topic, theirs in chain.from_iterable(shows)
        for mine in rival.wanted
        if not mine.article_ids.isdisjoint(theirs.article_ids)
    )
