"""The shortcut for plain YAML reads it as PyYAML does, or not at all."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digests.seeds.plain_yaml import UnusualError, load_plain
from digests.seeds.yaml_loader import YamlError, load
from tests.build import SHARED, mention_text, seed_text

CORPUS = sorted((SHARED / "corpus").glob("*/**/*.md"))
SEED = seed_text(related=[mention_text(), mention_text()]).split("---\n")[1]

ODD = """1 01 0 -0 -7 1_000 0x1F 1e3 1.5 .5 . .inf 1:30 0o7 ~ null yes No on True TRUE true false
    2020-01-01 2020-01-01T10:00:00Z 2020-13-01T10:00:00Z 2020-1-1T1:00:00Z 2020-01-01T10:00:00+01:00
    2020-01-01T10:00:60Z = << - -- --- ... ? : :x x: x:y a#b #c & &a *a ! !!str !x | |- > >+ % %x @x ` `x
    [ [] [a] { {} {a: b} , ,x "a" "a" 'a' 'it''s' "a "a"b "\\\"q\\\"" "\\n" "\\u0041" "é" é naïve ａ 日本 😀
    word Word two\u00a0words \u2028 \u0085 \ufeff \u200b \t"""
SCALARS = st.sampled_from(ODD.split())
LINES = st.builds(
    lambda indent, dash, key, separator, value, after: f"{' ' * indent}{dash}{key}{separator}{value}{after}",
    st.integers(0, 5),
    st.sampled_from(["", "", "- ", "-", "-  ", "- - "]),
    st.sampled_from(["a", "b", "c", "Key", "yes", "null", "y", "1", "a1", "a-b", '"q"', ""]),
    st.sampled_from([": ", ":", ":  ", " : ", " ", ""]),
    st.one_of(st.just(""), SCALARS, st.tuples(SCALARS, SCALARS).map(" ".join), st.text(max_size=4)),
    st.sampled_from(["", "", "", " ", " # note", "\r"]),
)
DOCUMENTS = st.lists(LINES, min_size=1, max_size=7).map("\n".join)
SEED_LINES = SEED.splitlines(keepends=True)
EDITS = st.lists(st.tuples(st.integers(0, len(SEED_LINES)), LINES), min_size=1, max_size=2)


def check(text: str) -> None:
    """Fail where the shortcut reads anything else than PyYAML does."""
    try:
        read = load_plain(text)
    except UnusualError:
        return
    plain = yaml.load(text, Loader=yaml.CSafeLoader)
    assert repr(read) == repr(plain)  # in order, and 1 is not True


@given(DOCUMENTS)
@settings(deadline=None, max_examples=400)
@example("a: 2020-01-01T10:00:00Z")
@example('a: "x \\" y"')
@example('a: "\\\\\\r\\n\\tx\\\\n"')
@example('a: "x\\"')
@example('a: "x\\\\\\"')
@example("a:\n- b: 1\n  c: 2\n- 3")
def test_any_lines_are_read_as_pyyaml_reads_them_or_not_at_all(text: str) -> None:
    check(text)


@given(EDITS)
@settings(deadline=None, max_examples=300)
def test_a_seed_with_odd_lines_is_read_as_pyyaml_reads_it_or_not_at_all(edits: list[tuple[int, str]]) -> None:
    lines = list(SEED_LINES)
    for at, line in edits:
        lines.insert(at, f"{line}\n")
    check("".join(lines))


def test_a_usual_seed_takes_the_shortcut() -> None:
    read = load_plain(SEED)
    assert read["publishedDateTime"] == datetime(2026, 3, 10, 8, tzinfo=UTC)
    assert len(read["related"]) == 2


@pytest.mark.parametrize(
    "text", ["a: &x 1", "a: 'quoted'", "a: |\n  b", "a: [1]", "a: 1 # note", "a: 2020-01-01"]
)
def test_what_the_shortcut_leaves_alone_is_read_all_the_same(text: str) -> None:
    with pytest.raises(UnusualError):
        load_plain(text)
    assert load(text) == yaml.load(text, Loader=yaml.CSafeLoader)


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=200)
def test_any_text_is_a_document_or_a_yaml_error(text: str) -> None:
    with suppress(YamlError):
        load(text)


@pytest.mark.skipif(not CORPUS, reason="the corpus is not here")
def test_real_seeds_are_read_as_pyyaml_reads_them() -> None:
    for path in CORPUS:
        text = path.read_text("utf-8")
        check(text[4 : text.index("\n---", 4) + 1])
