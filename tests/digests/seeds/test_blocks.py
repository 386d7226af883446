"""Seeds read in blocks say what they say read whole, whatever stands in and around their blocks."""

import json
import re
from textwrap import indent

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.errors import SeedError
from digests.seeds.parser import SeedReader, raw_text
from storage.models import Mention, Record
from tests.build import HOST, SHARED, mention_text, related_text, seed_text
from tests.digests.seeds.test_parser import SEED, front_matter, meaning, read

CORPUS = sorted((SHARED / "corpus").glob("*/**/*.md"))
NEEDS_CORPUS = pytest.mark.skipif(not CORPUS, reason="the corpus is not here")


def read_whole(text: str) -> Record:
    """Read a seed whose `related` is not formed as usual, though it says the same."""
    return read(text.replace("\nrelated:\n", "\nrelated: # coverage\n"))


def kept(record: Record) -> object:
    """Return the plain YAML that is kept of a record."""
    own, *related = (mention.raw.decode() for mention in record.mentions)
    return yaml.load(raw_text(own, record.related_at, related), Loader=yaml.CSafeLoader)


ODD_LINES = [
    "# a comment",
    "note: &here word",
    "note: *here",
    'note: "two\n\n  lines"',
    "note: |\n  text\n    - more: text\n",
    "note: |+\n  kept\n\n",
    "note: >-\n  folded\n  text",
    "note: {a: [1, 2], b: '#'}",
    "note:\n- x\n- y",
    "note:",
    "",
    "   ",
    "'quoted key': 1",
    "? note\n: 1",
    "note: !!str 5",
    "<<: {note: 1}",
    "note: 'related:'",
    "note: [",
    "note: x: y",
    "quality: 3",
    "note: 2020-13-01",
    "note: a\rb: c",
    "note: a\u2028b",
]
ODD_BLOCKS = [
    related_text(mention_text()),
    related_text(mention_text(f"{HOST}/2", title="A # sign - and: colons")),
    "  - {title: x}\n",
    "  - word\n",
    "  -\n    title: x\n",
    "  # between\n",
    "\n",
    "    \n",
    "  - &anchor\n" + "".join(f"    {line}\n" for line in mention_text(f"{HOST}/3").splitlines()),
    "  - *anchor\n",
    "- unindented\n",
    "   - indented more\n",
]
EXTRAS = st.lists(st.sampled_from(ODD_LINES), max_size=2).map("\n".join)
BLOCKS = st.lists(
    st.one_of(
        st.sampled_from(ODD_BLOCKS),
        EXTRAS.map(lambda extra: related_text(mention_text(f"{HOST}/4", extra=extra))),
    ),
    max_size=4,
).map("".join)
AFTER = st.lists(
    st.sampled_from(["secured: opaque", "heat: 5", "related:\n  - x", "- x", *ODD_LINES]), max_size=2
)
SEEDS = st.builds(
    lambda extra, blocks, after: seed_text(
        extra=extra, after=f"\nrelated:\n{blocks}" + "\n".join([*after, ""])
    ),
    EXTRAS,
    BLOCKS,
    AFTER,
).filter(lambda text: all(text.count(once) < 2 for once in ("&here", "&anchor", "<<")))


def outcome(text: str) -> tuple[Record, list[Mention]] | str:
    try:
        return meaning(read(text))
    except SeedError as error:
        return type(error).__name__


@given(SEEDS)
@settings(deadline=None, max_examples=200)
def test_reading_in_blocks_says_what_reading_whole_says(text: str) -> None:
    assert outcome(text) == outcome(text.replace("\nrelated:\n", "\nrelated: # coverage\n"))


AROUND = [
    ("x.md", "---\n", "---\n"),
    ("x.md", "---\n", "---"),
    ("x.md", "--- \n", "--- \nWords.\n"),
    ("x.md", "---\n", "...\n  - a list\n---\n  - more\n"),
    ("x.md", "---\n", "---\nrelated:\n  - a\nb\n"),
    ("x.md", "---\n", "---\ntitle: x\nwebUrl: y\nquality: 1\n"),
    ("x.md", "---\n", "---\n\udcff\n"),
    ("x.md", "---\n", ""),
    ("x.md", "", "---\n"),
    ("x.md", "\n---\n", "---\n"),
    ("x.md", "\ufeff---\n", "---\n"),
    ("x.yaml", "", ""),
    ("x.YML", "---\n", ""),
    ("x.yaml", "---\n", "---\ntitle: x\nwebUrl: y\nquality: 1\n"),
    ("x.yaml", "", "---\ntitle: x\n"),
]


@given(SEEDS, st.sampled_from(AROUND), st.sampled_from(["\n", "\r\n"]))
@settings(deadline=None, max_examples=200)
def test_reading_in_blocks_ends_where_reading_whole_ends(
    seed: str, around: tuple[str, str, str], line_end: str
) -> None:
    path, before, after = around

    def said(front: str) -> tuple[Record, list[Mention]] | tuple[str, int | None]:
        text = f"{before}{front}{after}".replace("\n", line_end)
        try:
            return meaning(read(text.encode("utf-8", "surrogateescape"), path))
        except SeedError as error:
            return str(error).split("(byte")[0], error.line

    whole = front_matter(seed).replace("\nrelated:\n", "\nrelated: # coverage\n")
    assert said(front_matter(seed)) == said(whole)


@given(SEEDS)
@settings(deadline=None, max_examples=150)
def test_the_text_kept_of_a_record_says_what_plain_yaml_says(text: str) -> None:
    try:
        record = read(text)
    except SeedError:
        return
    if record.related_at is not None:
        assert kept(record) == yaml.load(front_matter(text), Loader=yaml.CSafeLoader)


NO_YAML = {
    "the rest is another mapping": SEED.replace("secured: opaque", "{secured: opaque}"),
    "the beginning is another mapping": re.sub(
        r"category.*?(?=\nrelated)",
        lambda found: json.dumps(yaml.safe_load(found[0]), default=str),
        SEED,
        flags=re.DOTALL,
    ),
    "the beginning is indented": re.sub(
        r"category.*?(?=\nrelated)", lambda found: indent(found[0], " "), SEED, flags=re.DOTALL
    ),
    "an anchor stands twice": SEED.replace("type: article", "type: &a article"),
    "merges stand twice": SEED.replace("category", "<<: {a: 1}\ncategory").replace(
        "secured", "<<: {b: 1}\nsecured"
    ),
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in NO_YAML.items()])
def test_what_is_no_yaml_as_a_whole_is_not_read_in_parts(text: str) -> None:
    assert outcome(text.replace("\nrelated:\n", "\nrelated: # coverage\n")) == "SeedError"
    assert outcome(text) == "SeedError"


def test_a_reader_that_has_seen_a_block_reads_it_as_before() -> None:
    reader = SeedReader()
    other = SEED.replace(f"{HOST}/1", f"{HOST}/9")
    first, second = reader.read("a.md", SEED.encode()), reader.read("b.md", other.encode())
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert meaning(first) == meaning(read(SEED, "a.md"))
    assert meaning(second) == meaning(read(other, "b.md"))


@NEEDS_CORPUS
@pytest.mark.no_cover
def test_real_seeds_read_in_blocks_say_what_they_say_read_whole() -> None:
    for path in CORPUS:
        text = path.read_text(encoding="utf-8")
        if "organizations" not in path.parts:
            assert meaning(read(text)) == meaning(read_whole(text)), path
