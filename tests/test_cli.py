"""The command line: what scripts rely on, and one plain sentence where something is at fault."""

import json
import logging
import os
import socket
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from tests.build import ROOT, SHARED, mention_text, seed_text, write_seed

REPORT = [
    "added",
    "changed",
    "removed",
    "unchanged",
    "skipped",
    "failed",
    "records",
    "stories",
    "articles",
    "seconds",
]
STORY = ["id", "title", "url", "provider", "domain", "quality", "heat", "published_at", "articles", "also"]
ALSO = ["title", "url", "provider", "domain", "quality"]
LOGGERS = ("", "bot", "digests", "storage", "discord")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout, of a command that is done."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one thing said on stderr, of a command whose input was at fault."""
        assert self.code == 1
        assert self.out == ""
        assert "Traceback" not in self.err
        assert self.err.count("\n") == 1
        assert self.err.rstrip().endswith((".", "?", ": broadsheet sandbox"))
        return self.err.strip()


Run = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Return what runs the command line in this process; the test's folder is where it runs."""
    handlers = logging.getLogger().handlers
    levels = [logging.getLogger(name).level for name in LOGGERS]

    def run_command(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["broadsheet", *map(str, arguments)])
        code: Any = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        return Outcome(code, out, err)

    yield run_command
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


def titles(outcome: Outcome) -> list[str]:
    return [story["title"] for story in outcome.document["stories"]]


# reload and check


def test_reload_reports_what_it_did(run: Run, seeds: Path) -> None:
    (seeds / "README.md").write_text("Not a record.\n")
    first = run("reload", seeds, "--json").document
    assert list(first) == REPORT
    assert isinstance(first.pop("seconds"), float)
    counts = {"added": 3, "changed": 0, "removed": 0, "unchanged": 0, "skipped": 1, "failed": []}
    assert first == {**counts, "records": 3, "stories": 3, "articles": 4}
    write_seed(
        seeds,
        "pears.md",
        seed_text("https://three.example/3", title="Pears", published="2020-03-09T08:00:00Z"),
    )
    (seeds / "comet.md").unlink()
    second = run("reload", "--json").document
    assert {key: second[key] for key in counts} == {
        **counts,
        "added": 0,
        "changed": 1,
        "removed": 1,
        "unchanged": 1,
    }
    assert (second["records"], second["stories"], second["articles"]) == (2, 2, 3)


def test_reload_takes_the_bundled_seeds_where_nothing_is_set(run: Run, tmp_path: Path) -> None:
    report = run("reload", "--json").document
    assert report["added"] == report["records"] > 100
    assert report["failed"] == []
    assert (tmp_path / "data" / "broadsheet.db").is_file()
    assert run("reload", ROOT / "seeds", "--json").document["unchanged"] == report["records"]


def test_reload_lists_faults_with_path_line_and_field(run: Run, seeds: Path) -> None:
    write_seed(seeds, "deep/bad.md", seed_text().replace("quality: 50", "quality: high"))
    write_seed(seeds, "words.md", "Just words.\n")
    report = run("reload", "--json").document
    assert [list(fault) for fault in report["failed"]] == [["path", "line", "field", "error"]] * 2
    bad, words = report["failed"]
    assert (bad["path"], bad["line"], bad["field"]) == ("deep/bad.md", 8, "quality")
    assert "expected a whole number" in bad["error"]
    assert (words["path"], words["line"], words["field"]) == ("words.md", 1, None)
    assert report["added"] == report["records"] == 3
    assert "deep/bad.md:8: quality: expected a whole number" in run("reload").out


def test_control_characters_of_file_names_are_shown_escaped(run: Run, seeds: Path) -> None:
    write_seed(seeds, "red\x1b[31m\nline\x9b.md", "Just words.\n")
    shown = "red\\x1b[31m\\nline\\x9b.md:1: "
    for arguments in (["reload"], ["check", str(seeds)], ["doctor"]):
        out = run(*arguments).out
        assert shown in out
        assert "\x1b" not in out
    (fault,) = json.loads(run("check", seeds, "--json").out)["failed"]
    assert fault["path"] == "red\x1b[31m\nline\x9b.md"


