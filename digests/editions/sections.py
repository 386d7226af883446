"""Sections: which of a digest's topics a story stands under, and which stories are taken. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from digests.editions.candidates import Candidate, Verdict


def place(candidates: Iterable[Candidate], topic_ids: Sequence[int]) -> tuple[Candidate, ...]:
    """Return candidates, most important first, each in the section of the topic where it ranks highest.

    At equal ranks it is the topic that the digest names first. Memory doesn't matter here, so it holds for
    every subscription to these topics.
    """
    ranks: Counter[int] = Counter()
    placed = []
    for candidate in candidates:
        mine = [topic_id for topic_id in topic_ids if topic_id in candidate.topic_ids]
        placed.append(replace(candidate, section=min(mine, key=lambda each: ranks[each], default=None)))
        if candidate.verdict is Verdict.CHOSEN:
            ranks.update(mine)
    return tuple(placed)


def take(wanted: Mapping[int, Candidate], limit: int) -> list[int]:
    """Return the ranks of those of the `wanted` candidates, given by rank, that are taken, in that order.

    The best of each section comes before all others, so that no topic hides another.
    """
    leads = {candidate.section: rank for rank, candidate in sorted(wanted.items(), reverse=True)}
    first = set(leads.values())
    return sorted(wanted, key=lambda rank: (rank not in first, rank))[:limit]
