"""Any text is a YAML document or an error, and documents are read as PyYAML reads them."""

from contextlib import suppress

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.seeds.yaml_loader import YamlError, load
from tests.build import SHARED

CORPUS = sorted((SHARED / "corpus").glob("*/**/*.md"))


@pytest.mark.parametrize(
    "text", ["a: &x 1", "a: 'quoted'", "a: |\n  b", "a: [1]", "a: 1 # note", "a: 2020-01-01"]
)
def test_a_document_is_read_as_pyyaml_reads_it(text: str) -> None:
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
        front = text[4 : text.index("\n---", 4) + 1]
        assert repr(load(front)) == repr(yaml.load(front, Loader=yaml.CSafeLoader))
