"""Every catalog is whole: its texts fit what they are filled with, and what Discord allows."""

import ast
import gettext
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.locale.catalogs import ENGLISH, LANGUAGES
from scripts.compile_texts import translated as compiled
from scripts.write_texts import TEMPLATE, catalog_file, document, merged, template
from tests.build import ROOT

CODE = re.compile(r"`[^`]*`")
HIDDEN_END = re.compile(r"\*\*[^*\s][^*]*[^\w\s*}]\*\*[\w{`]")
GLUED = re.compile(r"[:;,] |\.$")  # signs of a sentence
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


def test_what_languages_are_called_is_no_text_so_a_new_one_leaves_the_other_catalogs_whole(
    texts: Catalog,
) -> None:
    assert [name for name in LANGUAGES.values() if name in texts] == []


def test_signs_between_words_and_numbers_are_part_of_a_text_not_put_there_in_code() -> None:
    files = [ROOT / "bot" / "ties.py", *(ROOT / "bot" / "views").glob("*.py")]
    glued = [
        f"{file.name}: {ast.unparse(node)}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.JoinedStr) and any(map(is_glued, node.values))
    ]
    assert glued == []


def is_glued(part: ast.expr) -> bool:
    """Say whether a part of an f-string has what each language writes in its own way."""
    if isinstance(part, ast.FormattedValue):
        return part.format_spec is not None and any(map(is_number, ast.walk(part.format_spec)))
    return isinstance(part, ast.Constant) and GLUED.search(str(part.value)) is not None


def is_number(spec: ast.AST) -> bool:
    return isinstance(spec, ast.Constant) and str(spec.value).endswith((",", "f"))


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalog_has_every_text_and_no_other(language: str, texts: Catalog) -> None:
    assert catalog_file(language).read_text("utf-8") == document(merged(language, texts)), "run: make texts"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    assert [str(english) for _message, english, forms in translated(language) if not all(forms)] == []
    assert not any(message.fuzzy for message in catalog_in(language) if message.id)


def test_a_text_that_is_translated_in_part_or_in_doubt_reads_in_english(tmp_path: Path) -> None:
    file = tmp_path / "pl" / "LC_MESSAGES" / "broadsheet.po"
    file.parent.mkdir(parents=True)
    header = 'msgid ""\nmsgstr ""\n"Language: pl\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    stories = 'msgid "{number} story"\nmsgid_plural "{number} stories"\n'
    forms = 'msgstr[0] "{number} news"\nmsgstr[1] "{number} newsy"\nmsgstr[2] ""\n\n'
    file.write_text(
        f'{header}{stories}{forms}#, fuzzy\nmsgid "Save"\nmsgstr "Zapis"\n\nmsgid "Edit"\nmsgstr "Edytuj"\n',
        "utf-8",
    )
    content = BytesIO()
    write_mo(content, compiled(file))
    content.seek(0)
    texts = gettext.GNUTranslations(content)
    assert [texts.gettext("Edit"), texts.gettext("Save")] == ["Edytuj", "Save"]
    assert [texts.ngettext("{number} story", "{number} stories", number) for number in (1, 2)] == [
        "{number} story",
        "{number} stories",
    ]


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
