"""Any text is a YAML document or an error, and documents are read as PyYAML reads them."""

from contextlib import suppress

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.seeds.yaml_loader import YamlError, load



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
