"""Texts for people are looked up in a catalog, which holds all of them."""

from bot.locale import _, n_
from scripts.write_texts import TEMPLATE, document, template


def test_a_text_has_its_places_filled() -> None:
    assert _("{topic} in {place}", topic="AI", place="#news") == "AI in #news"


def test_a_text_has_the_form_that_goes_with_its_number() -> None:
    assert [n_("{number:,} story", "{number:,} stories", number) for number in (1, 0, 2_000)] == [
        "1 story",
        "0 stories",
        "2,000 stories",
    ]


def test_the_catalog_has_every_text() -> None:
    assert TEMPLATE.read_text("utf-8") == document(template()), "run: make texts"
