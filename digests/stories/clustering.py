"""Which articles tell of one event: articles in as they come, each with its event and the reason out. Pure.

What is alike is said in the words that few others have, and is published at nearly the same time. An arriving
article is compared with those that share its rare words, however many there are; it joins one event or begins
its own, and never ties two together. docs/stories.md says what each step gains.
"""

from array import array
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, hypot, log
from operator import itemgetter, mul
from typing import NamedTuple

from digests.stories.bags import Bag

DAY = 86_400  # seconds
SILENCE = 7 * DAY  # after which a story takes no more
JOIN = 0.15  # what an article must have in common with an event to join it
NEARLY_SAME = 0.5  # of two outlets: a copy, or nearly; it joins whatever else the event holds
BEST = 0.7  # how much the most alike article of an event counts; the rest is the mean of all
FADE = 3 * DAY  # in which likeness falls to a third
RARENESS = 1.5  # the power that makes rare words count for more than TF-IDF lets them
UNSEEN = 200  # articles without any of the words, as if they had been seen: so few are known at first
LEAST = 2_000  # articles that are kept, however old: what is rare is told from no fewer
# What bounds the work for one article, however many there are.
WORDS = 16  # of its words by which others are found: those that weigh most
SHARED = 0.06  # of the weight of all its words, which those have to share that are compared with it
MOST_WITH_WORD = 64  # articles found by one word, the newest
COMPARED, MOST_COMPARED = 8, 32  # articles compared with it at a time, and at most
MOST_OF_EVENT = 20  # articles of an event that are compared with it, the newest

# How alike two of one outlet must be: a changelog's or a mill's articles resemble each other, a newspaper's
# don't unless they tell of one event. What is known of an outlet is weighed against the usual.
OWN_LEAST, OWN_FACTOR, OWN_MOST = 0.1, 7.0, 0.8
OWN_USUAL, OWN_WEIGHT = 0.07, 3


class Arrival(NamedTuple):
    """An article that comes: ids rise; `outlet` is any key of its domain, `at` in epoch seconds."""

    id: int
    outlet: int
    at: int
    bag: Bag


class Assignment(NamedTuple):
    """The event of an article, named by the id of the article that began it, and the reason.

    `like_id` is the article of the event that it is most like, None if it began the event; `likeness` is to
    that one, `own_likeness` to the likest of its outlet's articles that tell of another event: 0 to 1.
    `length` is that of what its words weighed when it came, which hardly changes.
    """

    id: int
    event_id: int
    like_id: int | None = None
    likeness: float = 0.0
    own_likeness: float = 0.0
    length: float = 1.0


@dataclass(slots=True)
class _Outlet:
    """How alike an outlet's articles are that tell of different events."""

    articles: int = 0
    likeness: float = 0.0

    @property
    def least(self) -> float:
        """How alike two of its articles must be to tell of one event."""
        usual = (OWN_USUAL * OWN_WEIGHT + self.likeness) / (OWN_WEIGHT + self.articles)
        return min(OWN_MOST, OWN_LEAST + OWN_FACTOR * usual)


class Vector(NamedTuple):
    """What an article's words weigh, what each adds to a likeness, and the length of the weights."""

    weights: dict[int, float]
    parts: dict[int, float]
    length: float


def similarity(one: Vector, other: Bag, length: float) -> float:
    """Return how alike two articles are, from 0 to 1: the cosine of what their words weigh.

    `length` is that of what the other's words weigh.
    """
    parts = one.parts
    common = [parts[word] * count for word, count in zip(*other, strict=True) if word in parts]
    return sum(common) / (one.length * length)


class _Link(NamedTuple):
    """How alike an arriving article and another one are."""

    other: Arrival
    likeness: float
    faded: float  # by the time between them


class _Rareness(dict[int, float]):
    """What each word says: the fewer of so many articles have it, the more."""

    def __init__(self, having: Mapping[int, "array[int]"], articles: int) -> None:
        self._having = having
        self._articles = articles + UNSEEN

    def __missing__(self, word: int) -> float:
        rareness: float = log(self._articles / len(self._having[word])) ** RARENESS
        self[word] = rareness
        return rareness


