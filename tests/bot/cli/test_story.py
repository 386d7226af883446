"""The commands for one story."""

import pytest

from tests.bot.cli.outcome import Run

pytestmark = pytest.mark.usefixtures("loaded")

PIER, LIGHTS = "https://one.example/1", "https://two.example/2"


def story_at(run: Run, url: str) -> int:
    found = run("search", url, "--json").document["stories"]
    return int(found[0]["id"])


def test_a_story_is_shown_by_chapters_and_on_request_with_reasons(run: Run) -> None:
    story = story_at(run, PIER)
    shown = run("story", "show", str(story), "--json").document
    (chapter,) = shown["chapters"]
    assert [each["url"] for each in chapter["articles"]] == [LIGHTS, PIER]
    assert "why" not in chapter["articles"][0]
    (chapter,) = run("story", "show", str(story), "--why", "--json").document["chapters"]
    assert {each["why"]["reason"] for each in chapter["articles"]} == {"seed"}
    assert "named by a seed" in run("story", "show", str(story), "--why").out


def test_a_split_a_join_and_undoing_them(run: Run) -> None:
    story = story_at(run, PIER)
    apart = run("story", "split", str(story), LIGHTS, "--json").document
    assert (apart["url"], apart["articles"]) == (LIGHTS, 1)
    assert story_at(run, LIGHTS) == apart["id"] != story == story_at(run, PIER)
    run("reload", "--force")
    assert story_at(run, LIGHTS) == apart["id"]
    joined = run("story", "join", str(story), str(apart["id"]), "--json").document
    assert (joined["id"], joined["articles"]) == (story, 2)
    assert run("story", "undo", str(joined["decision"]), "--json").document["articles"] == 1
    assert run("story", "undo", str(apart["decision"]), "--json").document["articles"] == 2


def test_what_cannot_be_done_is_said_in_a_sentence(run: Run) -> None:
    story = str(story_at(run, PIER))
    for arguments in (
        ("split", story, "https://no.example/"),
        ("split", story, PIER, LIGHTS),
        ("join", story, story),
        ("show", "999"),
        ("undo", "999"),
    ):
        outcome = run("story", *arguments)
        assert outcome.code == 1
        assert outcome.err.count("\n") == 1