def test_control_characters_in_what_is_at_fault_are_told_escaped(run: Run) -> None:
    assert run("check", "no\x1b[31mwhere").sentence.startswith("There is no folder no\\x1b[31mwhere: ")


def test_one_thing_is_told_in_the_singular(run: Run, seeds: Path) -> None:
    (seeds / "pears.md").unlink()
    (seeds / "comet.md").unlink()
    write_seed(seeds, "words.md", "Just words.\n")
    assert "1 record in 1 story with 2 articles" in run("reload").out
    assert "1 of 1 story\n" in run("search", "pier").out
    assert "holds 1 record; 1 file at fault: words.md" in run("doctor").out
    (seeds / "words.md").unlink()
    assert "holds 1 record, none at fault" in run("doctor").out


def test_reload_refuses_to_empty_the_database_unless_forced(run: Run, loaded: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "--force" in run("reload", empty, "--json").sentence
    assert run("reload", loaded, "--json").document["unchanged"] == 3
    assert run("reload", empty, "--force", "--json").document["removed"] == 3


def test_check_reports_as_reload_does_and_stores_nothing(run: Run, seeds: Path, tmp_path: Path) -> None:
    write_seed(seeds, "words.md", "Just words.\n")
    before = sorted(tmp_path.rglob("*"))
    outcome = run("check", seeds, "--json")
    report = json.loads(outcome.out)
    assert list(report) == REPORT
    assert report["added"] == 3
    assert [fault["path"] for fault in report["failed"]] == ["words.md"]
    assert sorted(tmp_path.rglob("*")) == before


# topics, search and preview


def test_topics_are_listed_with_their_stories_and_newest(run: Run, loaded: Path) -> None:
    assert loaded
    assert run("topics", "--json").document == [
        {"name": "AI", "slug": "ai", "stories": 2, "latest": "2020-03-10T09:00:00Z"},
        {"name": "Space", "slug": "space", "stories": 2, "latest": "2020-03-10T23:59:59Z"},
    ]
    assert "Space" in run("topics").out


def test_search_finds_stories_in_their_documented_shape(run: Run, loaded: Path) -> None:
    assert loaded
    document = run("search", "pier", "--json").document
    assert list(document) == ["query", "total", "stories"]
    assert (document["query"], document["total"]) == ("pier", 1)
    (story,) = document["stories"]
    assert list(story) == STORY
    assert [list(article) for article in story["also"]] == [ALSO]
    assert isinstance(story.pop("id"), int)
    assert story == {
        "title": "Lights out at the pier",
        "url": "https://two.example/2",
        "provider": "Two",
        "domain": "two.example",
        "quality": 80,
        "heat": 100,
        "published_at": "2020-03-10T09:00:00Z",
        "articles": 2,
        "also": [
            {
                "title": "The pier goes dark",
                "url": "https://one.example/1",
                "provider": "One",
                "domain": "one.example",
                "quality": 40,
            }
        ],
    }


PIER, PEARS, COMET = "Lights out at the pier", "Pears dark as plums", "A dark comet"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], {PIER, PEARS, COMET}),
        (["--topic", "space"], {PIER, COMET}),
        (["--source", "three.example"], {PEARS}),
        (["--source", "Three"], {PEARS}),
        (["--since", "2020-03-10"], {PIER, COMET}),
        (["--until", "2020-03-09"], {PEARS}),
        (["--since", "2020-03-10T09:00:00+01:00", "--until", "2020-03-10T08:00:00Z"], {PIER}),
        (["--min-quality", "30"], {PIER, PEARS}),
        (["--topic", "AI", "--source", "one.example"], {PIER}),
    ],
)
def test_search_keeps_to_its_filters(run: Run, loaded: Path, options: list[str], found: set[str]) -> None:
    assert loaded
    outcome = run("search", "dark", *options, "--json")
    assert set(titles(outcome)) == found
    assert outcome.document["total"] == len(found)


