"""Every catalog is whole: its texts fit what they are filled with, and what Discord allows."""

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.locale.catalogs import ENGLISH, LANGUAGES
from scripts.write_texts import TEMPLATE, catalog_file, document, merged, template
from tests.build import ROOT

CODE = re.compile(r"`[^`]*`")
HIDDEN_END = re.compile(r"\*\*[^*\s][^*]*[^\w\s*}]\*\*[\w{`]")
MARKS = ("### ", "## ", "-# ", "- ", "\n")
TRANSLATED = sorted(LANGUAGES.keys() - {ENGLISH})


@pytest.fixture(scope="module")
def texts() -> Catalog:
    return template()


def catalog_in(language: str) -> Catalog:
    with catalog_file(language).open("rb") as content:
        return read_po(content, locale=language)


def translated(language: str) -> Iterator[tuple[Message, list[str], list[str]]]:
    """Yield every text with its English forms, and those of a language."""
    for message in catalog_in(language):
        if message.id:
            english = [message.id] if isinstance(message.id, str) else [*message.id]
            forms = [message.string] if isinstance(message.string, str) else [*(message.string or ())]
            yield message, english, forms


def places(text: str) -> set[str]:
    """Return the places of a text, with how they are written."""
    return {f"{name}:{spec}" for _before, name, spec, _as in Formatter().parse(text) if name is not None}


def test_the_template_has_every_text(texts: Catalog) -> None:
    assert TEMPLATE.read_text("utf-8") == document(texts), "run: make texts"


def test_no_text_in_the_code_is_overlooked(texts: Catalog) -> None:
    calls = [
        node
        for file in (ROOT / "bot").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "n_"}
    ]
    assert len(calls) > 500
    looked_up = [str(node.args[0].value) for node in calls if isinstance(node.args[0], ast.Constant)]
    assert len(looked_up) == len(calls), "a text that isn't written where it is looked up"
    assert [text for text in looked_up if text not in texts] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalog_has_every_text_and_no_other(language: str, texts: Catalog) -> None:
    assert catalog_file(language).read_text("utf-8") == document(merged(language, texts)), "run: make texts"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    assert [str(english) for _message, english, forms in translated(language) if not all(forms)] == []
    assert not any(message.fuzzy for message in catalog_in(language) if message.id)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_text_has_the_places_of_the_english_one(language: str) -> None:
    wrong = [
        form
        for _message, english, forms in translated(language)
        for form in forms
        if places(form) not in [places(each) for each in english]
    ]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_text_has_as_many_forms_as_the_language_has_plurals(language: str) -> None:
    plurals = catalog_in(language).num_plurals
    wrong = [
        english
        for _message, english, forms in translated(language)
        if len(forms) != (plurals if len(english) > 1 else 1)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_commands_options_and_markdown_are_those_of_the_english_text(language: str) -> None:
    wrong = [
        form
        for _message, english, forms in translated(language)
        for form in forms
        if set(CODE.findall(form)) not in [set(CODE.findall(each)) for each in english]
        or form.count("**") != english[0].count("**")
        or [form.startswith(mark) for mark in MARKS] != [english[0].startswith(mark) for mark in MARKS]
    ]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_bold_words_end_where_markdown_sees_it(language: str) -> None:
    """By CommonMark no bold ends between a sign such as a colon and a letter: languages without spaces."""
    wrong = [
        form
        for _message, _english, forms in translated(language)
        for form in forms
        if HIDDEN_END.search(form)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_said_to_be_typed_is_what_is_offered(language: str) -> None:
    said = {english[0]: forms[0] for _message, english, forms in translated(language)}
    dates = said["I don't understand the date “{text}”. Try 2026-01-31, 3 days or last week."]
    days = said["I don't understand the days “{text}”. Try daily, weekdays, weekends, or Monday, Friday."]
    assert [each for each in ("3 days", "last week") if said[each] not in dates] == []
    assert [each for each in ("daily", "weekdays", "weekends") if said[each] not in days] == []
