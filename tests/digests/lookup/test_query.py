"""What a typed search means, tried on a real FTS5 table."""

import sqlite3

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digests.lookup.query import MAX_TERMS, parse
from digests.lookup.stems import MIN_OPEN
from digests.text import clean
from storage.dialect import SQLITE
from storage.search.terms import Term, Terms, expression
from storage.search.words import indexed


def finds(query: str, *titles: str) -> list[str]:
    """Return those of `titles` that a search for `query` finds."""
    parsed = parse(query)
    wanted = tuple(Term(typed.text, open=typed.goes_on(MIN_OPEN)) for typed in parsed.wanted)
    unwanted = tuple(Term(typed.text) for typed in parsed.unwanted)
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(
            "CREATE VIRTUAL TABLE found USING fts5 (title, excerpt, provider, content = '',"
            " tokenize = \"ascii tokenchars '.+#&'\")"
        )
        rows = [(number, indexed(title)) for number, title in enumerate(titles)]
        connection.executemany("INSERT INTO found (rowid, title) VALUES (?, ?)", rows)
        if not wanted:
            return []
        found = connection.execute(
            "SELECT rowid FROM found WHERE found MATCH ? ORDER BY rowid",
            (expression(SQLITE.search, Terms(wanted, unwanted)),),
        )
        return [titles[row[0]] for row in found]
    finally:
        connection.close()


def test_all_words_must_stand_there_in_any_order() -> None:
    assert finds("bans police ", "Police bans", "Police", "Amazon bans police") == [
        "Police bans",
        "Amazon bans police",
    ]


def test_a_phrase_must_stand_there_as_it_is() -> None:
    assert finds('"face recognition"', "Face recognition", "recognition of a face") == ["Face recognition"]


def test_a_phrase_that_nobody_closed_is_a_phrase() -> None:
    assert finds('"face recognition', "Face recognition", "recognition of a face") == ["Face recognition"]


def test_a_word_after_a_minus_must_not_stand_there() -> None:
    assert finds("amazon -police", "Amazon police", "Amazon prices") == ["Amazon prices"]
    assert finds('amazon -"face recognition" ', "Amazon face recognition", "Amazon face") == ["Amazon face"]


def test_a_hyphen_within_a_word_is_no_minus() -> None:
    assert finds("face-recognition ", "Face recognition", "Face") == ["Face recognition"]


def test_the_last_word_is_a_prefix_while_it_is_being_typed() -> None:
    assert finds("micros", "Microsoft", "Macro") == ["Microsoft"]
    assert finds("micros ", "Microsoft") == []


def test_case_and_accents_do_not_matter() -> None:
    assert finds("CAFE ", "Un café") == ["Un café"]


def test_words_typed_with_separate_accents_are_found() -> None:
    assert finds("cafe\u0301s au lait ", "Cafés au lait") == ["Cafés au lait"]


def test_operators_of_the_search_engine_are_plain_words() -> None:
    assert finds("cats AND dogs ", "cats and dogs", "cats, dogs") == ["cats and dogs"]
    assert finds("title: near ", "title near", "near") == ["title near"]


@pytest.mark.parametrize("text", ["", " ", "-police", '""', "!?", "- -", "___", "*", "\x00", '"', '-"a b"'])
def test_nothing_to_search_for_is_no_expression(text: str) -> None:
    assert parse(text).wanted == ()


def test_a_word_said_twice_is_searched_once() -> None:
    assert [typed.text for typed in parse("a a a ").wanted] == ["a"]


def test_an_endless_query_is_cut_off() -> None:
    assert len(parse(" ".join(f"w{n}" for n in range(5_000))).wanted) == MAX_TERMS


PIECES = st.lists(
    st.one_of(
        st.text(max_size=8), st.sampled_from(['"', "-", " ", "*", "AND", "NOT", "(", ")", ":", "^", "_"])
    ),
    max_size=12,
).map("".join)


@given(PIECES)
@example("\ud800")
@example("²")
@example("-²")
@example('"٪"')
@settings(deadline=None, max_examples=300)
def test_any_text_at_all_is_a_valid_query(text: str) -> None:
    finds(text, "Some title")


LETTERS = st.characters(
    categories=["L", "Nd", "Mn", "Zs", "Pd", "Po"], max_codepoint=0x24F
) | st.sampled_from("\u0301\u0308\u030c\u0327 '\u2019-абвгдёйΐάèदीहि")


@given(st.text(LETTERS, min_size=1, max_size=20))
@settings(deadline=None, max_examples=200)
def test_a_title_is_found_by_its_own_words(text: str) -> None:
    title = clean(text)
    if parse(f"a {title} ").unwanted or not parse(f"{title} ").wanted:
        return
    assert finds(f"{title} ", title) == [title]


def test_what_is_invisible_within_a_word_is_no_part_of_it() -> None:
    assert parse("mo\u00adon\u200blight ").wanted == parse("moonlight ").wanted
