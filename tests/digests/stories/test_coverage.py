"""What a story looks like at one moment: its pick, its heat, who else covered it."""

from dataclasses import replace
from datetime import datetime, timedelta

from digests.stories.coverage import Coverage, chapters, heat_of
from digests.stories.coverage import cover as cover_chapter
from storage.models import Article, Story
from tests.build import ISSUE_TIME, THIS_MORNING, article, story

MINUTE = timedelta(minutes=1)
LONG = "The company said on Thursday that it would stop the sales until there is a law about them."


def cover(told: Story, until: datetime, muted: frozenset[str] = frozenset()) -> Coverage | None:
    """Return the newest chapter as it stands at `until`."""
    found = chapters(told, until)
    return cover_chapter(found[-1], until, muted) if found else None


def pick_of(*articles: Article, muted: frozenset[str] = frozenset()) -> int | None:
    coverage = cover(story(*articles), ISSUE_TIME, muted)
    return coverage.pick.id if coverage else None


def also_of(*articles: Article, muted: frozenset[str] = frozenset()) -> list[int]:
    coverage = cover(story(*articles), ISSUE_TIME, muted)
    assert coverage
    return [other.id for other in coverage.also]


def test_the_pick_is_the_highest_quality_article() -> None:
    assert pick_of(article(1, quality=60), article(2, quality=61), article(3, quality=0)) == 2


def test_quality_is_not_capped_at_100() -> None:
    assert pick_of(article(1, quality=100), article(2, quality=189)) == 2


def test_of_equal_quality_the_earliest_is_the_pick_who_had_it_first() -> None:
    earlier = article(2, published=THIS_MORNING - MINUTE, domain="z.example")
    assert pick_of(article(1, domain="a.example"), earlier) == 2


def test_of_equal_quality_and_time_the_first_domain_is_the_pick() -> None:
    assert pick_of(article(1, domain="b.example"), article(2, domain="a.example")) == 2


def test_a_withdrawn_article_is_never_the_pick() -> None:
    assert pick_of(article(1, quality=90, removed=True), article(2, quality=10)) == 2


def test_an_article_that_no_browser_can_open_is_never_the_pick() -> None:
    assert pick_of(article(1, quality=90, url="javascript:alert(1)"), article(2, quality=10)) == 2


def test_a_muted_outlets_article_gives_way_to_the_next_best() -> None:
    articles = article(1, quality=90, domain="loud.example"), article(2, quality=10)
    assert pick_of(*articles, muted=frozenset({"loud.example"})) == 2


def test_a_muted_outlet_is_not_named_beside_the_pick() -> None:
    articles = article(1, quality=90), article(2, domain="loud.example"), article(3, domain="two.example")
    assert also_of(*articles, muted=frozenset({"loud.example"})) == [3]


def test_a_story_of_which_nothing_may_be_shown_has_no_coverage() -> None:
    assert pick_of(article(1, removed=True), article(2, url="ftp://one.example/2")) is None
    assert pick_of(article(1), muted=frozenset({"one.example"})) is None
    assert cover(Story(1, ()), ISSUE_TIME) is None


def test_articles_published_after_the_moment_do_not_exist_yet() -> None:
    later = article(2, quality=99, published=ISSUE_TIME + timedelta(seconds=1))
    coverage = cover(story(article(1), later), ISSUE_TIME)
    assert coverage
    assert (coverage.pick.id, coverage.articles, coverage.heat) == (1, 1, 50)


def test_an_article_published_at_the_moment_exists() -> None:
    assert pick_of(article(1, quality=1), article(2, quality=99, published=ISSUE_TIME)) == 2


def test_heat_is_the_picks_quality_and_20_for_each_other_article() -> None:
    coverage = cover(story(article(1, quality=87), article(2), article(3)), ISSUE_TIME)
    assert coverage
    assert coverage.heat == 87 + 2 * 20


def test_heat_counts_copies_too() -> None:
    copies = [article(n, domain=f"{n}.example", title="One and the same long agency title") for n in (1, 2)]
    coverage = cover(story(*copies), ISSUE_TIME)
    assert coverage
    assert coverage.heat == 50 + 20
    assert coverage.also == ()


def test_heat_counts_a_muted_outlets_articles() -> None:
    coverage = cover(
        story(article(1), article(2, domain="loud.example")), ISSUE_TIME, frozenset({"loud.example"})
    )
    assert coverage
    assert coverage.heat == 70


