"""What a digest chooses: the rules, the worked example, and what holds for any stories at all."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.editions.candidates import EditionOptions, Verdict
from digests.editions.edition import Edition
from digests.editions.window import Window
from digests.seeds.parser import SeedReader
from digests.stories.coverage import chapters, cover
from storage.models import Article, Record, Shown, Story, Subject, Topic
from tests.build import ISSUE_TIME, SHARED, THIS_MORNING, article, build_edition, story

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
WINDOW = Window(ISSUE_TIME - DAY, ISSUE_TIME)
BEFORE = WINDOW.since - SECOND
MUTED = frozenset({"loud.example"})
AI = Subject((Topic(1, "ai", "AI"),))


def edition(*stories: Story, options: EditionOptions | None = None, shown: tuple[Shown, ...] = ()) -> Edition:
    return build_edition(AI, stories, WINDOW, options or EditionOptions(), shown)


def chosen(found: Edition) -> list[int]:
    return [choice.coverage.story_id for choice in found.choices]


def verdicts(found: Edition) -> dict[int, Verdict]:
    return {ruling.story_id: ruling.verdict for ruling in found.rulings}


def single(story_id: int, quality: int = 50, published: datetime = THIS_MORNING) -> Story:
    return story(article(story_id, quality=quality, published=published), story_id=story_id)


def remembered(pick: int, quality: int, topic: str = "AI") -> Shown:
    return Shown(frozenset({pick}), pick, quality, topic)


def test_an_empty_day_gives_an_edition_without_stories() -> None:
    found = edition()
    assert (found.topic, found.window, found.choices, found.rulings) == ("AI", WINDOW, (), ())


def test_stories_come_by_heat_then_quality_then_newest() -> None:
    hottest = story(article(1, quality=40), article(2, quality=1), article(3, quality=1), story_id=1)
    equal_heat_less_quality = story(article(4, quality=30), article(5, quality=1), story_id=2)
    equal_heat = single(3, 50)
    newest = single(4, 50, THIS_MORNING + SECOND)
    assert chosen(edition(equal_heat_less_quality, equal_heat, newest, hottest)) == [1, 4, 3, 2]


def test_stories_equal_in_everything_come_by_id() -> None:
    assert chosen(edition(single(3), single(1), single(2))) == [1, 2, 3]


def test_an_edition_holds_five_stories_unless_told_otherwise() -> None:
    assert len(edition(*(single(n) for n in range(1, 9))).choices) == 5


def test_an_edition_is_stored_with_everything_named_so_that_later_versions_read_it() -> None:
    found = edition(single(1, 70))
    stored = json.loads(found.to_json())
    pick = stored["choices"][0]["coverage"]["pick"]
    assert (pick["quality"], pick["provider"]["domain"]) == (
        70,
        found.choices[0].coverage.pick.provider.domain,
    )
    assert Edition.from_json(json.dumps(stored)) == found


def test_the_cut_leaves_the_most_prominent() -> None:
    found = edition(*(single(n, quality=n) for n in range(1, 9)), options=EditionOptions(limit=2))
    assert chosen(found) == [8, 7]
    assert verdicts(found)[6] is Verdict.BELOW_CUT


def test_a_window_excludes_its_beginning_and_includes_its_end() -> None:
    found = edition(
        single(1, published=WINDOW.since),
        single(2, published=WINDOW.since + SECOND),
        single(3, published=WINDOW.until),
    )
    assert sorted(chosen(found)) == [2, 3]
    assert verdicts(found)[1] is Verdict.OUTSIDE_WINDOW


def test_two_editions_in_a_row_neither_lose_nor_repeat_a_story() -> None:
    noon = single(1, published=ISSUE_TIME)
    tomorrow = Window(ISSUE_TIME, ISSUE_TIME + DAY)
    assert chosen(edition(noon)) == [1]
    assert chosen(build_edition(AI, [noon], tomorrow, EditionOptions())) == []


def test_a_whole_day_holds_its_own_midnight_and_not_the_next() -> None:
    window = Window.ending(date(2026, 3, 10))
    assert window.holds(datetime(2026, 3, 10, tzinfo=UTC))
    assert window.holds(datetime(2026, 3, 10, 23, 59, 59, tzinfo=UTC))
    assert not window.holds(datetime(2026, 3, 11, tzinfo=UTC))
    assert not window.holds(datetime(2026, 3, 9, 23, 59, 59, tzinfo=UTC))


def test_several_whole_days_end_with_the_date_named() -> None:
    window = Window.ending(date(2026, 3, 10), days=7)
    assert window.holds(datetime(2026, 3, 4, tzinfo=UTC))
    assert not window.holds(datetime(2026, 3, 3, 23, 59, 59, tzinfo=UTC))


def test_days_up_to_a_moment_are_24_hours_each() -> None:
    assert Window.ending(ISSUE_TIME, days=2) == Window(ISSUE_TIME - 2 * DAY, ISSUE_TIME)


def test_a_story_whose_pick_is_older_than_the_window_stays_out() -> None:
    old_pick = article(1, quality=90, published=BEFORE)
    found = edition(story(old_pick, article(2)))
    assert verdicts(found) == {1: Verdict.OUTSIDE_WINDOW}


def test_a_story_of_the_future_is_no_candidate() -> None:
    assert edition(single(1, published=ISSUE_TIME + SECOND)).rulings == ()


@pytest.mark.parametrize(
    ("age", "known", "verdict"),
    [
        (3 * DAY, WINDOW.since + SECOND, Verdict.CHOSEN),
        (3 * DAY + SECOND, WINDOW.since + SECOND, Verdict.OUTSIDE_WINDOW),
        (timedelta(0), WINDOW.until, Verdict.CHOSEN),
        (timedelta(0), WINDOW.since, Verdict.OUTSIDE_WINDOW),
        (timedelta(0), WINDOW.until + SECOND, Verdict.OUTSIDE_WINDOW),
    ],
)
def test_a_story_published_up_to_three_days_before_counts_when_it_became_known_in_the_window(
    age: timedelta, known: datetime, verdict: Verdict
) -> None:
    late = story(article(1, published=WINDOW.since - age, known=known))
    assert verdicts(edition(late)) == {1: verdict}


def test_a_withdrawn_pick_gives_way_to_the_next_best() -> None:
    found = edition(story(article(1, quality=90, removed=True), article(2, quality=40)))
    assert found.choices[0].coverage.pick.id == 2


def test_a_story_withdrawn_altogether_says_so() -> None:
    found = edition(story(article(1, removed=True), article(2, removed=True)))
    assert verdicts(found) == {1: Verdict.WITHDRAWN}


def test_a_muted_outlet_falls_back_to_the_next_best_coverage() -> None:
    loud = article(1, quality=90, domain="loud.example")
    found = edition(story(loud, article(2, quality=40)), options=EditionOptions(muted=MUTED))
    assert found.choices[0].coverage.pick.id == 2
    assert edition(story(loud, article(2, quality=40))).choices[0].coverage.pick.id == 1


def test_a_story_of_muted_outlets_alone_says_so() -> None:
    found = edition(story(article(1, domain="loud.example")), options=EditionOptions(muted=MUTED))
    assert found.choices == ()
    assert verdicts(found) == {1: Verdict.MUTED}


def test_a_story_below_the_minimum_quality_stays_out_and_one_at_it_stays_in() -> None:
    found = edition(single(1, 59), single(2, 60), options=EditionOptions(min_quality=60))
    assert verdicts(found) == {1: Verdict.BELOW_MIN_QUALITY, 2: Verdict.CHOSEN}


def test_quality_zero_is_a_real_value() -> None:
    assert chosen(edition(single(1, 0))) == [1]


def test_a_story_shown_does_not_return() -> None:
    found = edition(single(1), shown=(remembered(1, 50),))
    assert verdicts(found) == {1: Verdict.ALREADY_SHOWN}


@pytest.mark.parametrize(("gain", "returns"), [(0, False), (9, False), (10, True), (40, True)])
def test_a_story_returns_as_an_update_when_its_pick_became_ten_points_better(
    gain: int, returns: bool
) -> None:
    found = edition(single(1, 50 + gain), shown=(remembered(1, 50),))
    assert [choice.is_update for choice in found.choices] == [True] * returns


def test_a_story_shown_for_the_first_time_is_no_update() -> None:
    assert not edition(single(1), shown=(remembered(2, 50),)).choices[0].is_update


def test_an_update_is_measured_against_the_best_that_was_shown() -> None:
    found = edition(single(1, 65), shown=(remembered(1, 50), remembered(1, 60)))
    assert verdicts(found) == {1: Verdict.ALREADY_SHOWN}


def test_a_part_of_a_story_that_split_is_remembered_by_its_article() -> None:
    found = edition(story(article(7), story_id=12), shown=(remembered(7, 50),))
    assert verdicts(found) == {12: Verdict.ALREADY_SHOWN}


def test_an_edition_keeps_a_verdict_on_every_candidate_chosen_ones_first() -> None:
    found = edition(
        story(article(1, quality=99, removed=True), story_id=1),
        story(article(2, quality=98, domain="loud.example"), story_id=2),
        single(3, 97, BEFORE),
        single(4, 96),
        single(5, 95),
        single(6, 94),
        single(7, 5),
        options=EditionOptions(limit=1, min_quality=10, muted=MUTED),
        shown=(remembered(4, 96),),
    )
    assert [(ruling.story_id, ruling.verdict) for ruling in found.rulings] == [
        (5, Verdict.CHOSEN),
        (1, Verdict.WITHDRAWN),
        (2, Verdict.MUTED),
        (3, Verdict.OUTSIDE_WINDOW),
        (4, Verdict.ALREADY_SHOWN),
        (6, Verdict.BELOW_CUT),
        (7, Verdict.BELOW_MIN_QUALITY),
    ]


def test_a_saga_of_months_does_not_stay_on_top_for_ever() -> None:
    old = (article(n, quality=1, published=ISSUE_TIME - n * DAY) for n in range(10, 190))
    saga = story(article(1, quality=60), *old, story_id=1)
    fresh = story(article(500, quality=50), article(501, quality=1), article(502, quality=1), story_id=2)
    assert chosen(edition(saga, fresh)) == [2, 1]


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the reference seed is not here")
def test_the_reference_seed_gives_the_worked_example() -> None:
    path = SHARED / "seeds/000_fa75f10e73a4c94a.txt"
    record = SeedReader().read(path.name, path.read_bytes())
    assert isinstance(record, Record)
    assert {"AI", "Computer Vision"} <= set(record.topics)
    articles = [
        replace(
            article(number, quality=mention.quality, title=mention.title, excerpt=mention.excerpt),
            published_at=mention.published_at,
            known_at=ISSUE_TIME,
            provider=mention.provider,
        )
        for number, mention in enumerate(record.mentions, 1)
    ]
    found = build_edition(AI, [story(*articles)], Window.ending(date(2020, 6, 11)), EditionOptions())
    (choice,) = found.choices
    coverage = choice.coverage
    assert (coverage.pick.provider.name, coverage.pick.quality) == ("Reuters", 87)
    assert [(also.provider.name, also.quality) for also in coverage.also] == [
        ("VentureBeat", 81),
        ("PC Magazine", 71),
        ("PBS", 61),
    ]
    assert (coverage.heat, coverage.articles) == (287, 11)
    assert not choice.is_update


# What holds for any stories at all.

DOMAINS = ["a.example", "b.example", "c.example", "loud.example"]
TITLES = ["One agency text that many outlets ran", "Another text of more than five words", "Short"]
HOURS = st.integers(-24 * 9, 12)


@st.composite
def any_stories(draw: st.DrawFn) -> list[Story]:
    sizes = draw(st.lists(st.integers(1, 4), max_size=7))
    stories = []
    article_id = 0
    for story_id, size in enumerate(sizes, 1):
        articles = []
        for _ in range(size):
            article_id += 1
            articles.append(draw(any_article(article_id)))
        stories.append(Story(story_id, tuple(articles)))
    return stories


@st.composite
def any_article(draw: st.DrawFn, article_id: int) -> Article:
    published = ISSUE_TIME + timedelta(hours=draw(HOURS))
    return article(
        article_id,
        quality=draw(st.integers(0, 120)),
        domain=draw(st.sampled_from(DOMAINS)),
        published=published,
        known=max(published, ISSUE_TIME + timedelta(hours=draw(HOURS))),
        title=draw(st.sampled_from(TITLES)),
        removed=draw(st.booleans()) and draw(st.booleans()),
    )


OPTIONS = st.builds(
    EditionOptions,
    limit=st.integers(1, 10),
    min_quality=st.integers(0, 60),
    muted=st.sampled_from([frozenset(), MUTED, frozenset({"a.example", "b.example"})]),
)
MEMORY = st.lists(
    st.builds(
        Shown,
        article_ids=st.frozensets(st.integers(1, 30), min_size=1, max_size=4),
        pick_id=st.integers(1, 30),
        quality=st.integers(0, 120),
        topic=st.sampled_from(["AI", "Robots"]),
    ),
    max_size=4,
)


@given(any_stories(), OPTIONS, MEMORY, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_an_edition_depends_on_no_order(
    stories: list[Story], options: EditionOptions, memory: list[Shown], random: Random
) -> None:
    found = build_edition(AI, stories, WINDOW, options, memory)
    turned = [
        replace(each, articles=tuple(random.sample(each.articles, len(each.articles)))) for each in stories
    ]
    random.shuffle(turned)
    assert build_edition(AI, stories, WINDOW, options, memory) == found
    assert build_edition(AI, turned, WINDOW, options, memory[::-1]) == found


@given(any_stories(), OPTIONS, MEMORY)
@settings(deadline=None, max_examples=60)
def test_an_edition_links_each_story_once_and_nothing_that_must_not_be_shown(
    stories: list[Story], options: EditionOptions, memory: list[Shown]
) -> None:
    found = build_edition(AI, stories, WINDOW, options, memory)
    assert len(set(chosen(found))) == len(found.choices) <= options.limit
    for choice in found.choices:
        named = (choice.coverage.pick, *choice.coverage.also)
        domains = [each.provider.domain for each in named]
        assert not options.muted & set(domains)
        assert len(set(domains)) == len(domains) <= 4
        assert not any(each.removed or each.published_at > WINDOW.until for each in named)
        assert choice.coverage.pick.quality == max(each.quality for each in named)
        assert choice.coverage.pick.quality >= options.min_quality


@given(any_stories(), OPTIONS, MEMORY)
@settings(deadline=None, max_examples=60)
def test_every_chapter_within_reach_gets_one_verdict_and_those_chosen_are_the_choices(
    stories: list[Story], options: EditionOptions, memory: list[Shown]
) -> None:
    found = build_edition(AI, stories, WINDOW, options, memory)
    existing = [chapters(each, WINDOW.until) for each in stories]
    reached = [
        (chapter.story_id, chapter)
        for found_chapters in existing
        for chapter in found_chapters
        if chapter is found_chapters[-1] or chapter.articles[-1].published_at >= WINDOW.since - 3 * DAY
    ]
    assert sorted(ruling.story_id for ruling in found.rulings) == sorted(story_id for story_id, _ in reached)
    picked = [ruling.story_id for ruling in found.rulings if ruling.verdict is Verdict.CHOSEN]
    assert picked == chosen(found)


@given(any_stories(), OPTIONS, MEMORY)
@settings(deadline=None, max_examples=60)
def test_raising_the_limit_only_appends(
    stories: list[Story], options: EditionOptions, memory: list[Shown]
) -> None:
    longest = build_edition(AI, stories, WINDOW, replace(options, limit=10), memory).choices
    shorter = build_edition(AI, stories, WINDOW, options, memory).choices
    assert longest[: len(shorter)] == shorter


@given(any_stories(), OPTIONS, st.integers(0, 20))
@settings(deadline=None, max_examples=60)
def test_a_chapter_remembered_is_chosen_again_only_when_ten_points_better(
    stories: list[Story], options: EditionOptions, worse: int
) -> None:
    first = build_edition(AI, stories, WINDOW, options)
    memory = [
        Shown(choice.article_ids, choice.coverage.pick.id, choice.coverage.pick.quality - worse, "AI")
        for choice in first.choices
    ]
    again = build_edition(AI, stories, WINDOW, options, memory)
    updates = {choice.coverage.pick.id for choice in again.choices if choice.is_update}
    seen = {shown.pick_id for shown in memory}
    picked = {choice.coverage.pick.id for choice in again.choices}
    assert updates == seen & picked
    assert (picked & seen == seen) if worse >= 10 else not updates


@given(any_stories())
@settings(deadline=None, max_examples=60)
def test_the_pick_is_at_least_as_good_as_all_of_its_chapter_that_may_be_shown(stories: list[Story]) -> None:
    for each in stories:
        for chapter in chapters(each, WINDOW.until):
            coverage = cover(chapter, WINDOW.until)
            shown = [a.quality for a in chapter.articles if not a.removed]
            assert (coverage and coverage.pick.quality) == (max(shown) if shown else None)
