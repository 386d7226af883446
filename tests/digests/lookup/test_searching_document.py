"""docs/searching.md says what searches find, and each of its examples is tried."""

import re

import pytest

from tests.build import ROOT, seed_text, write_seed
from tests.digests.lookup.conftest import Library

DOCUMENT = (ROOT / "docs" / "searching.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of each row of the table below a heading, but for the two rows of its head."""
    table = DOCUMENT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def examples(cell: str) -> list[str]:
    """Return what stands between backticks."""
    return re.findall(r"`([^`]+)`", cell)


@pytest.fixture
async def scripts(library: Library) -> Library:
    """Return a library of the titles in all scripts."""
    await library.load(**{f"s{number}": title for number, (_, title, _) in enumerate(rows("In any script"))})
    return library


@pytest.fixture
async def signs(library: Library) -> Library:
    """Return a library of the titles with signs and numbers."""
    table = rows("Names with signs and numbers")
    await library.load(**{f"s{number}": title for number, (title, *_) in enumerate(table)})
    return library


async def test_titles_in_any_script_are_found_by_what_stands_inside_them(scripts: Library) -> None:
    for script, title, cell in rows("In any script"):
        assert examples(cell)
        for typed in examples(cell):
            assert await scripts.titles(typed) == [title], (script, typed)
            assert await scripts.titles(f"{typed} ") == [title], (script, typed)
            assert await scripts.offered(typed) == [title], (script, typed)


async def test_names_with_signs_are_found_first_however_they_are_written(signs: Library) -> None:
    for title, cell, _ in rows("Names with signs and numbers"):
        for typed in examples(cell):
            assert await signs.titles(typed) == [title], typed
            assert (await signs.titles(f"{typed} "))[:1] == [title], typed
            if len(typed) > 2 or not typed.isalnum():
                assert (await signs.offered(typed))[:1] == [title], typed


async def test_names_with_signs_are_not_found_by_what_their_neighbours_are_called(signs: Library) -> None:
    for title, _, cell in rows("Names with signs and numbers"):
        for typed in examples(cell):
            assert title not in await signs.titles(f"{typed} "), typed


async def test_words_are_found_by_their_forms_in_each_language(library: Library) -> None:
    table = rows("In other forms")
    for number, (cell, title, _) in enumerate(table):
        (language,) = examples(cell)
        about = f"---\nname: O{number}\ndomain: o{number}.example\nlanguage: {language}\n---\n"
        write_seed(library.folder, f"_data/organizations/o{number}.md", about)
        write_seed(library.folder, f"{number}.md", seed_text(f"https://o{number}.example/1", title=title))
    await library.reload()
    for _, title, cell in table:
        for typed in examples(cell):
            results = await library.search(f"{typed} ")
            assert [each.coverage.pick.title for each in results.stories] == [title], typed
            assert results.corrections == ()
