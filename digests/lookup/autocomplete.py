"""What to offer while somebody types the title of a story: quick enough for every keystroke."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from digests.lookup import ranking
from digests.lookup.links import linked_story
from digests.lookup.query import Query, Typed, parse
from digests.lookup.stems import MIN_OPEN, expand
from storage import stories
from storage.engine import ReadConnection
from storage.models import Headline
from storage.search import index
from storage.search.letters import is_unspaced
from storage.search.terms import Term
from storage.search.words import indexed

NEWEST_STORIES = 500  # stories among which one or two letters are looked for
TITLE_BATCH = 100  # of them whose titles are read: mostly the first have enough


def complete_stories(reader: ReadConnection, text: str, now: datetime, limit: int) -> list[Headline]:
    """Return the stories that somebody may mean who has typed `text`, the newest ones for nothing."""
    if (linked := linked_story(reader, text)) is not None:
        return stories.headlines(reader, [linked], now)
    query = parse(text)
    if not query.wanted:
        return stories.headlines(reader, stories.newest(reader, now, limit), now)
    *others, last = query.wanted
    begun = _may_be_anything(last)
    if begun and not others:
        found = _titled(reader, query, query.wanted, now, limit)
        beginning = _beginning_with(reader, last.text, now, limit)
        return list({each.story_id: each for each in [*found, *beginning]}.values())[:limit]
    # What one or two letters begin may be anything: they order what is found, no more.
    wanted = tuple(others) if begun else query.wanted
    return _titled(reader, replace(query, wanted=wanted), query.wanted, now, limit)


def _may_be_anything(last: Typed) -> bool:
    """Say whether what was typed last is too short to tell much by what it begins."""
    return last.open and len(last.text) < MIN_OPEN and last.text.isalnum() and not is_unspaced(last.text)


def _titled(
    reader: ReadConnection, query: Query, typed: Sequence[Typed], now: datetime, limit: int
) -> list[Headline]:
    """Return stories with the words of `query` in a title or outlet, ordered by how well they fit `typed`."""
    terms = expand(reader, query)
    found = index.search_titles(reader, terms, now, limit)
    rest = [Term(each.text, open=each.open) for each in typed[len(terms.wanted) :]]
    ranked = ranking.order([*terms.wanted, *rest], found)
    return stories.headlines(reader, [match.story_id for match in ranked], now)


def _beginning_with(reader: ReadConnection, letters: str, now: datetime, limit: int) -> list[Headline]:
    """Return the newest stories whose titles or outlets have a word that begins with `letters`."""
    ids = stories.newest(reader, now, NEWEST_STORIES)
    found: list[Headline] = []
    for start in range(0, len(ids), TITLE_BATCH):
        titled = stories.headlines(reader, ids[start : start + TITLE_BATCH], now)
        found += [
            each for each in titled if f" {letters}" in f" {indexed(each.title)} {indexed(each.outlet)}"
        ]
        if len(found) >= limit:
            break
    return found
