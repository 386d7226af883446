"""A story is read in chapters: runs of articles without a silence of more than three days."""

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from digests.stories.coverage import SILENCE, Coverage, chapters, cover
from storage.models import Article, Earlier
from tests.build import ISSUE_TIME, article, story

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def on_day(
    number: int, day: float, quality: int = 50, *, title: str = "News", removed: bool = False
) -> Article:
    published = ISSUE_TIME - 30 * DAY + day * DAY
    return article(number, quality=quality, published=published, title=title, removed=removed)


def ids(*articles: Article, until: datetime = ISSUE_TIME) -> list[list[int]]:
    return [[each.id for each in chapter.articles] for chapter in chapters(story(*articles), until)]


def newest(*articles: Article) -> Coverage:
    coverage = cover(chapters(story(*articles), ISSUE_TIME)[-1], ISSUE_TIME)
    assert coverage
    return coverage


def test_more_than_three_days_of_silence_begin_another_chapter() -> None:
    assert ids(on_day(1, 0), on_day(2, 3)) == [[1, 2]]
    late = article(2, published=ISSUE_TIME - 27 * DAY + SECOND)
    assert ids(on_day(1, 0), late) == [[1], [2]]


def test_an_article_in_between_ties_two_chapters() -> None:
    assert ids(on_day(1, 0), on_day(2, 5)) == [[1], [2]]
    assert ids(on_day(1, 0), on_day(2, 5), on_day(3, 2.5)) == [[1, 3, 2]]


def test_what_comes_after_the_moment_is_in_no_chapter() -> None:
    assert ids(on_day(1, 0), on_day(2, 2), until=ISSUE_TIME - 29 * DAY) == [[1]]
    assert ids(on_day(1, 0), until=ISSUE_TIME - 31 * DAY) == []


def test_a_chapter_has_its_own_pick_number_and_heat() -> None:
    coverage = newest(on_day(1, 0, 90), on_day(2, 29, 40), on_day(3, 29, 60))
    assert (coverage.pick.id, coverage.articles, coverage.heat) == (3, 2, 80)


def test_a_chapter_is_a_follow_up_where_an_earlier_pick_was_at_least_as_good() -> None:
    coverage = newest(on_day(1, 0, 60, title="First"), on_day(2, 10, 59), on_day(3, 20, 60))
    assert coverage.follows == Earlier("First", ISSUE_TIME - 30 * DAY)


def test_a_follow_up_names_the_last_chapter_that_was_at_least_as_good() -> None:
    coverage = newest(on_day(1, 0, 90), on_day(2, 10, 70, title="Second"), on_day(3, 20, 60))
    assert coverage.follows == Earlier("Second", ISSUE_TIME - 20 * DAY)


def test_a_chapter_that_is_better_than_all_before_is_none() -> None:
    assert newest(on_day(1, 0, 60), on_day(2, 20, 61)).follows is None
    assert newest(on_day(1, 0, 99, removed=True), on_day(2, 20, 61)).follows is None


@given(st.lists(st.integers(0, 30 * 24), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_chapters_hold_every_article_once_in_order_and_are_cut_at_silences(
    hours: list[int], random: Random
) -> None:
    articles = [on_day(number, hour / 24) for number, hour in enumerate(hours, 1)]
    random.shuffle(articles)
    found = chapters(story(*articles), ISSUE_TIME)
    times = [[each.published_at for each in chapter.articles] for chapter in found]
    assert sorted(each.id for chapter in found for each in chapter.articles) == list(range(1, len(hours) + 1))
    assert all(later - earlier <= SILENCE for run in times for earlier, later in pairwise(run))
    assert all(after[0] - before[-1] > SILENCE for before, after in pairwise(times))
