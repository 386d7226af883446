"""One plain sentence where something is at fault, and what the shell sees of it."""

import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bot.cli.outcome import Outcome, Run
from tests.build import ROOT


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["preview", "Spase"], "Did you mean Space?"),
        (["preview", "xylophones"], "You can pick AI, Space."),
        (["search", "dark", "--topic", "Spase"], "Did you mean Space?"),
        (["preview", "AI", "--on", "yesterday"], "the date “yesterday”. Try 2026-01-31"),
        (["preview", "AI", "--on", "2020-02-30"], "I don't understand the date “2020-02-30”"),
        (["preview", "AI", "--on", "2020-03-10T10:00:00"], "with its time zone"),
        (["search", "dark", "--since", "soon"], "I don't understand the date “soon”"),
        (["search", "dark", "--until", "0001-01-01"], "I don't understand the date “0001-01-01”"),
        (["reload", "nowhere"], "There's no folder nowhere"),
        (["check", "nowhere"], "There's no folder nowhere"),
        (["check", "seeds/pier.md"], "seeds/pier.md isn't a folder"),
    ],
)
@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_input_at_fault_is_one_sentence_and_exit_code_1(
    run: Run, loaded: Path, arguments: list[str], said: str, as_json: list[str]
) -> None:
    assert loaded
    assert said in run(*arguments, *as_json).sentence


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["preview"],
        ["preview", "AI", "--limit", "0"],
        ["preview", "AI", "--limit", "11"],
        ["preview", "AI", "--days", "none"],
        ["search", "dark", "--min-quality", "-1"],
        ["search", "dark", "--min-quality", str(2**63)],
        ["export", str(2**63)],
        ["topics", "--nonsense"],
        ["check"],
    ],
)
def test_a_command_typed_wrong_is_exit_code_2(run: Run, seeds: Path, arguments: list[str]) -> None:
    assert seeds
    outcome = run(*arguments)
    assert outcome.code == 2
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    assert "Usage:" in outcome.err


def test_a_port_of_the_sandbox_that_is_taken_is_one_sentence(
    run: Run, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seeds
    monkeypatch.setenv("LOG_LEVEL", "warning")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        sentence = run("sandbox", "--no-browser", "--port", port).sentence
    assert f"port {port})" in sentence
    assert "--port" in sentence


def test_a_sandbox_that_is_not_installed_tells_how_to_install_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "bot.sandbox.page", raising=False)
    monkeypatch.setitem(sys.modules, "simcord", None)
    sentence = run("sandbox").sentence
    assert "make sandbox" in sentence
    assert "uv tool install --force '.[sandbox]'" in sentence
    assert "pipx install --force '.[sandbox]'" in sentence


def test_a_topic_before_anything_is_loaded_points_to_the_seeds(run: Run, seeds: Path) -> None:
    assert seeds
    assert "`broadsheet reload`" in run("preview", "AI").sentence
    assert run("topics", "--json").document == []


@pytest.mark.parametrize("path", ["words.db", ".", "words.db/under/a/file.db"])
def test_a_database_that_cannot_be_used_is_one_sentence(
    run: Run, seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    assert seeds
    (tmp_path / "words.db").write_text("These are words, no database. " * 100)
    monkeypatch.setenv("DATABASE_PATH", path)
    for arguments in (["topics", "--json"], ["reload"]):
        sentence = run(*arguments).sentence
        assert sentence.startswith(f"The database {path} can't be used")
        assert "DATABASE_PATH" in sentence
    assert (tmp_path / "words.db").read_text().startswith("These are words")


def test_a_newer_database_is_left_alone(run: Run, loaded: Path, tmp_path: Path) -> None:
    assert loaded
    with sqlite3.connect(tmp_path / "broadsheet.db") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    sentence = run("topics", "--json").sentence
    assert "schema version 999" in sentence
    assert "Install a newer Broadsheet" in sentence


def test_broken_settings_are_named_all_at_once(
    run: Run, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"OWNER_IDS": "somebody", "ADMIN_GUILD_ID": "x", "LOG_LEVEL": "loud", "LOG_FORMAT": "xml"}
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    for arguments in (["topics", "--json"], ["check", str(seeds)], ["run"]):
        outcome = run(*arguments)
        assert (outcome.code, outcome.out) == (78 if arguments == ["run"] else 1, "")
        assert [line.split(":")[0].strip() for line in outcome.err.splitlines()[1:]] == list(wrong)


@pytest.mark.parametrize("token", ["", "   "])
def test_run_without_a_token_points_to_the_sandbox(
    run: Run, seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    assert seeds
    monkeypatch.setenv("DISCORD_TOKEN", token)
    refused = run("run")
    assert (refused.code, refused.out, refused.err.count("\n")) == (78, "", 1)
    assert "DISCORD_TOKEN" in refused.err
    assert "broadsheet sandbox" in refused.err
    assert not (tmp_path / "broadsheet.db").exists()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("check", "The folder {} can't be listed (File name too long). Check SEEDS_PATH"),
        ("reload", "The folder {} can't be listed (File name too long). Check SEEDS_PATH"),
        ("backup", "{} can't be used (File name too long)."),
        ("restore", "{} can't be used (File name too long)."),
    ],
)
def test_a_path_that_can_not_be_looked_at_is_one_sentence(
    run: Run, loaded: Path, command: str, said: str
) -> None:
    assert loaded
    name = "n" * 300
    assert said.format(name) in run(command, name).sentence


@pytest.mark.parametrize("as_json", [[], ["--json"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_nobody_takes_ends_quietly_and_a_full_disk_in_a_sentence(
    loaded: Path, as_json: list[str], unbuffered: str
) -> None:
    assert loaded
    command = [sys.executable, "-m", "bot", "topics", *as_json]
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered}
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed, Path("/dev/full").open("w") as full:
        unheard, unwritten = (
            subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, check=False, env=env)
            for out in (closed, full)
        )
    without = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *command],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env=env,
    )
    assert (without.returncode, without.stderr) == (0, "")
    assert (unheard.returncode, unheard.stderr) == (1, "")
    assert unwritten.returncode == 1
    assert unwritten.stderr == "The output can't be written (No space left on device).\n"


def spawn(*arguments: str) -> Outcome:
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=60,
        env={"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "PYTHONUTF8": "1", "LOG_FORMAT": "json"},
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_a_process_prints_one_document_and_nothing_else(seeds: Path) -> None:
    outcome = spawn("reload", str(seeds), "--json")
    assert outcome.document["added"] == 3
    assert outcome.err == ""


def test_a_process_with_input_at_fault_prints_one_sentence() -> None:
    assert "There's no folder nowhere" in spawn("check", "nowhere", "--json").sentence
