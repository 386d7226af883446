"""One place gets a story once: of its digests of the same minute, where it ranks higher."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from digests.editions.candidates import EditionOptions, Verdict, judge
from digests.editions.edition import Edition, Elsewhere
from digests.editions.issue import Issue
from digests.editions.sharing import Rival, share
from digests.editions.window import Window
from storage.models import Shown, Story, Subject, Topic
from tests.build import ISSUE_TIME, article, story

WINDOW = Window(ISSUE_TIME - timedelta(days=1), ISSUE_TIME)


def told(number: int, quality: int) -> Story:
    return story(article(number, quality=quality), story_id=number)


def rival(
    topic: str, *stories: Story, limit: int = 5, muted: str = "", shown: tuple[Shown, ...] = ()
) -> Rival:
    options = EditionOptions(limit, muted=frozenset({muted}))
    return Rival(
        Issue(Subject((Topic(0, topic, topic),)), WINDOW, options, judge(stories, WINDOW, options)),
        frozenset(shown),
    )


def editions(*rivals: Rival) -> list[Edition]:
    return [each.issue.edition(each.shown | more) for each, more in zip(rivals, share(rivals), strict=True)]


def chosen(*rivals: Rival) -> list[list[int]]:
    return [[choice.coverage.story_id for choice in edition.choices] for edition in editions(*rivals)]


def test_a_story_of_two_digests_goes_where_it_ranks_higher() -> None:
    both = told(1, 50)
    assert chosen(rival("Robots", told(2, 60), both), rival("Rivers", both, told(3, 40))) == [[2], [1, 3]]


def test_at_equal_rank_it_goes_to_the_digest_subscribed_first() -> None:
    assert chosen(rival("Robots", told(1, 50)), rival("Rivers", told(1, 50))) == [[1], []]


def test_the_other_digest_says_how_many_were_where() -> None:
    robots = rival("Robots", told(1, 50), told(2, 60))
    rivers = rival("Rivers", told(1, 50), told(2, 60), told(3, 10))
    _, other = editions(robots, rivers)
    assert other.elsewhere == (Elsewhere("Robots", 2),)
    assert [ruling.shown_in for ruling in other.rulings if ruling.verdict is Verdict.ALREADY_SHOWN] == [
        "Robots"
    ] * 2
    assert not other.is_empty


def test_what_a_digest_loses_makes_room_for_its_next_story() -> None:
    stories = [told(number, 90 - number) for number in range(1, 5)]
    assert chosen(rival("Robots", *stories[:2], limit=2), rival("Rivers", *stories, limit=2)) == [
        [1, 2],
        [3, 4],
    ]


def test_what_the_place_was_shown_before_is_nobodys() -> None:
    shown = (Shown(frozenset({1}), 1, 50, "Ports"),)
    first, second = editions(rival("A", told(1, 50), shown=shown), rival("B", told(1, 50), shown=shown))
    assert first.elsewhere == second.elsewhere == (Elsewhere("Ports", 1),)


def test_a_digest_that_mutes_the_best_outlet_does_not_get_the_story_as_well() -> None:
    both = story(article(1, quality=90, domain="loud.example"), article(2, quality=40))
    assert chosen(rival("A", both, muted="loud.example"), rival("B", both)) == [[1], []]


STORIES = [told(number, 40 + number * 7 % 30) for number in range(1, 13)]
DIGEST = st.tuples(st.sets(st.sampled_from(range(12)), max_size=12), st.integers(1, 4))


@given(st.lists(DIGEST, min_size=1, max_size=5))
@settings(deadline=None, max_examples=100)
def test_no_story_comes_twice_and_none_is_lost_while_a_digest_has_room(
    digests: list[tuple[set[int], int]],
) -> None:
    rivals = [
        rival(str(number), *(STORIES[each] for each in sorted(held)), limit=limit)
        for number, (held, limit) in enumerate(digests)
    ]
    found = chosen(*rivals)
    taken = [story_id for each in found for story_id in each]
    assert len(taken) == len(set(taken))
    for (held, limit), mine in zip(digests, found, strict=True):
        assert len(mine) == limit or {STORIES[each].id for each in held} <= set(taken)
