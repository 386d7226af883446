"""What PostgreSQL's search index is given: vectors and queries that it takes, whatever stands in a text."""

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.lookup.query import parse
from storage.postgres.dialect import POSTGRES
from storage.postgres.search import vector
from storage.search.terms import Term, Terms, expression
from storage.search.words import indexed
from tests.cluster import Cluster

TEXTS = st.text(max_size=60) | st.text("ab'\\:*&|!()<->@/\"ä字 .-", max_size=30)


@pytest.fixture(scope="module")
def session(cluster: Cluster) -> Iterator["psycopg.Connection[tuple[bool]]"]:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        yield connection


def finds(session: "psycopg.Connection[tuple[bool]]", typed: str, title: str, excerpt: str = "") -> bool:
    """Say whether an article with these texts is found by what was typed."""
    wanted = tuple(Term(each.text) for each in parse(typed).wanted)
    said = expression(POSTGRES.search, Terms(wanted))
    texts = vector(title, "An Outlet", excerpt)
    row = session.execute("SELECT CAST(%s AS tsvector) @@ CAST(%s AS tsquery)", (texts, said)).fetchone()
    return bool(row and row[0])


@settings(deadline=None, max_examples=60)
@given(title=TEXTS, excerpt=TEXTS)
def test_every_text_is_taken_and_found_by_its_words(
    session: "psycopg.Connection[tuple[bool]]", title: str, excerpt: str
) -> None:
    search = POSTGRES.search
    for word in f"{indexed(title)} {indexed(excerpt)}".split():
        sought = search.phrase(word)
        row = session.execute(
            "SELECT CAST(%s AS tsvector) @@ CAST(%s AS tsquery)", (vector(title, "", excerpt), sought)
        ).fetchone()
        assert row == (True,)


def test_a_phrase_does_not_go_on_in_the_next_text(session: "psycopg.Connection[tuple[bool]]") -> None:
    assert finds(session, '"harbour town"', "The harbour town")
    assert not finds(session, '"harbour town"', "The harbour", "Town and country")
    assert not finds(session, '"harbour an"', "The harbour")


def test_a_word_longer_than_a_lexeme_is_found(session: "psycopg.Connection[tuple[bool]]") -> None:
    assert finds(session, "ა" * 900, "ა" * 900)
    assert not finds(session, "ბ" * 900, "ა" * 900)


def test_a_text_of_one_word_many_times_is_taken(session: "psycopg.Connection[tuple[bool]]") -> None:
    assert finds(session, "buffalo", "Buffalo", "buffalo " * 600)
