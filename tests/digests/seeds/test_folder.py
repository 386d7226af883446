"""Walking a seeds folder, however deep it is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from digests.seeds.folder import FoundFile, walk
from storage.models import Fault
from tests.build import write_seed

DEEP = 1_100  # levels; more than Python lets functions call each other


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with a seed at the bottom of very many folders."""
    root = tmp_path / "seeds"
    folders = [root, *(root / "/".join("d" * level) for level in range(1, DEEP + 1))]
    for folder in folders:
        folder.mkdir()
    write_seed(folders[-1], "a.md")
    yield root
    (folders[-1] / "a.md").unlink()
    for folder in reversed(folders):  # pytest can't delete so many levels
        folder.rmdir()


def test_a_file_below_very_many_folders_is_found(deep: Path) -> None:
    (found,) = walk(deep)
    assert isinstance(found, FoundFile)
    assert found.path == "d/" * DEEP + "a.md"


def test_files_are_found_in_the_order_of_their_names_below_those_of_their_folders(tmp_path: Path) -> None:
    for name in ("c.md", "b/z.md", "b/a/x.md", ".hidden/a.md", "a.md", "b.md", "d/.hidden.md"):
        write_seed(tmp_path, name)
    assert [found.path for found in walk(tmp_path)] == ["a.md", "b/a/x.md", "b/z.md", "b.md", "c.md"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may list any folder")
def test_a_folder_that_cant_be_listed_is_a_fault(tmp_path: Path) -> None:
    write_seed(tmp_path, "a/a.md").parent.chmod(0)
    write_seed(tmp_path, "b.md")
    fault, found = walk(tmp_path)
    (tmp_path / "a").chmod(0o700)
    assert fault == Fault("a", None, None, "can't be listed (Permission denied)")
    assert found.path == "b.md"