def test_the_version_is_that_of_the_project(run: Run) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert run("--version").out.strip() == project["version"]


@pytest.mark.parametrize("source", ["nobody.example", "\udcff"])  # the other is a byte that isn't UTF-8
def test_a_source_that_is_not_there_is_at_fault(run: Run, loaded: Path, source: str) -> None:
    assert loaded
    outcome = run("search", "dark", "--source", source)
    assert outcome.code == 1
    assert "There is no source" in outcome.err
    assert "There are: " in outcome.err


def test_without_seeds_there_is_no_source_to_name(run: Run) -> None:
    assert "There are no sources yet" in run("search", "dark", "--source", "nobody.example").err


def test_search_says_how_many_there_are_beyond_its_limit(run: Run, loaded: Path) -> None:
    assert loaded
    document = run("search", "dark", "--limit", "1", "--json").document
    assert (document["total"], len(document["stories"])) == (3, 1)


def test_search_without_words_or_a_match_finds_nothing(run: Run, loaded: Path) -> None:
    assert loaded
    for query in ("", "*", '"', "xylophone"):
        assert run("search", query, "--json").document == {"query": query, "total": 0, "stories": []}
    assert "Nothing found" in run("search", "xylophone").out
    assert "There is no word to look for" in run("search", "--", "-dark").out


def test_preview_takes_the_newest_day_of_the_topic(run: Run, loaded: Path) -> None:
    assert loaded
    outcome = run("preview", "ai", "--json")
    document = outcome.document
    assert list(document) == ["topic", "since", "until", "stories", "verdicts"]
    assert (document["topic"], document["since"], document["until"]) == (
        "AI", "2020-03-10T00:00:00Z", "2020-03-11T00:00:00Z",
    )  # fmt: skip
    (story,) = document["stories"]
    assert list(story) == STORY
    assert (story["title"], story["heat"], story["articles"]) == (PIER, 100, 2)
    assert [list(article) for article in story["also"]] == [ALSO]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--on", "2020-03-10"], [PIER, COMET]),
        (["--on", "2020-03-09"], []),
        (["--on", "2020-03-10T10:00:00Z"], [PIER]),
        (["--on", "2020-03-10T10:00:00+01:00"], [PIER]),
        (["--on", "2020-03-10T08:30:00Z"], ["The pier goes dark"]),
        (["--on", "2020-03-11T12:00:00Z"], [COMET]),
        (["--on", "2020-03-12", "--days", "3"], [PIER, COMET]),
        (["--on", "2020-03-10", "--limit", "1"], [PIER]),
        (["--on", "2020-03-10", "--min-quality", "21"], [PIER]),
    ],
)
def test_preview_keeps_to_its_window_and_options(
    run: Run, loaded: Path, options: list[str], found: list[str]
) -> None:
    assert loaded
    assert titles(run("preview", "Space", *options, "--json")) == found


def test_preview_why_tells_the_verdict_on_every_candidate(run: Run, loaded: Path) -> None:
    assert loaded
    options = ["preview", "Space", "--on", "2020-03-10", "--limit", "1"]
    verdicts = run(*options, "--json").document["verdicts"]
    assert [(v["title"], v["verdict"]) for v in verdicts] == [(PIER, "chosen"), (COMET, "below the cut")]
    assert "below the cut" in run(*options, "--why").out
    assert "below the cut" not in run(*options).out


