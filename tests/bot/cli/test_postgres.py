"""The command line on a database of a PostgreSQL server's, and what it needs and imports."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bot.cli.outcome import Run
from tests.build import ROOT
from tests.cluster import Cluster

PASSWORD = "not-for-anybodys-eyes"


@pytest.fixture
def url(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> str:
    address = cluster.url(cluster.add()).replace("postgres@", f"postgres:{PASSWORD}@")
    monkeypatch.setenv("DATABASE_URL", address)
    return address


@pytest.mark.usefixtures("url")
def test_commands_work_on_the_database_of_a_server(run: Run, seeds: Path) -> None:
    assert run("reload", "--json").document["added"] == len(list(seeds.iterdir()))
    assert {topic["name"] for topic in run("topics", "--json").document} == {"AI", "Space"}
    stories = run("preview", "AI", "--on", "2020-03-10", "--days", "2", "--json").document["stories"]
    assert [story["title"] for story in stories] == ["Lights out at the pier", "Pears dark as plums"]
    assert run("reload", "--json").document["unchanged"] == len(list(seeds.iterdir()))
    assert not (seeds.parent / "broadsheet.db").exists()


@pytest.mark.usefixtures("url", "loaded")
def test_the_doctor_looks_at_the_database_of_a_server(run: Run) -> None:
    found = run("doctor", "--json")
    checks = {each["check"]: each for each in found.document["findings"]}
    assert "PostgreSQL" in checks["database"]["message"]
    assert "disk" not in checks
    assert found.document["ok"]


@pytest.mark.usefixtures("url", "seeds")
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_backups_of_files_are_refused_with_what_to_do(run: Run, tmp_path: Path, command: str) -> None:
    refused = run(command, tmp_path / "one.db")
    assert (refused.code, refused.out) == (1, "")
    assert "pg_dump" in refused.err


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"mysql://anybody:{PASSWORD}@127.0.0.1/news", "DATABASE_URL: expected a URL that begins with"),
        (PASSWORD, "DATABASE_URL: expected a URL that begins with"),
        (f"postgresql://anybody:{PASSWORD}@127.0.0.1:1/news", "doesn't answer"),
        (f"postgresql://anybody:{PASSWORD}@127.0.0.1:port/news", "and DATABASE_URL"),
        (f"postgresql://anybody:{PASSWORD}@[::1/news", "Check DATABASE_URL"),
    ],
)
def test_what_is_wrong_with_a_url_is_told_without_the_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str, told: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    refused = run("topics")
    assert refused.code == 1
    assert told in refused.err
    assert PASSWORD not in refused.out + refused.err


def python(script: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_nobody_who_sets_no_url_imports_psycopg() -> None:
    done = python(
        "import sys\nfrom bot.app import open_app\nfrom bot.cli.main import app\nimport bot.doctor.examine\n"
        "print([name for name in sys.modules if name.startswith(('psycopg', 'storage.postgres'))])"
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_whoever_lacks_psycopg_is_told_how_to_install_it() -> None:
    done = python(
        "import sys\nsys.modules['psycopg'] = None\nsys.argv = ['broadsheet', 'topics']\n"
        "from bot.cli.main import main\nmain()",
        DATABASE_URL="postgresql://127.0.0.1/news",
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install 'broadsheet[postgres]'" in done.stderr
