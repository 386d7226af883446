"""The shortcut for usual seeds says what the long way says, or nothing."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.seeds.schema import ArticleFields, RecordFields, validate
from digests.seeds.fast_path import LONGEST
from digests.seeds.fast_path import FastArticle, FastRecord, match_article, match_record
from digests.seeds.yaml_loader import load

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
RECORD = """category: news
title: "A title"
excerpt: "An excerpt"
publishedDateTime: 2021-03-17T01:39:00Z
originalUrl: "https://www.one.example/title/"
webUrl: "https://www.one.example/a/title/"
ampWebUrl: "https://www.one.example/amp/title"
cdnAmpWebUrl: "https://www-one-example.cdn.example/c/s/www.one.example/amp/title"
type: article
quality: 114
heat: 354
published: true

provider:
  name: One
  domain: one.example
  images:
    - url: "https://seeds.example/one.example-50x50.jpg"
      width: 50
      height: 50

topics:
  - First
  - Second topic

images:
  - url: "https://www.one.example/a.jpg"
    width: 1200
    height: 675
    isCached: true
    title: "A picture"

secured: "c2VjcmV0==;aXY="
"""
ODD = """&amp; &#038; &nbsp; \\ \\" \\n \\u0041 " ' # : - null yes on 0 1_0 007 1e3 20 2021 31 13 60 -1
true \u00a0 \u200b \u2028 \u0085 \u0301 \ufeff \t é 日本 😀 & * ! << | > [ ] { } , ? @ ` % ~ = http:// ftp://
:99999 /../ ?utm_source=a&b=%2 #x One.Example removed: related:"""
PIECES = st.one_of(st.sampled_from([" ", "", "\n", *re.split("[ \n]", ODD)]), st.text(max_size=3))


def edits(text: str) -> st.SearchStrategy[str]:
    """Make texts that differ from this one in up to three places."""

    def edited(changes: list[tuple[int, int, str]]) -> str:
        changed = text
        for at, length, piece in changes:
            changed = changed[:at] + piece + changed[at + length :]
        return changed

    places = st.tuples(st.integers(0, len(text)), st.integers(0, 9), PIECES)
    return st.lists(places, min_size=1, max_size=3).map(edited)


def check(block: str) -> None:
    """Fail where the shortcut says anything else than the long way does."""
    if short := match_article(block):
        (data,) = load(block)
        check_article(short, validate(ArticleFields, data))


def check_record(text: str) -> None:
    """Fail where the shortcut for records says anything else than the long way does."""
    if short := match_record(text):
        said = validate(RecordFields, load(text))
        check_article(short.article, said)
        for name in set(FastRecord._fields) - {"article"}:
            assert getattr(short, name) == getattr(said, name), name
        assert said.related is None


def check_article(short: FastArticle, said: ArticleFields) -> None:
    for name in FastArticle._fields:
        assert getattr(short, name) == getattr(said, name), name


@pytest.mark.parametrize(
    "block",
    [
        BLOCK,
        WITHOUT_PICTURES,
        "".join(LINES[:4] + LINES[6:]),
        BLOCK.replace("One", "Café").replace("a.jpg", "a.jpg?a=1&#038;b=2").replace("A title", "A &amp;  b "),
        BLOCK.replace("A title", "A\u00a0title\u202f\u200b").replace("An excerpt", "An\u00a0excerpt: C:\\\\"),
        BLOCK.replace("A title", r"A \"title\" of C:\\n").replace("An excerpt", r"One\r\n\r\ntwo"),
    ],
)
def test_a_usual_block_takes_the_shortcut(block: str) -> None:
    assert match_article(block)
    check(block)


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        ("A title", ""),
        ("A title", " "),
        ("A title", "A \\u0041 title"),
        ("A title", "A \u2028 title"),
        ("2021-03-17", "2021-13-17"),
        ("T01:39:00Z", "T24:00:00Z"),
        ("T01:39:00Z", "T01:39:60Z"),
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
    assert match_article(BLOCK.replace(usual, odd)) is None


@given(edits(BLOCK))
@settings(deadline=None, max_examples=400)
def test_any_block_says_what_it_says_the_long_way(block: str) -> None:
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


@pytest.mark.parametrize(
    "text",
    [
        RECORD,
        RECORD.replace("\n\n", "\n"),
        RECORD.replace(RECORD[RECORD.index("images:\n  - url") :], "\n\n"),
        re.sub("  images:\n(    .*\n)+", "", RECORD)
        .replace("heat: 354", "heat: -1")
        .replace("true", "false"),
        re.sub("(originalUrl|ampWebUrl|cdnAmpWebUrl): .*\n", "", RECORD),
        RECORD.replace("A title", "A\u00a0title\u202f").replace("First", "The\u00a0first"),
        RECORD.replace("An excerpt", r"One\r\n\"two\"").replace("news", "Local news"),
    ],
)
def test_a_match_record_takes_the_shortcut(text: str) -> None:
    assert match_record(text)
    check_record(text)


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        ("category: news", "category: yes"),
        ("category: news\n", ""),
        ("A title", "  "),
        ("An excerpt", "word " * (LONGEST // 5)),
        ("heat: 354", "heat: -2"),
        ("published: true", "published: yes"),
        ("published: true", "published: true\nremoved: true"),
        ("published: true", "published: true\nfeaturedContent: x"),
        ("provider:", "related:\nprovider:"),
        ("  - First", "  - on"),
        ("  - First", "  - '1'"),
        ("  - First\n  - Second topic\n", ""),
        ("https://www.one.example/a/title/", "ftp://www.one.example/"),
        ("width: 50\n", "width: 50px\n"),
        ("secured: ", "quality: "),
    ],
)
def test_an_unmatch_record_goes_the_long_way(usual: str, odd: str) -> None:
    assert usual in RECORD
    assert match_record(RECORD.replace(usual, odd)) is None


@given(edits(RECORD))
@settings(deadline=None, max_examples=400)
def test_any_record_says_what_it_says_the_long_way(text: str) -> None:
    check_record(text)


@given(st.tuples(*[st.tuples(PIECES, PIECES).map("".join)] * 8))
@settings(deadline=None, max_examples=300)
def test_any_texts_of_a_record_say_what_they_say_the_long_way(texts: tuple[str, ...]) -> None:
    title, excerpt, original, category, name, topic, picture, secured = texts
    check_record(
        RECORD.replace("A title", title)
        .replace("An excerpt", excerpt)
        .replace("example/title/", f"example/{original}")
        .replace("news", f"n{category}")
        .replace("name: One", f"name: O{name}")
        .replace("First", f"F{topic}")
        .replace("A picture", picture)
        .replace("aXY=", secured)
    )
