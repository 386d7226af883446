"""The command line copies a database from a file to a server and back."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from storage.copying import MADE_ANEW
from tests.bot.cli.outcome import Run
from tests.bot.cli.test_sources import here, server
from tests.build import ROOT
from tests.cluster import Cluster
from tests.feed_server import Answer, FeedServer, item, rss

__all__ = ["here", "server"]

PASSWORD = "not-for-anybodys-eyes"


@pytest.fixture
def url(cluster: Cluster) -> str:
    """Return the URL of a new database, with a password."""
    return cluster.url(cluster.add()).replace("postgres@", f"postgres:{PASSWORD}@")


@pytest.fixture
def file(run: Run, loaded: Path, server: FeedServer) -> Path:
    """Return a file with seeds, a feed, a topic and an outlet's level."""
    server.pages["/feed"] = Answer(rss(item(1), item(2)))
    run("source", "add", server.url(), "--topic", "Ports")
    run("topic", "add", "Tides", "--keyword", "tide")
    run("outlet", "set", "two.example", "--quality", "70")
    return loaded.parent / "broadsheet.db"


def test_a_database_goes_to_a_server_and_back(
    run: Run, file: Path, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = (["topics"], ["source", "list"], ["outlet", "list"], ["preview", "AI", "--on", "2020-03-10"])

    def told() -> list[object]:
        return [run(*command, "--json").document for command in asked]

    before = told()
    there = run("copy-database", file, url, "--json").document
    assert there["same"]
    assert there["from"] == str(file)
    assert there["to"].startswith("postgresql://postgres@")
    monkeypatch.setenv("DATABASE_URL", url)
    assert told() == before
    back = run("copy-database", url, tmp_path / "back.db", "--json").document
    tables = {each["name"]: each for each in there["tables"]}
    assert tables["feed"]["rows"] == 1
    assert set(tables["feed"]) == {"name", "same", "rows", "checksum", "copied_rows", "copied_checksum"}
    assert back["tables"] == there["tables"]
    assert not {name for name in tables if name.startswith(MADE_ANEW)}
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "back.db"))
    assert told() == before
    assert run("search", "pier", "--json").document["total"] == 1
    assert run("doctor", "--json").document["ok"]


def test_people_get_a_table_and_one_sentence(run: Run, file: Path) -> None:
    copied = run("copy-database", file, "copy.db")
    assert (copied.code, copied.err) == (0, "")
    assert "│ article" in copied.out
    assert "the same" in copied.out
    assert copied.out.splitlines()[-1].endswith(" rows, all of them the same.")


def test_a_terminal_shows_how_far_it_is(file: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "bot", "copy-database", str(file), str(tmp_path / "copy.db")]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    assert b"Copying rows" in os.read(ours, 65_536)
    os.close(ours)


def test_a_copy_that_differs_names_the_tables_and_exits_with_1(run: Run, file: Path, url: str) -> None:
    run("copy-database", file, url)
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(
            "CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN NEW.name = 'x'; RETURN NEW; END $$"
        )
        session.execute("CREATE TRIGGER change BEFORE INSERT ON topic FOR EACH ROW EXECUTE FUNCTION change()")
    copied = run("copy-database", file, url)
    assert copied.code == 1
    assert "differs: " in copied.out
    assert "in topic, so it can't be used" in copied.err
    assert run("copy-database", url, "copy.db").sentence.startswith("postgresql://postgres@")
    assert PASSWORD not in copied.out + copied.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("none.db", "copy.db"), "There's no Broadsheet database none.db."),
        (("broadsheet.db", "./broadsheet.db"), "can't be copied to itself"),
        ((f"postgresql://anybody:{PASSWORD}@127.0.0.1:1/news", "copy.db"), "doesn't answer"),
        (("broadsheet.db", f"postgresql://anybody:{PASSWORD}@127.0.0.1:port/news"), "port"),
    ],
)
@pytest.mark.usefixtures("loaded", "cluster")
def test_what_cannot_be_copied_is_one_sentence_without_a_password(
    run: Run, arguments: tuple[str, str], said: str
) -> None:
    refused = run("copy-database", *arguments)
    assert said in refused.sentence
    assert PASSWORD not in refused.err


def test_another_kind_of_url_is_a_command_typed_wrong(run: Run) -> None:
    refused = run("copy-database", f"mysql://anybody:{PASSWORD}@127.0.0.1/news", "copy.db")
    assert refused.code == 2
    assert "a URL that begins with postgresql://" in refused.err
    assert PASSWORD not in refused.err
