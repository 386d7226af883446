"""Which topics an article is about: those whose name or keyword stands in its title."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from digests.text import slugify
from storage.models import Topic
from storage.search.words import read, writings

MAX_WORDS = 8  # of a keyword; longer ones are no words to look for


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """A topic, by name, and the keyword of it that was found."""

    topic: str
    keyword: str


class TopicMatcher:
    """Finds topics in titles: whole words, whatever their case and accents."""

    def __init__(self, topics: Iterable[Topic], in_excerpts: Iterable[str] = ()) -> None:
        """`in_excerpts` are the slugs of topics that are looked for in excerpts as well."""
        known = list(topics)
        self._parents = _parents(known)
        self._in_excerpts = {topic.name for topic in known if topic.slug in set(in_excerpts)}
        self._phrases: defaultdict[str, list[tuple[tuple[str, ...], TopicMatch]]] = defaultdict(list)
        for topic in known:
            for keyword in dict.fromkeys((topic.name, *topic.names)):
                self._add(keyword, TopicMatch(topic.name, keyword))

    def matches(self, title: str, excerpt: str = "") -> list[TopicMatch]:
        """Return the topics found, each once, with the first of its keywords."""
        found: dict[str, TopicMatch] = {}
        for match in self._found_in(title):
            found.setdefault(match.topic, match)
        if self._in_excerpts:
            for match in self._found_in(excerpt):
                if match.topic in self._in_excerpts:
                    found.setdefault(match.topic, match)
        return list(found.values())

    def topics_of(self, title: str, excerpt: str = "", given: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the names of an article's topics: those given, those found, and the parents of each."""
        names = [*given, *(match.topic for match in self.matches(title, excerpt))]
        found: dict[str, str] = {}
        for name in names:
            for each in (name, *self._above(name)):
                found.setdefault(slugify(each), each)
        return tuple(found.values())

    def _add(self, keyword: str, match: TopicMatch) -> None:
        for writing in sorted(writings(keyword.removeprefix("#"))):
            words = tuple(writing.split()[:MAX_WORDS])
            self._phrases[words[0]].append((words, match))

    def _found_in(self, text: str) -> Iterator[TopicMatch]:
        written, also = read(text)
        # What a word joined by a sign is without it stands alone, so that the end of one is no beginning.
        words = (*written.split(), *(each for other in also.split() for each in ("", other)))
        for place, word in enumerate(words):
            for phrase, match in self._phrases.get(word, ()):
                if words[place : place + len(phrase)] == phrase:
                    yield match

    def _above(self, name: str) -> Iterator[str]:
        """Yield the topics that one is part of, and those that they are part of."""
        passed = {slugify(name)}
        while (parent := self._parents.get(slugify(name))) and slugify(parent) not in passed:
            yield parent
            passed.add(slugify(parent))
            name = parent


def _parents(topics: Iterable[Topic]) -> Mapping[str, str]:
    """Return the name of each topic's parent, by the topic's slug."""
    known = {slug: topic for topic in topics for slug in (topic.slug, slugify(topic.name))}
    found = {}
    for slug, topic in known.items():
        if topic.parent:
            parent = known.get(slugify(topic.parent))
            found[slug] = parent.name if parent else topic.parent
    return found
