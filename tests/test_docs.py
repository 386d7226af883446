"""The documents say what the program does."""

import contextlib
import json
import re
import shutil
from pathlib import Path
from typing import Any, cast

import pytest
import typer
import yaml

from bot.cli.main import app
from digests.delivery.limits import KEEP_DELIVERIES
from digests.delivery.retention import KEEP_LEFT, KEEP_LISTINGS, REACH
from digests.lookup.reasons import Tie
from digests.seeds.parser import SeedReader
from digests.stories.quality import GivenBy
from digests.subscriptions.transfer import Document, SubscriptionPart
from scripts.write_commands import (
    CLI,
    COMMANDS,
    SETTINGS,
    cli_document,
    commands_document,
    settings_document,
    slash_commands,
    terminal_commands,
)
from scripts.write_seed_schema import FILE, seed_schema
from storage.feeds import FeedState
from storage.models import PlaceKind, Record
from tests.build import ROOT
from tests.test_imports import FLOORS, LAYERS, MODULES, imported, room_of

DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
LISTING = ROOT / "docs" / "app-directory" / "README.md"
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def test_the_seed_schema_is_that_of_the_models() -> None:
    assert json.loads(FILE.read_text("utf-8")) == seed_schema(), "run: make docs"


def test_the_seeds_document_names_the_fields_of_the_schema_and_those_needed() -> None:
    rows = re.findall(
        r"^\| (`.+?) \| (yes|no) \|", (ROOT / "docs" / "seeds.md").read_text("utf-8"), re.MULTILINE
    )
    documented = {name: needed == "yes" for names, needed in rows for name in re.findall(r"`(\w+)`", names)}
    schema = seed_schema()
    assert set(documented) == set(schema["properties"])
    assert {name for name, needed in documented.items() if needed} == {*schema["required"], "webUrl"}


def test_the_example_of_a_seed_is_read_as_one() -> None:
    text = (ROOT / "docs" / "seeds.md").read_text("utf-8")
    example = text.partition("```yaml\n")[2].partition("```")[0]
    record = SeedReader().read("example.md", example.encode())
    assert isinstance(record, Record)
    assert [mention.quality for mention in record.mentions] == [74, 61]


def test_the_document_of_commands_is_what_the_commands_say_of_themselves() -> None:
    assert COMMANDS.read_text("utf-8") == commands_document(), "run: make docs"


def test_the_document_of_the_command_line_is_what_its_commands_say_of_themselves() -> None:
    assert CLI.read_text("utf-8") == cli_document(), "run: make docs"
    for name, _ in terminal_commands(typer.main.get_command(app)):
        assert f"### `broadsheet {name}`" in CLI.read_text("utf-8")


def test_the_document_of_settings_is_what_they_say_of_themselves() -> None:
    assert SETTINGS.read_text("utf-8") == settings_document(), "run: make docs"


def test_every_slash_command_has_a_picture_and_a_row_in_the_table_of_commands() -> None:
    table = COMMANDS.read_text("utf-8")
    for command in slash_commands():
        name = command.qualified_name
        assert re.search(rf"^\| .*`/{name}\b", table, re.MULTILINE), name
        assert (ROOT / "docs" / "images" / f"{name.replace(' ', '-')}.png").is_file(), name


def test_every_description_fits_discords_limit_whole() -> None:
    for command in slash_commands():
        for said in (command.description, *(str(option.description) for option in command.parameters)):
            assert 0 < len(said) <= 100
            assert not said.endswith("…")


@pytest.mark.parametrize("document", [ROOT / "README.md", LISTING], ids=lambda path: path.parent.name)
def test_whoever_meets_the_bot_reads_of_no_command_or_option_that_it_has_not(document: Path) -> None:
    usages = re.findall(r"[`\s]/([a-z]+(?: [a-z:A-Z]+)*)", document.read_text("utf-8"))
    commands = {command.qualified_name: command for command in slash_commands()}
    groups = {name.rpartition(" ")[0] for name in commands if " " in name}
    assert len(usages) > 3
    for usage in usages:
        if usage.startswith("sandbox "):  # only there
            continue
        name = next((name for name in commands if f"{usage} ".startswith(f"{name} ")), usage)
        assert name in commands or name in groups, usage
        options = set(re.findall(r"([a-z_]+):", usage.removeprefix(name)))
        assert not options or options <= {each.display_name for each in commands[name].parameters}, usage


def test_pictures_of_the_documents_stay_below_a_megabyte() -> None:
    for picture in (ROOT / "docs" / "images").iterdir():
        assert picture.stat().st_size < 1_000_000, picture


def test_what_the_app_directory_shows_fits_discords_limits() -> None:
    parts = re.split(r"^## (.+)$", LISTING.read_text("utf-8"), flags=re.MULTILINE)
    said = {
        heading: re.sub(r"^> ?", "", text.partition("> ")[2], flags=re.MULTILINE).replace("\n", " ").strip()
        for heading, text in zip(parts[1::2], parts[2::2], strict=True)
    }
    assert 0 < len(said["Summary"]) <= 80
    assert 0 < len(said["Description"]) <= 400
    assert 300 <= len(said["Detailed description"]) <= 3_000
    tags = re.findall(r"`(\w+)`", parts[-1])
    assert 0 < len(tags) <= 5
    assert all(len(tag) <= 20 for tag in tags)


def test_the_privacy_page_says_how_long_each_kind_of_data_stays() -> None:
    text = (LISTING.parent / "privacy.md").read_text("utf-8")
    assert f"| {KEEP_LISTINGS.days} days |" in text
    assert f"| {KEEP_DELIVERIES.days} days; " in text
    assert f"deleted {KEEP_LEFT.days} days later" in text
    assert f"{REACH.days} days and more" in text


