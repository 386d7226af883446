"""Clean text, short text and slugs."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.text import clean, count, shorten, slugify
from storage.search.letters import MANY_MARKS, MARKS, fold


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Tom &amp; Jerry&#8217;s", "Tom & Jerry\u2019s"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),  # once
        ("one\ntwo\r\n\tthree", "one two three"),
        ("  much \u00a0 space ", "much space"),
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("nul\x00l and \x9b", "nul l and"),
        ("cafe\u0301", "café"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("\U0001faea", "\U0001faea"),  # an emoji that Python 3.11 doesn't know
        ("\u3164", ""),  # a letter of which nothing is seen
        ("\u200d \u200f\u2062\U000e0100", ""),
        ("", ""),
        ("&", "&"),
    ],
)
def test_clean_text_is_one_line_without_entities_or_control_characters(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_a_reference_to_a_character_of_thousands_of_digits_is_no_character() -> None:
    assert clean(f"a &#{'9' * 5_000}; b &#{'0' * 5_000};") == "a \ufffd b \ufffd"


def test_of_combining_marks_in_a_row_the_first_thirty_are_kept() -> None:
    assert clean("A x\u0301\u0316\u0301b") == unicodedata.normalize("NFC", "A x\u0301\u0316\u0301b")
    assert len(clean("x" + "\u0316" * 20_000 + "y")) == 2 + MARKS
    assert fold("x" + "\u0316\u0301" * 20_000 + "y") == "xy"
    assert clean("😀" * 50 + "…" * 50) == "😀" * 50 + "…" * 50


def test_every_combining_mark_is_counted() -> None:
    marks = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.combining(chr(code))]
    assert all(MANY_MARKS.fullmatch(mark * (MARKS + 1)) for mark in marks)


@given(st.text(max_size=60))
def test_clean_text_holds_nothing_that_is_invisible_or_breaks_a_line(text: str) -> None:
    cleaned = clean(text)
    assert not {unicodedata.category(c) for c in cleaned} & {"Cc", "Cs", "Zl", "Zp"}
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned
    cleaned.encode()


def test_a_text_within_the_limit_stays_as_it_is() -> None:
    assert shorten("five words", 10) == "five words"


def test_a_long_text_is_cut_at_a_word() -> None:
    assert shorten("The quick brown fox jumps", 17) == "The quick brown…"


def test_a_cut_leaves_no_punctuation_before_the_dots() -> None:
    assert shorten("The quick, brown fox", 15) == "The quick…"


def test_a_word_that_just_fits_is_kept() -> None:
    assert shorten("The quick brown", 10) == "The quick…"


def test_an_endless_word_is_cut_where_it_must_be() -> None:
    assert shorten("x" * 50, 10) == "x" * 9 + "…"


@given(st.text(max_size=80), st.integers(1, 60))
def test_a_shortened_text_never_exceeds_its_limit(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("AI", "ai"),
        ("Computer Vision", "computer-vision"),
        ("R&D", "r-d"),
        ("#AI", "ai"),
        ("Français", "français"),
        ("日本", "日本"),
        ("  spaced  out ", "spaced-out"),
    ],
)
def test_a_slug_is_lower_case_words_joined_by_hyphens(name: str, slug: str) -> None:
    assert slugify(name) == slug


@given(st.text(max_size=40))
def test_a_slug_is_its_own_slug(name: str) -> None:
    assert slugify(slugify(name)) == slugify(name)


@given(st.text(min_size=1, max_size=40))
def test_every_name_has_a_slug(name: str) -> None:
    assert slugify(name)


def test_topics_that_differ_by_a_sign_keep_apart() -> None:
    assert len({slugify(name) for name in ("C", "C++", "C#", "F#")}) == 4


def test_a_number_of_days_is_no_number_of_daies() -> None:
    assert [count(number, "day") for number in (1, 2)] == ["1 day", "2 days"]
    assert count(2, "story") == "2 stories"