def test_heat_does_not_count_withdrawn_articles() -> None:
    coverage = cover(story(article(1), article(2, removed=True)), ISSUE_TIME)
    assert coverage
    assert (coverage.heat, coverage.articles) == (50, 1)


def test_heat_counts_the_articles_of_seven_days() -> None:
    week = timedelta(days=7)
    times = [
        ISSUE_TIME - week + MINUTE,
        ISSUE_TIME - week,
        *(ISSUE_TIME - week * part for part in (0.6, 0.3)),
    ]
    others = [article(n, quality=1, published=at) for n, at in enumerate(times, 2)]
    coverage = cover(story(article(1), *others), ISSUE_TIME)
    assert coverage
    assert coverage.heat == 50 + 3 * 20
    assert coverage.articles == 5


def test_copies_of_one_text_that_came_by_feed_give_heat_once_and_seeds_every_time() -> None:
    text = "The harbour line said on Monday that its ferries will run all night from June."
    titles = [
        "Ferries to run all night from June",
        "Night ferries for the bay",
        "What will the night ferries cost",
    ]
    told = [
        article(
            number, title=titles[number % 3], domain=f"{number}.example", excerpt=text * (number % 3 == 0)
        )
        for number in range(7)
    ]
    by_feed = [replace(each, estimated=True) for each in told]
    assert heat_of(told[0], told, ISSUE_TIME) == 50 + 20 * 6
    assert heat_of(by_feed[0], by_feed, ISSUE_TIME) == 50 + 20 * 2
    assert heat_of(told[0], [told[0], told[3], *by_feed[4:]], ISSUE_TIME) == 50 + 20 * (1 + 2)


def test_a_saga_of_months_has_the_heat_of_its_last_week() -> None:
    saga = [article(n, quality=30 + (n == 0), published=ISSUE_TIME - timedelta(days=n)) for n in range(180)]
    coverage = cover(story(*saga), ISSUE_TIME)
    assert coverage
    assert coverage.heat == 31 + 6 * 20
    assert coverage.articles == 180


def test_also_names_up_to_three_more_best_first() -> None:
    articles = [article(n, quality=10 * n, domain=f"{n}.example") for n in range(1, 7)]
    assert also_of(*articles) == [5, 4, 3]


def test_also_names_each_outlet_once_and_the_picks_not_again() -> None:
    articles = (
        article(1, quality=90),
        article(2, quality=80),
        article(3, quality=70, domain="two.example"),
        article(4, quality=60, domain="two.example"),
        article(5, quality=50, domain="three.example"),
    )
    assert also_of(*articles) == [3, 5]


def test_copies_of_the_pick_are_folded_into_it() -> None:
    title = "Amazon bans police use of its face recognition"
    articles = (
        article(1, quality=90, title=title),
        article(2, quality=80, domain="two.example", title=title),
        article(3, quality=70, domain="three.example"),
    )
    assert also_of(*articles) == [3]


def test_copies_of_one_another_are_named_once() -> None:
    articles = (
        article(1, quality=90),
        article(2, quality=80, domain="two.example", excerpt=LONG),
        article(3, quality=70, domain="three.example", excerpt=LONG),
        article(4, quality=60, domain="four.example"),
    )
    assert also_of(*articles) == [2, 4]


def test_a_copy_is_named_where_its_original_is_not() -> None:
    articles = (
        article(1, quality=90),
        article(2, quality=80, excerpt=LONG),  # of the pick's outlet, so not named
        article(3, quality=70, domain="two.example", excerpt=LONG),
    )
    assert also_of(*articles) == [3]


def test_coverage_counts_outlets_and_articles() -> None:
    coverage = cover(story(article(1), article(2), article(3, domain="two.example")), ISSUE_TIME)
    assert coverage
    assert coverage.outlets == ("one.example", "two.example")
    assert coverage.articles == 3


def test_an_outlet_goes_with_its_article_that_was_withdrawn() -> None:
    articles = article(1, quality=90), article(2, domain="two.example"), article(3, domain="three.example")
    whole = cover(story(*articles), ISSUE_TIME)
    assert whole
    left = whole.without({2})
    assert left.outlets == ("one.example", "three.example")
    assert left.articles == 2
    assert whole.without(()) == whole
