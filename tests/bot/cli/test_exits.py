"""What `run` ends with: 78 where somebody must change something first, 75 where it may work later."""

import os
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from discord.http import Route

from bot.cli.exits import CONFIGURATION, FAULT, LATER, code_of_run
from bot.errors import StartupError, WaitError
from bot.settings import SettingsError
from digests.errors import OtherLayoutError, ReplacedError, TooManyGroupsError
from storage.errors import (
    BeingRestoredError,
    ForeignDatabaseError,
    IncompleteError,
    NewerSchemaError,
    UnusableError,
    UnwritableError,
    UpgradeFullError,
)
from storage.sqlite.lock import out_of_use
from tests.bot.cli.outcome import Run
from tests.databases import make_database

HERE = Path("one.db")


@pytest.fixture(autouse=True)
def a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a token, a database in the test's folder, and a Discord that can't be reached."""
    monkeypatch.setenv("DISCORD_TOKEN", "MTIz.not-a-real.token")
    monkeypatch.setenv("DATABASE_PATH", str(HERE))
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:9/api/v10")


def test_codes_are_those_of_sysexits() -> None:
    assert (CONFIGURATION, LATER) == (os.EX_CONFIG, os.EX_TEMPFAIL)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DISCORD_TOKEN", "", "There's no DISCORD_TOKEN"),
        ("DISCORD_TOKEN", "two words", "Discord doesn't accept the DISCORD_TOKEN"),
        ("LATE_HOURS", "many", "LATE_HOURS"),
        ("DATABASE_PATH", "/proc/none/one.db", "can't be used"),
        ("HEALTH_HOST", "a..b", "HEALTH_HOST"),
    ],
)
def test_what_must_be_set_otherwise_is_78(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv("HEALTH_PORT", "8080" if name == "HEALTH_HOST" else "")
    monkeypatch.setenv(name, value)
    ended = run("run")
    assert (ended.code, ended.out) == (78, "")
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_a_database_of_a_newer_version_is_78(run: Run) -> None:
    make_database(HERE)
    with closing(sqlite3.connect(HERE)) as connection:
        connection.execute("PRAGMA user_version = 999")
    ended = run("run")
    assert (ended.code, "schema version 999" in ended.err) == (78, True)


def test_an_unreachable_discord_is_75(run: Run) -> None:
    ended = run("run")
    assert (ended.code, "Discord can't be reached" in ended.err) == (75, True)


def test_a_database_that_is_being_restored_is_75(run: Run) -> None:
    make_database(HERE)
    with out_of_use(HERE):
        assert run("run").code == 75


def test_a_port_that_somebody_else_has_is_75(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("HEALTH_PORT", str(taken.getsockname()[1]))
        assert run("run").code == 75


def test_other_commands_end_with_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATE_HOURS", "many")
    assert run("topics").code == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SettingsError(), CONFIGURATION),
        (StartupError(), CONFIGURATION),
        (ForeignDatabaseError(HERE), CONFIGURATION),
        (IncompleteError(HERE, "x"), CONFIGURATION),
        (NewerSchemaError(HERE, 9, 8), CONFIGURATION),
        (UnusableError(HERE, "x"), CONFIGURATION),
        (PermissionError(13, "Permission denied", ".env"), CONFIGURATION),
        (OtherLayoutError(8, 2), CONFIGURATION),
        (TooManyGroupsError(2, 4), CONFIGURATION),
        (ReplacedError(), LATER),
        (WaitError(), LATER),
        (UnwritableError(HERE, "x"), LATER),
        (UpgradeFullError(HERE, 5), LATER),
        (BeingRestoredError(HERE), LATER),
        (OSError(28, "No space left on device", "x"), LATER),
        (RuntimeError(), FAULT),
    ],
)
def test_every_error_has_its_code(error: Exception, code: int) -> None:
    assert code_of_run(error) == code


def test_asking_for_life_without_a_port_or_a_bot_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    assert "HEALTH_PORT isn't set" in run("health").sentence
    monkeypatch.setenv("HEALTH_PORT", str(unused_tcp_port))
    assert f"The bot doesn't answer on port {unused_tcp_port}" in run("health").sentence
