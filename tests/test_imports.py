"""Imports run one way: bot, digests, storage, and down the floors of digests; libraries stay at home."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("storage", "digests", "bot")  # each may import those before it
# Rooms of digests/, lowest first: each may import those on lower floors, none its neighbours on its own.
FLOORS = (
    ("ground",),
    ("stories",),
    ("lookup", "editions", "seeds", "feeds"),
    ("subscriptions",),
    ("delivery",),
)
AT_HOME = {  # library: the places that may import it, besides tests
    "discord": ("bot/",),
    "simcord": ("bot/sandbox/",),
    "aiosqlite": ("storage/sqlite/",),
    "sqlite3": ("storage/sqlite/",),
    "psycopg": ("storage/postgres/",),
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


def room_of(path: str) -> str:
    """Return the room that a module of digests/ is in, given by its path or its full name."""
    parts = path.removesuffix(".py").replace(".", "/").split("/")
    rooms = {room for floor in FLOORS for room in floor}
    return parts[1] if len(parts) > 1 and parts[1] in rooms else "ground"


def floor_of(room: str) -> int:
    """Return the floor that a room is on."""
    return next(number for number, floor in enumerate(FLOORS) if room in floor)


def is_upstairs(name: str, path: str) -> bool:
    """Say whether what a module at `path` of digests/ imports is next door or further up."""
    if not (path.startswith("digests/") and name.startswith("digests.")):
        return False
    here, there = room_of(path), room_of(name)
    return here != there and floor_of(there) >= floor_of(here)


def breaches(source: str, path: str) -> list[str]:
    """Return what a module at `path`, relative to the root, imports though it may not."""
    layer = path.split("/", maxsplit=1)[0]
    above = LAYERS[LAYERS.index(layer) + 1 :]
    found = []
    for line, name in imported(source, path):
        top = name.split(".")[0]
        homes = AT_HOME.get(top, (path,))
        if top in {*above, "tests"} or not path.startswith(homes) or is_upstairs(name, path):
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
        ("storage/a.py", "import aiosqlite"),
        ("storage/search/a.py", "import sqlite3"),
        ("storage/opening.py", "import psycopg"),
        ("digests/text.py", "from digests.stories.urls import canonical"),
        ("digests/stories/a.py", "from digests.seeds.parser import SeedReader"),
        ("digests/stories/a.py", "from digests.lookup import search"),
        ("digests/editions/a.py", "from digests.lookup.search import search_stories"),
        ("digests/subscriptions/a.py", "import digests.delivery.planner"),
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
        (
            "digests/seeds/a.py",
            "from storage import seeds\nfrom digests.seeds.parser import SeedReader\nimport json",
        ),
        ("storage/sqlite/a.py", "import aiosqlite\nimport sqlite3"),
        ("digests/delivery/a.py", "from digests.subscriptions.edit import block\nimport digests.text"),
        ("digests/lookup/a.py", "from digests.lookup.query import parse\nfrom digests.stories import urls"),
        ("digests/a.py", "import discordant\nimport botany"),
        ("digests/a.py", "# import discord\ntext = 'import discord'"),
    ],
)
def test_what_is_allowed_is_no_breach(path: str, source: str) -> None:
    assert breaches(source, path) == []


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("storage/")])
def test_no_statement_numbers_its_placeholders_of_which_python_3_12_warns(module: str) -> None:
    assert not re.search(r"\?[0-9]", (ROOT / module).read_text("utf-8"))
