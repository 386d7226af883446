"""The shortcut for usual related articles says what the long way says, or nothing."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.fields import ArticleFields, validate
from digests.usual import UsualArticle, usual_article
from digests.yaml_loader import load

BLOCK = """  - title: "A title"
    excerpt: "An excerpt"
    publishedDateTime: 2021-03-17T01:39:00Z
    webUrl: "https://www.one.example/a/title/"
    ampWebUrl: "https://www.one.example/amp/title"
    cdnAmpWebUrl: "https://www-one-example.cdn.example/c/s/www.one.example/amp/title"
    type: article
    provider:
      name: One
      domain: one.example
    quality: 114
    images:
      - url: "https://www.one.example/a.jpg"
        width: 1200
        height: 675
        isCached: true
"""
LINES = BLOCK.splitlines(keepends=True)
WITHOUT_PICTURES = "".join(LINES[:-5])
ODD = """&amp; &#038; &nbsp; \\ " ' # : - null yes on 0 1_0 007 1e3 20 2021 31 13 60 \u00a0 \u200b \u2028
\u0085 \u0301 \ufeff \t é 日本 😀 & * ! << | > [ ] { } , ? @ ` % ~ = http:// ftp:// :99999 /../
?utm_source=a&b=%2 #x One.Example"""
PIECES = st.one_of(st.sampled_from([" ", "", "\n", *re.split("[ \n]", ODD)]), st.text(max_size=3))
EDITS = st.lists(st.tuples(st.integers(0, len(BLOCK)), st.integers(0, 9), PIECES), min_size=1, max_size=3)


def check(block: str) -> None:
    """Fail where the shortcut says anything else than the long way does."""
    if short := usual_article(block):
        (data,) = load(block)
        said = validate(ArticleFields, data)
        for name in set(UsualArticle._fields) - {"provider"}:
            assert getattr(short, name) == getattr(said, name), name
        assert (short.provider.name, short.provider.domain) == (said.provider.name, said.provider.domain)


@pytest.mark.parametrize(
    "block",
    [
        BLOCK,
        WITHOUT_PICTURES,
        "".join(LINES[:4] + LINES[6:]),
        BLOCK.replace("One", "Café").replace("a.jpg", "a.jpg?a=1&#038;b=2").replace("A title", "A &amp;  b "),
    ],
)
def test_a_usual_block_takes_the_shortcut(block: str) -> None:
    assert usual_article(block)
    check(block)


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        ("A title", ""),
        ("A title", " "),
        ("A title", "A \\n title"),
        ("A title", "A \u2028 title"),
        ("2021-03-17", "2021-13-17"),
        ("https://www.one.example/a/title/", "htt ps://x"),
        ("https://www.one.example/a/title/", ""),
        ("name: One", "name: yes"),
        ("name: One", "name: One # two"),
        ("domain: one", "domain: 'one'"),
        ("quality: 114", "quality: 1140000"),
        ("quality: 114", "quality: -1"),
        ("type: article", "type: yes"),
    ],
)
def test_an_unusual_block_goes_the_long_way(usual: str, odd: str) -> None:
    assert usual in BLOCK
    assert usual_article(BLOCK.replace(usual, odd)) is None


@given(EDITS)
@settings(deadline=None, max_examples=400)
def test_any_block_says_what_it_says_the_long_way(edits: list[tuple[int, int, str]]) -> None:
    block = BLOCK
    for at, length, piece in edits:
        block = block[:at] + piece + block[at + length :]
    check(block)


@given(st.tuples(*[st.tuples(PIECES, PIECES).map("".join)] * 8))
@settings(deadline=None, max_examples=300)
def test_any_texts_say_what_they_say_the_long_way(texts: tuple[str, ...]) -> None:
    title, excerpt, path, amp, cdn, name, domain, image = texts
    check(
        BLOCK.replace("A title", f"A{title}")
        .replace("An excerpt", excerpt)
        .replace("/a/title", path)
        .replace("https://www.one.example/amp/title", amp)
        .replace("/c/s", cdn)
        .replace("name: One", f"name: O{name}")
        .replace("domain: one", f"domain: o{domain}")
        .replace("/a.jpg", image)
    )
