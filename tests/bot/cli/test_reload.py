"""Reloading and checking seeds on the command line."""

import json
from pathlib import Path

import pytest

from tests.bot.cli.outcome import Run
from tests.build import ROOT, seed_text, write_seed
from tests.databases import make_earlier

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


def test_reload_takes_no_seeds_that_nobody_named(run: Run, tmp_path: Path) -> None:
    assert "SEEDS_PATH" in run("reload").sentence
    report = run("reload", ROOT / "seeds", "--json").document
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
    assert run("check", "no\x1b[31mwhere").sentence.startswith("There's no folder no\\x1b[31mwhere. ")


def test_one_thing_is_told_in_the_singular(run: Run, seeds: Path) -> None:
    (seeds / "pears.md").unlink()
    (seeds / "comet.md").unlink()
    write_seed(seeds, "words.md", "Just words.\n")
    assert "1 record in 1 story with 2 articles" in run("reload").out
    assert "1 of 1 story\n" in run("search", "pier").out
    assert "holds 1 record, but 1 file can't be used: words.md" in run("doctor").out
    (seeds / "words.md").unlink()
    assert "holds 1 record, and no file has a fault" in run("doctor").out


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


def test_seed_prints_a_stored_record_word_for_word(run: Run, loaded: Path) -> None:
    written = (loaded / "pier.md").read_text("utf-8")
    assert run("seed", "pier.md").out == written
    assert run("seed", loaded / "pier.md").out == written
    (loaded / "pier.md").write_text("Gone.\n")
    assert run("seed", "pier.md").out == written


@pytest.mark.usefixtures("loaded")
def test_seed_says_that_no_record_is_stored_for_a_path(run: Run) -> None:
    outcome = run("seed", "nowhere.md")
    assert (outcome.code, outcome.out) == (1, "")
    assert "No record is stored for nowhere.md" in outcome.err


def test_a_database_of_an_earlier_version_has_the_new_search_index_after_a_reload(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_earlier(tmp_path / "earlier.db", 11, ["Drills stop"])
    monkeypatch.setenv("DATABASE_PATH", str(made))
    write_seed(tmp_path / "news", "a.md", seed_text(title="Wi-Fi on Mars"))
    assert run("search", "drills", "--json").document["total"] == 1
    run("reload", tmp_path / "news", "--force")
    assert run("search", "wifi", "--json").document["total"] == 1
