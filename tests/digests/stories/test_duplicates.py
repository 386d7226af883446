"""Which articles are one text under several mastheads."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.stories.duplicates import MOST_FOLDED, Text, fold_copies, is_copy, text_of
from tests.bench.copies import measure_copies
from tests.build import SHARED, THIS_MORNING, article

CORPUS = SHARED / "corpus"

TITLE = "Amazon bans police use of its face recognition for a year"
TEXT = "Amazon says it will pause police use of its facial recognition technology for a year."


def copied(title: str, other_title: str, excerpt: str = "", other_excerpt: str = "") -> bool:
    one = text_of(article(1, domain="one.example", title=title, excerpt=excerpt))
    other = text_of(article(2, domain="two.example", title=other_title, excerpt=other_excerpt))
    assert is_copy(one, other) == is_copy(other, one)
    return is_copy(one, other)


def test_the_same_title_at_two_outlets_is_a_copy() -> None:
    assert copied(TITLE, TITLE)


def test_an_outlets_name_at_the_end_of_a_title_does_not_count() -> None:
    assert copied(TITLE, f"{TITLE} | Two")
    assert copied(f"{TITLE} - One", f"{TITLE} — two")


def test_case_and_punctuation_of_a_title_do_not_count() -> None:
    assert copied(TITLE, f"“{TITLE.upper()}!”")


def test_a_short_title_says_too_little() -> None:
    assert not copied("Morning briefing", "Morning briefing")


def test_nearly_the_same_title_alone_is_no_copy() -> None:
    assert not copied(TITLE, TITLE.replace("Amazon", "Microsoft"))


def test_the_same_long_excerpt_is_a_copy_whatever_the_title() -> None:
    assert copied("Police", TITLE, TEXT, TEXT)


def test_nearly_the_same_excerpt_needs_nearly_the_same_title() -> None:
    nearly = TEXT.replace("pause", "halt")
    assert copied(TITLE, TITLE.replace("bans", "ban"), TEXT, nearly)
    assert not copied("Police may not look at faces", TITLE, TEXT, nearly)


def test_a_short_excerpt_says_too_little() -> None:
    assert not copied("One title", "Another title", "Read more.", "Read more.")


def test_the_same_title_a_year_later_needs_the_same_opening() -> None:
    later = THIS_MORNING - timedelta(days=365)
    assert not is_copy(
        dated(), dated(2, later, "Another year, and the bridge is shut once more for the winter.")
    )
    assert is_copy(dated(excerpt=TEXT), dated(2, later, TEXT))


def dated(
    article_id: int = 1, published: datetime = THIS_MORNING, excerpt: str = "", title: str = TITLE
) -> Text:
    """Return the text of an article of an outlet of its own."""
    domain = f"{article_id}.example"
    return text_of(article(article_id, domain=domain, title=title, published=published, excerpt=excerpt))


def test_a_dateline_a_ticker_and_trade_marks_do_not_count() -> None:
    assert copied(
        TITLE,
        TITLE.replace("pause", "halt"),
        f"SEATTLE, June 10, 2020 /PRNewswire/ -- {TEXT}",
        TEXT.replace("Amazon", "Amazon® (NASDAQ: AMZN)"),
    )
    assert copied(
        "Amazon(R) bans police use of its face recognition", "Amazon® bans police use of its face recognition"
    )


def test_an_opening_that_is_cut_earlier_is_the_same_as_far_as_it_goes() -> None:
    assert copied("Police may not look at faces", TITLE, f"{TEXT} It gave no reason.", TEXT)


def test_nearly_the_same_title_with_another_number_is_another_text() -> None:
    assert not copied(f"{TITLE} (day 12 of the hearings)", f"{TITLE} (day 13 of the hearings)")


def test_what_is_announced_in_the_same_words_weeks_apart_is_another_text() -> None:
    one, other = TITLE, TITLE.replace("Amazon", "Amazonia")
    weeks_ago = THIS_MORNING - timedelta(days=20)
    assert is_copy(dated(title=one), dated(2, title=other))
    assert not is_copy(dated(title=one), dated(2, weeks_ago, title=other))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")
@pytest.mark.no_cover
async def test_labelled_pairs_of_real_articles_are_told_apart() -> None:
    outcome = await measure_copies(CORPUS)
    assert len(outcome.labelled) >= 150
    assert outcome.precision >= 0.95
    assert outcome.recall >= 0.85


def test_two_articles_of_one_outlet_are_no_copies() -> None:
    assert not is_copy(text_of(article(1, title=TITLE)), text_of(article(2, title=TITLE)))


def test_folding_keeps_the_order_in_which_articles_come() -> None:
    articles = [
        article(1, domain="one.example", title=TITLE),
        article(2, domain="two.example"),
        article(3, domain="three.example", title=TITLE),
    ]
    assert [[each.id for each in group] for group in fold_copies(articles)] == [[1, 3], [2]]


@given(st.lists(st.tuples(st.sampled_from([TITLE, TEXT, "News"]), st.sampled_from("abc")), max_size=8))
@settings(deadline=None, max_examples=50)
def test_folding_neither_loses_nor_repeats_an_article(made: list[tuple[str, str]]) -> None:
    articles = [article(n, domain=f"{d}.example", title=title) for n, (title, d) in enumerate(made)]
    groups = fold_copies(articles)
    assert sorted(each.id for group in groups for each in group) == list(range(len(made)))
    assert [group[0].id for group in groups] == sorted(group[0].id for group in groups)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=90), st.text(max_size=90))
@settings(deadline=None, max_examples=50)
def test_any_two_texts_can_be_compared(title: str, other: str, excerpt: str, other_excerpt: str) -> None:
    copied(title, other, excerpt, other_excerpt)


def test_texts_of_any_length_are_compared_as_far_as_their_beginnings() -> None:
    long, other = ("".join(f"{letter}{n} " for n in range(200_000)) for letter in "ab")
    assert copied(long, f"{long} and more", long, long)
    assert not copied(long, other, long, other)


def test_only_the_best_of_very_many_articles_are_folded() -> None:
    articles = [article(n, domain=f"{n}.example", title=TITLE) for n in range(MOST_FOLDED + 5)]
    groups = fold_copies(articles)
    assert [len(group) for group in groups] == [MOST_FOLDED, 1, 1, 1, 1, 1]
    assert [each for group in groups for each in group] == articles