@dataclass(slots=True)
class Clusters:
    """The articles of the last days, by the words that they have."""

    _arrivals: dict[int, Arrival] = field(default_factory=dict)  # the lowest ids first
    _assignments: dict[int, Assignment] = field(default_factory=dict)
    _having: dict[int, "array[int]"] = field(default_factory=dict)  # articles by a word that they have
    _events: dict[int, list[int]] = field(default_factory=dict)
    _outlets: dict[int, _Outlet] = field(default_factory=dict)
    _newest: int = 0
    _last: Arrival | None = None
    _rareness: "_Rareness" = field(init=False)  # as long as no articles come or go

    def __len__(self) -> int:
        return len(self._arrivals)

    @property
    def last(self) -> Arrival | None:
        """The article with the highest id, None before the first."""
        return self._last

    def recall(self, known: Iterable[tuple[Arrival, Assignment]]) -> None:
        """Take in articles whose events are known, in the order of their ids."""
        for arrival, assignment in known:
            self._add(arrival)
            self._note(arrival, assignment)
        self._forget()

    def assign(self, arrivals: Sequence[Arrival]) -> list[Assignment]:
        """Return the event of each article that comes, in the order of time."""
        for arrival in arrivals:  # which words are rare is told from all of them
            self._add(arrival)
        self._rareness = _Rareness(self._having, len(self._arrivals))
        assignments = []
        for arrival in sorted(arrivals, key=lambda each: (each.at, each.id)):
            assignment = self._find(arrival)
            self._note(arrival, assignment)
            assignments.append(assignment)
        self._forget()
        return assignments

    def _add(self, arrival: Arrival) -> None:
        self._arrivals[arrival.id] = arrival
        self._newest = max(self._newest, arrival.at)
        if self._last is None or self._last.id < arrival.id:
            self._last = arrival
        for word in arrival.bag.words:
            if (having := self._having.get(word)) is None:
                self._having[word] = array("I", (arrival.id,))
            else:
                having.append(arrival.id)

    def _note(self, arrival: Arrival, assignment: Assignment) -> None:
        self._assignments[arrival.id] = assignment
        self._events.setdefault(assignment.event_id, []).append(arrival.id)
        outlet = self._outlets.setdefault(arrival.outlet, _Outlet())
        outlet.articles += 1
        outlet.likeness += assignment.own_likeness

    def _forget(self) -> None:
        """Forget the articles that are too old to be joined by what comes, but for the last LEAST."""
        while len(self._arrivals) > LEAST:
            first = next(iter(self._arrivals.values()))
            if first.at >= self._newest - SILENCE:
                break
            self._remove(first)

    def _remove(self, arrival: Arrival) -> None:
        del self._arrivals[arrival.id]
        assignment = self._assignments.pop(arrival.id)
        for word in arrival.bag.words:
            having = self._having[word]
            having.remove(arrival.id)  # the lowest id: it stands first
            if not having:
                del self._having[word]
        self._events[assignment.event_id].remove(arrival.id)
        if not self._events[assignment.event_id]:
            del self._events[assignment.event_id]
        outlet = self._outlets[arrival.outlet]
        outlet.articles -= 1
        outlet.likeness -= assignment.own_likeness
        if not outlet.articles:
            del self._outlets[arrival.outlet]

    def _find(self, arrival: Arrival) -> Assignment:
        """Return the event that an article joins, or begins."""
        links: dict[int, _Link] = {}
        vector = self._vector(arrival)
        candidates = self._candidates(vector)
        for start in range(0, len(candidates), COMPARED):
            found = list(self._links(arrival, vector, candidates[start : start + COMPARED]))
            links |= {link.other.id: link for link in found}
            if all(link.likeness < JOIN for link in found):
                break  # those that share still less are no more alike
        near = [link for link in links.values() if link.faded >= JOIN or link.likeness >= NEARLY_SAME]
        scores: dict[int, float] = {}
        for event in sorted({self._assignments[link.other.id].event_id for link in near}):
            newest = self._events[event][-MOST_OF_EVENT:]
            links |= {link.other.id: link for link in self._links(arrival, vector, newest, links)}
            scores[event] = self._score(arrival, [links[each] for each in newest if each in links])
        event = max(scores, key=lambda each: scores[each], default=arrival.id)
        if scores.get(event, 0.0) < JOIN:
            event = arrival.id
        members = set(self._events.get(event, ()))
        inside = (link for link in links.values() if link.other.id in members)
        outside = (link for link in links.values() if link.other.id not in members)
        best = max(inside, key=lambda link: link.likeness, default=None)
        own = (link.likeness for link in outside if link.other.outlet == arrival.outlet)
        return Assignment(
            arrival.id,
            event,
            best.other.id if best else None,
            round(best.likeness, 3) if best else 0.0,
            round(max(own, default=0.0), 3),
            vector.length,
        )

    def _candidates(self, vector: Vector) -> list[int]:
        """Return the articles that share most of what weighs most in one."""
        shared: defaultdict[int, float] = defaultdict(float)
        for word, weight in sorted(vector.weights.items(), key=itemgetter(1), reverse=True)[:WORDS]:
            square = weight * weight
            for other in self._having[word][-MOST_WITH_WORD:]:
                shared[other] += square
        least = SHARED * vector.length**2
        found = [
            (square, other)
            for other, square in shared.items()
            if square >= least and other in self._assignments
        ]
        return [other for _, other in sorted(found, reverse=True)[:MOST_COMPARED]]

    def _links(
        self, arrival: Arrival, vector: Vector, others: Iterable[int], known: Container[int] = ()
    ) -> Iterator[_Link]:
        """Yield how alike an article is to others, of those that are near in time and not `known`."""
        for other in (self._arrivals[each] for each in others if each not in known):
            apart = abs(arrival.at - other.at)
            if apart <= SILENCE:
                likeness = similarity(vector, other.bag, self._assignments[other.id].length)
                yield _Link(other, likeness, likeness * exp(-apart / FADE))

    def _score(self, arrival: Arrival, links: Sequence[_Link]) -> float:
        """Return what an article has in common with an event, 0 if it can't join it."""
        of_others = [link.likeness for link in links if link.other.outlet != arrival.outlet]
        if not of_others and max(link.likeness for link in links) < self._least_of(arrival.outlet):
            return 0.0
        faded = [link.faded for link in links]
        score = BEST * max(faded) + (1 - BEST) * sum(faded) / len(faded)
        copied = max(of_others, default=0.0)
        return max(score, copied) if copied >= NEARLY_SAME else score

    def _least_of(self, outlet: int) -> float:
        return self._outlets.get(outlet, _Outlet()).least

    def _vector(self, arrival: Arrival) -> Vector:
        words, counts = arrival.bag
        rareness = list(map(self._rareness.__getitem__, words))
        weights = dict(zip(words, map(mul, counts, rareness), strict=True))
        parts = dict(zip(words, map(mul, weights.values(), rareness), strict=True))
        return Vector(weights, parts, hypot(*weights.values()) or 1.0)
