"""The command line in the test's own process and folder, with a few seeds of its own."""

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli.main import main
from tests.bot.cli.outcome import Outcome, Run
from tests.build import mention_text, seed_text, write_seed

LOGGERS = ("", "bot", "digests", "storage", "discord")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Return what runs the command line in this process; the test's folder is where it runs."""
    handlers = logging.getLogger().handlers
    levels = [logging.getLogger(name).level for name in LOGGERS]

    def run_command(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["broadsheet", *map(str, arguments)])
        code: Any = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        return Outcome(code, out, err)

    umask = os.umask(0o022)  # as in most people's shells
    yield run_command
    os.umask(umask)
    logging.getLogger().handlers = handlers
    for name, level in zip(LOGGERS, levels, strict=True):
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of three records, which SEEDS_PATH names: two on AI, two on space."""
    folder = tmp_path / "seeds"
    other = mention_text(
        "https://two.example/2", title="Lights out at the pier", published="2020-03-10T09:00:00Z", quality=80
    )
    write_seed(
        folder,
        "pier.md",
        seed_text(
            "https://one.example/1",
            title="The pier goes dark",
            published="2020-03-10T08:00:00Z",
            quality=40,
            topics=("AI", "Space"),
            related=[other],
        ),
    )
    write_seed(
        folder,
        "pears.md",
        seed_text(
            "https://three.example/3",
            title="Pears dark as plums",
            published="2020-03-09T08:00:00Z",
            quality=60,
        ),
    )
    write_seed(
        folder,
        "comet.md",
        seed_text(
            "https://one.example/4",
            title="A dark comet",
            published="2020-03-10T23:59:59Z",
            quality=20,
            topics=("Space",),
        ),
    )
    monkeypatch.setenv("SEEDS_PATH", str(folder))
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "broadsheet.db"))
    return folder


@pytest.fixture
def loaded(run: Run, seeds: Path) -> Path:
    """Return the folder of seeds, loaded."""
    assert run("reload", "--json").document["added"] == len(list(seeds.iterdir()))
    return seeds
