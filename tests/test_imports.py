"""Imports run one way: bot, digests, storage; libraries and SQL stay where they belong."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("storage", "digests", "bot")  # each may import those before it
AT_HOME = {  # library: the places that may import it, beside tests
    "discord": ("bot/",),
    "simcord": ("bot/sandbox/",),
    "aiosqlite": ("storage/",),
    "sqlite3": ("storage/",),
}


def imported(source: str, path: str) -> Iterator[tuple[int, str]]:
    """Yield (line, full module name) of everything that a module imports, wherever it does so."""
    package = path.split("/")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) + 1 - node.level]
            yield node.lineno, ".".join([*base, *filter(None, [node.module])])
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"__import__", "import_module"}:
            constants = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            yield from ((node.lineno, value) for value in constants if isinstance(value, str))


def breaches(source: str, path: str) -> list[str]:
    """Return what a module at `path`, relative to the root, imports though it may not."""
    layer = path.split("/", maxsplit=1)[0]
    above = LAYERS[LAYERS.index(layer) + 1 :]
    found = []
    for line, name in imported(source, path):
        top = name.split(".")[0]
        homes = AT_HOME.get(top, (path,))
        if top in {*above, "tests"} or not path.startswith(homes):
            found.append(f"{path}:{line} imports {name}")
    return found


MODULES = sorted(
    path.relative_to(ROOT).as_posix() for layer in LAYERS for path in (ROOT / layer).rglob("*.py")
)


def test_there_are_modules_of_every_layer() -> None:
    assert {module.split("/")[0] for module in MODULES} == set(LAYERS)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_is_below_it(module: str) -> None:
    assert breaches((ROOT / module).read_text(encoding="utf-8"), module) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("storage/a.py", "import digests.edition"),
        ("storage/a.py", "from digests import edition"),
        ("storage/a.py", "import bot"),
        ("digests/a.py", "from bot.settings import Settings"),
        ("digests/a.py", "def late():\n    from bot import cli"),
        ("digests/a.py", "if TYPE_CHECKING:\n    import discord"),
        ("digests/a.py", "from discord.ext import tasks"),
        ("digests/a.py", "import aiosqlite"),
        ("digests/a.py", "import json, aiosqlite as db"),
        ("digests/a.py", "importlib = __import__('discord')"),
        ("digests/a.py", "from importlib import import_module\nimport_module('bot.cli')"),
        ("bot/a.py", "import aiosqlite"),
        ("bot/a.py", "import simcord"),
        ("bot/views/a.py", "from simcord.preview import Preview"),
        ("bot/a.py", "from tests.build import article"),
        ("storage/deep/a.py", "from ...digests import edition"),
    ],
)
def test_a_breach_is_found(path: str, source: str) -> None:
    assert len(breaches(source, path)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("bot/a.py", "import discord\nfrom digests import edition\nfrom storage.models import Story"),
        ("bot/sandbox/page.py", "import simcord"),
        ("bot/views/a.py", "from . import text\nfrom ..access import check"),
        ("digests/a.py", "from storage import seeds\nfrom digests.seeds import SeedReader\nimport json"),
        ("storage/a.py", "import aiosqlite\nimport sqlite3"),
        ("digests/a.py", "import discordant\nimport botany"),
        ("digests/a.py", "# import discord\ntext = 'import discord'"),
    ],
)
def test_what_is_allowed_is_no_breach(path: str, source: str) -> None:
    assert breaches(source, path) == []


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("storage/")])
def test_no_statement_numbers_its_placeholders_of_which_python_3_12_warns(module: str) -> None:
    assert not re.search(r"\?[0-9]", (ROOT / module).read_text("utf-8"))
