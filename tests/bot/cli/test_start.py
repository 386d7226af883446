"""A command loads only what it works with: by what is loaded, not by how long that takes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.build import ROOT

HEAVY = {"aiohttp", "discord", "prometheus_client", "pydantic", "structlog", "watchfiles", "yaml"}
LOADED = """
import json, sys
from bot.cli.main import main
try:
    main()
finally:
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def loaded_by(*arguments: str) -> set[str]:
    """Return which libraries a process of the command line has loaded when it ends well."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        env={"PYTHONPATH": str(ROOT), "DATABASE_PATH": "broadsheet.db"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["source", "--help"], ["search", "--help"]])
def test_help_loads_neither_a_database_nor_what_draws_tables(arguments: list[str]) -> None:
    assert loaded_by(*arguments).isdisjoint(
        {*HEAVY, "aiosqlite", "asyncio", "rapidfuzz", "rich", "sqlite3", "Stemmer"}
    )


@pytest.mark.parametrize("arguments", [["search", "dark"], ["preview", "AI"], ["topics", "--json"]])
def test_a_lookup_loads_neither_discords_library_nor_what_reads_seeds_and_feeds(
    loaded: Path, arguments: list[str]
) -> None:
    assert loaded
    assert loaded_by(*arguments).isdisjoint({*HEAVY, "rich"})


def test_a_table_loads_rich_and_nothing_else(loaded: Path) -> None:
    assert loaded
    assert loaded_by("topics").isdisjoint({*HEAVY, "pygments", "markdown_it"})
