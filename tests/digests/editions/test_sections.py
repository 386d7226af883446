"""A digest of several topics has sections: each story once, where it ranks highest, one limit for all."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from digests.editions.candidates import EditionOptions, Verdict, judge
from digests.editions.edition import Edition, Elsewhere
from digests.editions.issue import Issue, shown_by
from digests.editions.sections import place
from digests.editions.sharing import Rival, share
from digests.editions.window import Window
from storage.models import Shown, Story, Subject, Topic
from tests.build import ISSUE_TIME, article, build_edition, story

WINDOW = Window(ISSUE_TIME - timedelta(days=1), ISSUE_TIME)
TOPICS = {name: Topic(number, name.lower(), name) for number, name in enumerate(("AI", "Ports", "Space"), 1)}


def about(*names: str) -> Subject:
    return Subject(tuple(TOPICS[name] for name in names))


def told(number: int, quality: int, *names: str, title: str | None = None) -> Story:
    written = story(article(number, quality=quality, title=title), story_id=number)
    return replace(written, topic_ids=frozenset(TOPICS[name].id for name in names))


def edition(subject: Subject, *stories: Story, limit: int = 5, shown: tuple[Shown, ...] = ()) -> Edition:
    return build_edition(subject, stories, WINDOW, EditionOptions(limit), shown)


def sections(found: Edition) -> list[tuple[str, list[int]]]:
    return [(name, [choice.coverage.story_id for choice in held]) for name, held in found.sections]


def test_sections_come_in_the_order_of_the_topics_each_with_its_biggest_story_first() -> None:
    stories = told(1, 40, "AI"), told(2, 90, "Ports"), told(3, 60, "AI"), told(4, 70, "Ports")
    assert sections(edition(about("AI", "Ports"), *stories)) == [("AI", [3, 1]), ("Ports", [2, 4])]
    assert sections(edition(about("Ports", "AI"), *stories)) == [("Ports", [2, 4]), ("AI", [3, 1])]


def test_a_digest_of_one_topic_has_no_headings() -> None:
    assert sections(edition(about("AI"), told(1, 40, "AI"), told(2, 50, "AI"))) == [("", [2, 1])]


def test_a_story_of_two_topics_comes_once_where_it_ranks_highest() -> None:
    both = told(1, 60, "AI", "Ports")
    found = edition(about("AI", "Ports"), told(2, 90, "AI"), both, told(3, 50, "Ports"))
    assert sections(found) == [("AI", [2]), ("Ports", [1, 3])]


def test_at_equal_rank_it_comes_under_the_topic_that_is_named_first() -> None:
    both = told(1, 60, "AI", "Ports")
    assert sections(edition(about("AI", "Ports"), both)) == [("AI", [1])]
    assert sections(edition(about("Ports", "AI"), both)) == [("Ports", [1])]


def test_one_limit_holds_for_all_and_no_topic_hides_another() -> None:
    loud = [told(number, 90 - number, "AI") for number in range(1, 6)]
    found = edition(about("AI", "Ports"), *loud, told(9, 10, "Ports"), limit=3)
    assert sections(found) == [("AI", [1, 2]), ("Ports", [9])]
    assert [ruling.verdict for ruling in found.rulings] == [Verdict.CHOSEN] * 3 + [Verdict.BELOW_CUT] * 3
    assert sections(edition(about("AI", "Ports"), *loud, told(9, 10, "Ports"), limit=1)) == [("AI", [1])]


def test_a_text_that_two_topics_have_comes_once() -> None:
    text = "The harbour robots of Grey Quay learn to dock at night in heavy rain"
    other = story(article(2, title=text, domain="two.example"), story_id=2)
    copy = replace(other, topic_ids=frozenset({TOPICS["Ports"].id}))
    found = edition(about("AI", "Ports"), told(1, 60, "AI", title=text), copy)
    assert sections(found) == [("AI", [1])]


def test_memory_names_the_topic_under_which_a_place_was_shown_a_story() -> None:
    found = edition(about("AI", "Ports"), told(1, 60, "Ports"))
    assert [shown.topic for shown in shown_by(found)] == ["Ports"]


def test_what_its_own_sections_have_shown_is_not_said_to_be_elsewhere() -> None:
    shown = (Shown(frozenset({1}), 1, 60, "Ports"), Shown(frozenset({2}), 2, 50, "Space"))
    found = edition(about("AI", "Ports"), told(1, 60, "AI", "Ports"), told(2, 50, "AI"), shown=shown)
    assert found.elsewhere == (Elsewhere("Space", 1),)


def test_a_stored_edition_keeps_its_sections() -> None:
    found = edition(about("AI", "Ports"), told(1, 60, "AI"), told(2, 50, "Ports"))
    assert Edition.from_json(found.to_json()) == found


def rival(subject: Subject, stories: list[Story], limit: int) -> Rival:
    options = EditionOptions(limit)
    candidates = place(judge(stories, WINDOW, options), subject.topic_ids)
    return Rival(Issue(subject, WINDOW, options, candidates), frozenset())


NAMES = st.permutations([*TOPICS])
TOLD = st.lists(
    st.tuples(st.integers(1, 99), st.sets(st.sampled_from([*TOPICS]), min_size=1)), min_size=1, max_size=12
)


@given(NAMES, TOLD, st.integers(1, 10))
@settings(deadline=None, max_examples=100)
def test_every_edition_holds_each_story_once_under_a_topic_of_its_own_and_as_many_as_it_may(
    names: list[str], given_stories: list[tuple[int, set[str]]], limit: int
) -> None:
    stories = [told(number, quality, *held) for number, (quality, held) in enumerate(given_stories, 1)]
    found = edition(about(*names), *stories, limit=limit)
    chosen = [story_id for _, held in sections(found) for story_id in held]
    assert len(chosen) == len(set(chosen)) == min(limit, len(stories))
    headings = [name for name, _ in sections(found)]
    assert headings == [name for name in names if name in headings]
    for name, held in sections(found):
        assert all(name in given_stories[story_id - 1][1] for story_id in held)
    assert len(found.rulings) == len(stories)


@given(NAMES, TOLD, st.integers(1, 2), st.lists(st.integers(1, 4), min_size=3, max_size=3))
@settings(deadline=None, max_examples=200)
def test_digests_of_several_topics_in_one_place_share_their_stories(
    names: list[str], given_stories: list[tuple[int, set[str]]], split: int, limits: list[int]
) -> None:
    stories = [told(number, quality, *held) for number, (quality, held) in enumerate(given_stories, 1)]
    subjects = about(*names[:split]), about(*names[split:])
    carrying = [[each for each in stories if each.topic_ids & {*subject.topic_ids}] for subject in subjects]
    rivals = [
        rival(subject, held, limit) for subject, held, limit in zip(subjects, carrying, limits, strict=False)
    ]
    editions = [
        each.issue.edition(each.shown | more) for each, more in zip(rivals, share(rivals), strict=True)
    ]
    chosen = [[choice.coverage.story_id for choice in found.choices] for found in editions]
    taken = [story_id for each in chosen for story_id in each]
    assert len(taken) == len(set(taken))
    for held, mine, limit in zip(carrying, chosen, limits, strict=False):
        assert len(mine) == limit or {each.id for each in held} <= set(taken)
