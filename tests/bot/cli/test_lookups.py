"""Topics, searches and previews on the command line, in the shapes that scripts rely on."""

import tomllib
from pathlib import Path

import pytest

from tests.bot.cli.outcome import Outcome, Run
from tests.build import ROOT, SHARED, seed_text, write_seed

STORY = [
    "id",
    "title",
    "url",
    "provider",
    "domain",
    "quality",
    "heat",
    "published_at",
    "articles",
    "also",
    "follow_up",
    "estimated",
]
ALSO = ["title", "url", "provider", "domain", "quality"]


def titles(outcome: Outcome) -> list[str]:
    return [story["title"] for story in outcome.document["stories"]]


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
        "follow_up": None,
        "estimated": False,
    }


PIER, PEARS, COMET = "Lights out at the pier", "Pears dark as plums", "A dark comet"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], {PIER, PEARS, COMET}),
        (["--topic", "space"], {PIER, COMET}),
        (["--outlet", "three.example"], {PEARS}),
        (["--outlet", "Three"], {PEARS}),
        (["--source", "Three"], {PEARS}),
        (["--since", "2020-03-10"], {PIER, COMET}),
        (["--until", "2020-03-09"], {PEARS}),
        (["--since", "2020-03-10T09:00:00+01:00", "--until", "2020-03-10T08:00:00Z"], {PIER}),
        (["--min-quality", "30"], {PIER, PEARS}),
        (["--topic", "AI", "--outlet", "one.example"], {PIER}),
    ],
)
def test_search_keeps_to_its_filters(run: Run, loaded: Path, options: list[str], found: set[str]) -> None:
    assert loaded
    outcome = run("search", "dark", *options, "--json")
    assert set(titles(outcome)) == found
    assert outcome.document["total"] == len(found)


def test_the_old_name_of_an_option_is_not_shown(run: Run) -> None:
    said = run("search", "--help").out
    assert "--outlet" in said
    assert "--source" not in said


def test_the_version_is_that_of_the_project(run: Run) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert run("--version").out.strip() == project["version"]


@pytest.mark.parametrize("source", ["nobody.example", "\udcff"])  # the other is a byte that isn't UTF-8
def test_a_source_that_is_not_there_is_at_fault(run: Run, loaded: Path, source: str) -> None:
    assert loaded
    outcome = run("search", "dark", "--outlet", source)
    assert outcome.code == 1
    assert "No outlet called “" in outcome.err
    assert "You can pick " in outcome.err


def test_without_seeds_there_is_no_source_to_name(run: Run) -> None:
    assert "The database is empty." in run("search", "dark", "--outlet", "nobody.example").err


def test_search_says_how_many_there_are_beyond_its_limit(run: Run, loaded: Path) -> None:
    assert loaded
    document = run("search", "dark", "--limit", "1", "--json").document
    assert (document["total"], len(document["stories"])) == (3, 1)


def test_search_without_words_or_a_match_finds_nothing(run: Run, loaded: Path) -> None:
    assert loaded
    for query in ("", "*", '"', "xylophone"):
        assert run("search", query, "--json").document == {"query": query, "total": 0, "stories": []}
    assert "Nothing found" in run("search", "xylophone").out
    assert "Type at least one word to look for" in run("search", "--", "-dark").out


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


def test_preview_takes_several_topics_and_prints_their_names_over_their_stories(
    run: Run, loaded: Path
) -> None:
    assert loaded
    document = run("preview", "ai, space", "--json").document
    assert document["topic"] == "AI, Space"
    assert [story["title"] for story in document["stories"]] == [PIER, COMET]
    lines = run("preview", "ai, space").out.splitlines()
    shown = [line for line in lines if line in {"AI", "Space"} or PIER in line or COMET in line]
    assert [line in {"AI", "Space"} for line in shown] == [True, False, True, False]
    assert "You named AI twice" in run("preview", "ai, ai").err


def test_preview_why_tells_the_verdict_on_every_candidate(run: Run, loaded: Path) -> None:
    assert loaded
    options = ["preview", "Space", "--on", "2020-03-10", "--limit", "1"]
    verdicts = run(*options, "--json").document["verdicts"]
    assert [(v["title"], v["verdict"]) for v in verdicts] == [(PIER, "chosen"), (COMET, "below the cut")]
    assert "more than 1 story today" in run(*options, "--why").out
    assert "more than 1 story today" not in run(*options).out


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