@pytest.mark.parametrize(
    "form", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda path: path.stem
)
def test_the_forms_for_issues_are_what_github_reads(form: Path) -> None:
    said = yaml.safe_load(form.read_text("utf-8"))
    if form.stem == "config":
        assert said == {"blank_issues_enabled": False}
        return
    assert {"name", "description", "body"} <= set(said)
    ids = [part["id"] for part in said["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0
    for part in said["body"]:
        assert part["attributes"].get("label") or part["attributes"]["value"]


def keys(document: object) -> set[str]:
    """Return every key of a JSON document, but for those of what was corrected, which are what was typed."""
    if isinstance(document, list):
        return {key for each in document for key in keys(each)}
    if not isinstance(document, dict):
        return set()
    return {*document, *(key for name, each in document.items() if name != "corrected" for key in keys(each))}


def test_every_json_key_is_documented_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> object:
        with contextlib.suppress(SystemExit):
            typer.main.get_command(app)([*arguments, "--json"])
        return json.loads(capsys.readouterr().out)

    seeds = Path(shutil.copytree(ROOT / "seeds", tmp_path / "seeds"))
    (seeds / "broken.md").write_text("---\nquality: x\n---\n", "utf-8")
    monkeypatch.setenv("SEEDS_PATH", str(seeds))
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "one.db"))
    (tmp_path / "in.json").write_text('{"guild_id": "1", "subscriptions": []}', "utf-8")
    outline = '<outline xmlUrl="nonsense"/>'
    (tmp_path / "in.opml").write_text(f"<opml><body>{outline}</body></opml>", "utf-8")
    reloaded = run("reload")
    also = cast("dict[str, Any]", run("story", "show", "1"))["also"]
    found = keys(
        [
            reloaded,
            run("topics"),
            run("search", "landr"),
            run("preview", "AI"),
            run("doctor"),
            run("import", str(tmp_path / "in.json")),
            run("backup", str(tmp_path / "copy.db")),
            run("restore", str(tmp_path / "copy.db")),
            run("collect"),
            run("source", "add", "https://quay.example/feed", "--unchecked"),
            run("source", "import", str(tmp_path / "in.opml")),
            run("topic", "add", "Ports", "--excerpts"),
            run("topic", "test", "Ports"),
            run("outlet", "list"),
            run("story", "show", "1", "--why"),
            run("story", "split", "1", str(also[0]["url"])),
        ]
    )
    for part in (Document, SubscriptionPart):  # what is exported, and imported
        found |= {field.alias or name for name, field in part.model_fields.items()}
    text = (ROOT / "docs" / "json.md").read_text("utf-8")
    known = set(re.findall(r"`([a-z_0-9]+)`", text))
    words = {
        "reload",
        "check",
        "export",
        "import",
        "backup",
        "restore",
        "search",
        "preview",
        "doctor",
        "topics",
    }
    words |= {
        "invite",
        "source",
        "list",
        "add",
        "edit",
        "remove",
        "test",
        "collect",
        "topic",
        "outlet",
        "set",
    }
    words |= {"story", "show", "split", "join", "undo"}
    states = {"chosen", "withdrawn", "note", "wrong", *PlaceKind, *FeedState, *GivenBy, *Tie}
    assert found <= known
    assert known - words - states <= found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", document.read_text("utf-8")):
        assert (document.parent / target).exists(), target


def imports_between_rooms() -> set[tuple[str, str]]:
    """Return which rooms of digests/ import which others."""
    found = set()
    for module in MODULES:
        if module.startswith("digests/"):
            for _, name in imported((ROOT / module).read_text("utf-8"), module):
                if name.startswith("digests."):
                    found.add((room_of(module), room_of(name)))
    return {(here, there) for here, there in found if here != there and "ground" not in (here, there)}


def test_the_diagram_has_the_layers_and_rooms_in_the_order_that_imports_run() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    diagram = text.partition("```mermaid\n")[2].partition("```")[0]
    arrows = set(re.findall(r"^ +(\w+) --> (\w+)", diagram, re.MULTILINE))
    layers = {(above, below) for above, below in arrows if above in LAYERS and below in LAYERS}
    assert layers == {(above, below) for n, below in enumerate(LAYERS) for above in LAYERS[n + 1 :]}
    rooms = {room for floor in FLOORS for room in floor}
    assert {arrow for arrow in arrows if set(arrow) <= rooms} == imports_between_rooms()


def test_every_module_that_the_architecture_names_exists_and_every_folder_is_told_of() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for path in re.findall(r"`((?:bot|digests|storage)/[\w/]+\.py)`", text):
        assert (ROOT / path).is_file(), path
    folders = {path.relative_to(ROOT).parent for layer in LAYERS for path in (ROOT / layer).rglob("*.py")}
    for folder in folders:
        assert f"`{folder.as_posix()}/`" in text, folder


def test_every_benchmark_is_told_of_and_run_by_make() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    text = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    folder = ROOT / "tests" / "bench"
    runnable = {path.stem for path in folder.glob("*.py") if "__main__" in path.read_text("utf-8")}
    assert set(re.findall(r"python -m tests\.bench\.(\w+)", text)) == runnable
    assert set(re.findall(r"python -m tests\.bench\.(\w+)", makefile)) == runnable


def test_every_make_target_explains_itself() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE)) == set(phony.split())


def test_the_workflow_s_check_runs_nothing_but_the_gate_on_every_python_that_is_supported() -> None:
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))["jobs"]["check"]
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]
    versions = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert job["strategy"]["matrix"]["python"] == versions