def test_results_for_people_hold_the_links_whole(run: Run, seeds: Path) -> None:
    long = f"https://one.example/{'long-' * 60}[a]"
    write_seed(
        seeds, "long.md", seed_text(long, title="The [bold]long[/bold] one", published="2020-03-10T10:00:00Z")
    )
    assert run("reload").code == 0
    for arguments in (["search", "pier long", "--limit", "9"], ["search", "long"], ["preview", "AI"]):
        out = run(*arguments).out
        assert long in out or arguments[1] == "pier long"
    out = run("preview", "AI").out
    assert "https://two.example/2" in out
    assert "The [bold]long[/bold] one" in out


@pytest.mark.skipif(not SHARED.joinpath("seeds").is_dir(), reason="the reference seed isn't on this machine")
@pytest.mark.parametrize("topic", ["AI", "Computer Vision"])
def test_the_worked_example_of_the_reference_seed(run: Run, topic: str) -> None:
    assert run("reload", SHARED / "seeds", "--json").document["articles"] == 11
    (story,) = run("preview", topic, "--on", "2020-06-11", "--json").document["stories"]
    assert (story["domain"], story["quality"], story["heat"], story["articles"]) == (
        "reuters.com",
        87,
        287,
        11,
    )
    assert [(also["provider"], also["quality"]) for also in story["also"]] == [
        ("VentureBeat", 81), ("PC Magazine", 71), ("PBS", 61),
    ]  # fmt: skip


# What is at fault


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["preview", "Spase"], "Did you mean Space?"),
        (["preview", "xylophones"], "There are: AI, Space."),
        (["search", "dark", "--topic", "Spase"], "Did you mean Space?"),
        (["preview", "AI", "--on", "yesterday"], "“yesterday” is no date: write 2026-01-31"),
        (["preview", "AI", "--on", "2020-02-30"], "“2020-02-30” is no date"),
        (["preview", "AI", "--on", "2020-03-10T10:00:00"], "with its zone"),
        (["search", "dark", "--since", "soon"], "“soon” is no date"),
        (["search", "dark", "--until", "0001-01-01"], "“0001-01-01” is no date"),
        (["reload", "nowhere"], "There is no folder nowhere"),
        (["check", "nowhere"], "There is no folder nowhere"),
        (["check", "seeds/pier.md"], "seeds/pier.md is no folder"),
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
    monkeypatch.delitem(sys.modules, "bot.sandbox", raising=False)
    monkeypatch.setitem(sys.modules, "simcord", None)
    sentence = run("sandbox").sentence
    assert "make sandbox" in sentence
    assert "uv tool install --force '.[sandbox]'" in sentence
    assert "pipx install --force '.[sandbox]'" in sentence


def test_a_topic_before_anything_is_loaded_points_to_the_seeds(run: Run, seeds: Path) -> None:
    assert seeds
    assert "load seeds first" in run("preview", "AI").sentence
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
    assert "install a newer Broadsheet" in sentence


def test_broken_settings_are_named_all_at_once(
    run: Run, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"OWNER_IDS": "somebody", "ADMIN_GUILD_ID": "x", "LOG_LEVEL": "loud", "LOG_FORMAT": "xml"}
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    for arguments in (["topics", "--json"], ["check", str(seeds)], ["run"]):
        outcome = run(*arguments)
        assert (outcome.code, outcome.out) == (1, "")
        assert [line.split(":")[0].strip() for line in outcome.err.splitlines()[1:]] == list(wrong)


@pytest.mark.parametrize("token", ["", "   "])
def test_run_without_a_token_points_to_the_sandbox(
    run: Run, seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    assert seeds
    monkeypatch.setenv("DISCORD_TOKEN", token)
    sentence = run("run").sentence
    assert "DISCORD_TOKEN" in sentence
    assert "broadsheet sandbox" in sentence
    assert not (tmp_path / "broadsheet.db").exists()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("check", "The folder {} can't be listed (File name too long): see that SEEDS_PATH"),
        ("reload", "The folder {} can't be listed (File name too long): see that SEEDS_PATH"),
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


# As its own process


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
    assert "There is no folder nowhere" in spawn("check", "nowhere", "--json").sentence
