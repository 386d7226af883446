"""Which articles are one text under several mastheads."""

from hypothesis import given, settings
from hypothesis import strategies as st

from digests.duplicates import fold_copies, is_copy
from tests.build import article

TITLE = "Amazon bans police use of its face recognition for a year"
TEXT = "Amazon says it will pause police use of its facial recognition technology for a year."


def copied(title: str, other_title: str, excerpt: str = "", other_excerpt: str = "") -> bool:
    one = article(1, domain="one.example", title=title, excerpt=excerpt)
    other = article(2, domain="two.example", title=other_title, excerpt=other_excerpt)
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


def test_two_articles_of_one_outlet_are_no_copies() -> None:
    assert not is_copy(article(1, title=TITLE), article(2, title=TITLE))


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
