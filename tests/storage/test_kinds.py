"""storage/ has two kinds of function: plain ones that read, and coroutines that write."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build import ROOT

FOLDER = ROOT / "storage"
NOUNS = sorted({*FOLDER.glob("*.py"), *FOLDER.glob("search/*.py")} - {FOLDER / "engine.py"})


def third_kinds(source: str) -> Iterator[str]:
    """Yield the functions of a module that are neither, though they get a reader or a connection."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        given = {argument.arg: ast.unparse(argument.annotation or node) for argument in node.args.args}
        is_read, is_write = "ReadConnection" in given.values(), "Connection" in given.values()
        reads = isinstance(node, ast.FunctionDef) and given.get("reader") == "ReadConnection"
        writes = isinstance(node, ast.AsyncFunctionDef) and given.get("connection") == "Connection"
        if (is_read and not reads) or (is_write and not writes) or (is_read and is_write):
            yield node.name


@pytest.mark.parametrize("path", NOUNS, ids=lambda path: path.stem)
def test_every_function_reads_or_writes(path: Path) -> None:
    assert list(third_kinds(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "async def get(reader: ReadConnection): ...",
        "def add(connection: Connection): ...",
        "def get(connection: ReadConnection): ...",
        "async def both(reader: ReadConnection, connection: Connection): ...",
    ],
)
def test_a_third_kind_is_found(source: str) -> None:
    assert list(third_kinds(source))
