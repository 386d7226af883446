"""Searches: stories by the words of any of their articles, whatever is typed.

What is published after `now` doesn't exist yet: clocks and feeds do err.
"""

from dataclasses import replace

from digests.errors import EmptyRangeError
from digests.lookup import ranking
from digests.lookup.links import is_link, linked_story
from digests.lookup.query import Query, parse
from digests.lookup.results import Results, read_results
from digests.lookup.spelling import correct
from digests.lookup.stems import MIN_OPEN, expand
from storage.engine import ReadConnection
from storage.models import Order, Page
from storage.search import index
from storage.search.index import Filters

STRETCH = 20  # stories whose texts are compared with each other; a page lies in one stretch


def search_stories(
    reader: ReadConnection,
    text: str,
    filters: Filters,
    page: Page,
    order: Order = Order.MATCH,
) -> Results:
    """Return the stories with an article that holds the words of `text`; a link means its article's story.

    Each ranks by its best-matching article, then by heat and age. Where no article has the words, those
    that may have been meant are searched for, and `corrections` says so. Raises EmptyRangeError where
    nothing can lie between the filters' times.
    """
    if filters.since and filters.until and filters.since > filters.until:
        raise EmptyRangeError
    if (linked := linked_story(reader, text)) is not None or is_link(text):
        found = read_results(reader, {linked: None} if linked else {}, page.now)
        return Results(len(found), found[page.offset :])
    query = parse(text)
    if not query.wanted:
        return Results(0, ())
    filters = replace(filters, until=min(filters.until or page.now, page.now))
    results = _search(reader, query, filters, page, order)
    last = query.wanted[-1]
    if not results.total and last.open and not last.goes_on(MIN_OPEN):
        results = _search(reader, query, filters, page, order, opened=1)
    if not results.total and (corrected := correct(reader, query)):
        query, corrections = corrected
        results = _search(reader, query, filters, page, order)
        return replace(results, corrections=corrections if results.total else ())
    return results


def _search(
    reader: ReadConnection,
    query: Query,
    filters: Filters,
    page: Page,
    order: Order,
    opened: int = MIN_OPEN,
) -> Results:
    terms = expand(reader, query, opened=opened)
    if order is Order.MATCH:
        found = index.search(reader, terms, filters, max(page.limit, STRETCH), page.offset)
        ranked = ranking.order(terms.wanted, found.matches)[page.offset - found.first :][: page.limit]
    else:
        found = index.search_in_order(reader, terms, filters, order, page)
        ranked = list(found.matches)
    if not found.total and page.offset:  # past the end the index counts nothing
        first = _search(reader, query, filters, replace(page, offset=0), order, opened)
        return Results(first.total, ())
    return Results(found.total, read_results(reader, {match.story_id: match for match in ranked}, page.now))
