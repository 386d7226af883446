"""What the command line prints for people: whole, in plain words, and what to do next."""

import io
import re
import sys
from pathlib import Path

import pytest

from bot.cli.help import KEEP, LOOK_UP, NEWS, RUN
from tests.bot.cli.outcome import Run
from tests.build import seed_text, write_seed

EMPTY = "The database is empty. Run `broadsheet reload` or `broadsheet source add`."
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


class Terminal(io.TextIOWrapper):
    """A terminal that takes colours, as wide as COLUMNS says."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    "arguments",
    [
        ["topics"],
        ["search", "dark"],
        ["search", "dark", "--topic", "AI"],
        ["search", "dark", "--outlet", "Two"],
        ["preview", "AI"],
        ["preview", "AI", "--json"],
        ["seed", "pier.md"],
        ["outlet", "list"],
    ],
)
def test_an_empty_database_says_what_fills_it(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).sentence == EMPTY


def test_scripts_get_empty_lists_of_an_empty_database(run: Run) -> None:
    assert run("topics", "--json").document == []
    assert run("outlet", "list", "--json").document == []
    assert run("search", "dark", "--json").document == {"query": "dark", "total": 0, "stories": []}


def test_dates_are_for_people_and_say_that_they_are_in_utc(run: Run, loaded: Path) -> None:
    assert loaded
    assert "newest (UTC)" in run("topics").out
    assert "10 Mar 2020, 09:00" in run("topics").out
    assert "10 Mar 2020, 09:00 UTC" in run("search", "pier").out
    assert run("preview", "AI").out.startswith("AI, 10 Mar 2020 (UTC)\n")
    days = run("preview", "AI", "--on", "2020-03-11", "--days", "3").out
    assert days.startswith("AI, 9 Mar 2020 to 11 Mar 2020 (UTC)\n")
    moment = run("preview", "AI", "--on", "2020-03-10T10:00:00Z").out
    assert moment.startswith("AI, 9 Mar 2020, 10:00 to 10 Mar 2020, 10:00 (UTC)\n")
    run("source", "add", "https://quay.example/feed", "--unchecked")
    listed = run("source", "list").out
    for out in (run("topics").out, run("search", "dark").out, run("preview", "AI", "--why").out, listed):
        assert not ISO.search(out)


def test_nothing_is_cut_in_a_narrow_terminal_and_numbers_have_no_colours(
    run: Run, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = f"https://{'quay-' * 8}side.example/{'long-' * 30}1"
    write_seed(seeds, "long.md", seed_text(link, title="A long one", published="2020-03-11T10:00:00Z"))
    assert run("reload").code == 0
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("TERM", "xterm-256color")
    printed = []
    for arguments in (["search", "long"], ["outlet", "list"], ["topics"]):
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", Terminal(raw, encoding="utf-8"))
        run(*arguments)
        printed.append(raw.getvalue().decode())
    assert link in printed[0]
    assert not any("…" in each for each in printed)
    assert not any(re.search(r"\x1b\[[\d;]*m\d", each) for each in printed[1:])


def test_what_goes_to_a_program_has_a_line_a_row(run: Run, loaded: Path) -> None:
    assert loaded
    out = run("preview", "Space", "--on", "2020-03-10", "--why").out
    assert [line for line in out.splitlines() if "A dark comet" in line and "│ in the digest" in line]


def test_help_lists_commands_under_headings_with_whole_sentences(run: Run) -> None:
    said = run("--help").out
    headings = [line.removesuffix(":") for line in said.splitlines() if re.fullmatch(r"\w.*:", line)]
    assert headings == ["Options", RUN, NEWS, LOOK_UP, KEEP]
    assert "Import a server's subscriptions from a file; subscriptions that it doesn't name stay" in " ".join(
        said.split()
    )
    assert "..." not in said.replace("[ARGS]...", "")
    assert "\x1b" not in said
