"""The command line looks after the data: backup, restore, export, import."""

import asyncio
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import astuple
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.services import utc_now
from bot.settings import BUNDLED_SEEDS
from digests.editions.timetable import DAYS
from digests.lookup.topics import find_topic
from digests.subscriptions.limits import Limits
from digests.subscriptions.subscribe import NewSubscription, subscribe
from storage.models import DigestOptions, Subject
from storage.sqlite.database import open_database
from storage.sqlite.schema import newest_version
from storage.subscriptions import of_guild
from tests.bot.cli.outcome import Run
from tests.build import ROOT
from tests.conftest import MORNING

GUILD = 80351110224678912


@pytest.fixture(autouse=True)
def one_db(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the bundled seeds, and a database in the test's folder."""
    monkeypatch.setenv("SEEDS_PATH", str(BUNDLED_SEEDS))
    monkeypatch.setenv("DATABASE_PATH", "one.db")


@pytest.fixture
def subscribed(run: Run) -> None:
    """Load the seeds into one.db and two.db, and subscribe two channels of a server in one.db."""

    async def add() -> None:
        async with open_database(Path("one.db")) as database, database.transaction() as connection:
            for channel, topic, zone in ((2, "AI", "Europe/Berlin"), (3, "Space", "UTC")):
                wish = NewSubscription(
                    Subject((await connection.run(find_topic, topic, MORNING),)),
                    guild_id=GUILD,
                    channel_id=channel,
                    user_id=GUILD + 1,
                    options=DigestOptions("09:00", zone, DAYS["weekdays"], 7, min_quality=20),
                )
                await subscribe(connection, wish, MORNING, Limits(50, 10))

    run("reload")
    Path("two.db").write_bytes(b"")
    run("backup", "two.db", "--force")
    asyncio.run(add())


def stored(path: str) -> list[tuple[object, ...]]:
    """Return what matters of the server's subscriptions in a database."""

    async def read() -> list[tuple[object, ...]]:
        async with open_database(Path(path)) as database, database.reading() as connection:
            found = await connection.run(of_guild, GUILD)
        return [
            (each.subject.topics[0].slug, each.channel_id, each.created_by, *astuple(each.options)[:5])
            for each in found
        ]

    return asyncio.run(read())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_backup_that_is_stopped_leaves_no_copy_behind(tmp_path: Path, number: signal.Signals) -> None:
    database = tmp_path / "b.db"
    database.touch()
    program = (
        "import os, sys; from bot.cli.main import main; from storage.sqlite import backup;"
        f"backup._copy_database = lambda *_: os.kill(os.getpid(), {number:d});"
        f"sys.argv = ['broadsheet', 'backup', {str(tmp_path / 'copy.db')!r}]; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        cwd=ROOT,
        env=os.environ | {"DATABASE_PATH": str(database)},
        capture_output=True,
    )
    assert (ended.returncode, ended.stderr) == (128 + number, b"")
    assert {path.name for path in tmp_path.iterdir()} == {"b.db", "b.db-lock"}


def test_backup_and_restore_bring_back_what_was(run: Run) -> None:
    run("reload")
    made = run("backup", "copy.db", "--json").document
    sha256 = hashlib.sha256(Path("copy.db").read_bytes()).hexdigest()
    size = Path("copy.db").stat().st_size
    assert made == {"file": "copy.db", "bytes": size, "sha256": sha256, "deleted": []}
    assert "--force" in run("backup", "copy.db").sentence
    assert run("backup", "copy.db", "--force").code == 0
    Path("one.db").unlink()
    assert run("topics", "--json").document == []
    restored = run("restore", "copy.db", "--json").document
    assert (restored["database"], restored["schema"]) == ("one.db", newest_version())
    assert Path(restored["kept"]).is_file()
    assert run("topics", "--json").document


def test_a_backup_keeps_as_many_as_it_is_told_and_says_what_it_deleted(run: Run) -> None:
    run("reload")
    for day in (1, 2, 3):
        made = run("backup", f"backups/{day}.db", "--keep", "2", "--json").document
        os.utime(f"backups/{day}.db", (day, day))
    assert made["deleted"] == ["backups/1.db"]
    assert sorted(path.name for path in Path("backups").iterdir()) == [
        "2.db",
        "2.db.sha256",
        "3.db",
        "3.db.sha256",
    ]
    assert "Deleted backups/2.db, as 2 are kept." in run("backup", "backups/4.db", "--keep", "2").out


def test_what_is_written_is_for_its_owner_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PATH", "data/one.db")
    run("reload")
    run("backup", "backups/copy.db")
    run("export", "5", "moved.json")
    made = [path for name in ("data", "backups") for path in (Path(name), *Path(name).iterdir())]
    assert {f"{path.stat().st_mode & 0o777:o}" for path in made if path.is_dir()} == {"700"}
    assert {f"{path.stat().st_mode & 0o777:o}" for path in made if path.is_file()} == {"600"}


def test_a_backup_that_was_changed_is_one_sentence(run: Run) -> None:
    run("reload")
    run("backup", "copy.db")
    with Path("copy.db").open("ab") as file:
        file.write(b"more")
    assert "isn't what copy.db.sha256 says" in run("restore", "copy.db").sentence


def test_a_database_that_only_looks_like_one_is_a_sentence_of_every_command(run: Run) -> None:
    with closing(sqlite3.connect("one.db")) as connection:
        for table in ("record", "subscription", "delivery"):
            connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)")
        connection.execute(f"PRAGMA user_version = {newest_version()}")
    shutil.copyfile("one.db", "copy.db")
    for command in (["topics"], ["reload"], ["restore", "copy.db"]):
        assert "isn't a whole Broadsheet database (" in run(*command).sentence
    looked = run("doctor")
    assert looked.code == 1
    assert "isn't a whole Broadsheet database" in " ".join(looked.out.split())
    assert "Traceback" not in looked.err


def test_a_file_that_is_no_backup_is_one_sentence(run: Run) -> None:
    Path("copy.db").write_text("something else")
    assert "isn't an SQLite database" in run("restore", "copy.db").sentence
    assert "There's no file" in run("restore", "nowhere.db").sentence
    assert "There's no database one.db yet" in run("backup", "copy.db").sentence


@pytest.mark.parametrize("command", ["check", "reload", "backup", "restore", "import"])
def test_a_path_that_may_not_be_read_is_no_command_typed_wrong(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    Path("there").write_text("something")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may read everything
    refused = run(command, "there")
    assert (refused.code, refused.out) == (1, "")
    assert "Usage:" not in refused.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
@pytest.mark.parametrize("command", ["restore", "import"])
def test_a_file_that_may_not_be_read_is_one_sentence(run: Run, command: str) -> None:
    Path("there").touch(0)
    assert "(Permission denied)" in run(command, "there").sentence


@pytest.mark.usefixtures("subscribed")
def test_export_and_import_move_a_servers_subscriptions(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("export", str(GUILD), "moved.json").code == 0
    document = json.loads(Path("moved.json").read_text("utf-8"))
    assert document == run("export", str(GUILD)).document
    assert document["guild_id"] == str(GUILD)  # as text: many readers round such numbers
    assert "--force" in run("export", str(GUILD), "moved.json").sentence
    monkeypatch.setenv("DATABASE_PATH", "two.db")
    assert run("import", "moved.json", "--json").document == {"added": 2, "changed": 0, "unchanged": 0}
    assert run("import", "moved.json", "--json").document == {"added": 0, "changed": 0, "unchanged": 2}
    assert stored("two.db") == stored("one.db")
    document["subscriptions"][0]["time"] = "21:30"
    Path("moved.json").write_text(json.dumps(document), "utf-8")
    assert run("import", "moved.json", "--json").document == {"added": 0, "changed": 1, "unchanged": 1}
    assert [row[3] for row in stored("two.db")] == ["21:30", "09:00"]


@pytest.mark.usefixtures("subscribed")
def test_a_moved_subscription_goes_on_where_it_was_but_for_a_week_at_most(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = run("export", str(GUILD)).document
    yesterday = utc_now().replace(microsecond=0) - timedelta(days=1)
    for part, covered_to in zip(
        document["subscriptions"], ("0001-01-01T00:00:00+14:00", yesterday.isoformat()), strict=True
    ):
        part["covered_to"] = covered_to
    Path("moved.json").write_text(json.dumps(document), "utf-8")
    monkeypatch.setenv("DATABASE_PATH", "two.db")
    assert run("import", "moved.json", "--json").document["added"] == 2
    moved = run("export", str(GUILD)).document["subscriptions"]
    first, second = (datetime.fromisoformat(part["covered_to"]) for part in moved)
    assert timedelta(0) < utc_now() - first < timedelta(days=14)  # the interval before the last issue time
    assert second == yesterday


@pytest.mark.usefixtures("subscribed")
def test_an_import_names_every_fault_and_changes_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    document = run("export", str(GUILD)).document
    first, second = document["subscriptions"]
    monkeypatch.setenv("DATABASE_PATH", "two.db")
    wrong = [
        {**first, "timezone": "Moon/Base", "days": [8], "time": "9 o'clock"},
        {**second, "stories": 0, "colour": "red"},
    ]
    Path("wrong.json").write_text(json.dumps({**document, "subscriptions": wrong}), "utf-8")
    refused = run("import", "wrong.json")
    assert refused.code == 1
    assert refused.err.splitlines()[1:] == [
        '  subscriptions[0].time: expected a time of 24 hours, such as 09:00, found the text "9 o\'clock"',
        (
            "  subscriptions[0].timezone: expected a time zone, such as Europe/Berlin or UTC,"
            " found the text 'Moon/Base'"
        ),
        "  subscriptions[0].days[0]: expected a number of at most 7, found the number 8",
        "  subscriptions[1].stories: expected a number of at least 1, found the number 0",
        "  subscriptions[1].colour: is not known here: see how it is spelt, or leave it out",
    ]
    unknown = [first, {**second, "topics": ["No such {topic}"]}, first]
    Path("wrong.json").write_text(json.dumps({**document, "subscriptions": unknown}), "utf-8")
    refused = run("import", "wrong.json")
    assert "subscriptions[1].topics: no topic “No such {topic}” here" in refused.err
    assert "subscriptions[2]: the same channel and topic" in refused.err
    Path("wrong.json").write_text(json.dumps({**document, "guild_id": "5"}), "utf-8")
    assert stored("two.db") == []
    monkeypatch.setenv("DATABASE_PATH", "one.db")
    assert "another server's" in run("import", "wrong.json").err


@pytest.mark.parametrize("field", ["guild_id", "channel_id", "mention_role_id"])
@pytest.mark.parametrize("wrong", [0, "0", -1, 2**63, "9" * 5000, 1.5, True, "news"])
def test_an_id_that_discord_can_not_give_is_a_fault_of_an_import(run: Run, field: str, wrong: object) -> None:
    part = {"topic": "ai", "channel_id": "2", "time": "09:00", "timezone": "UTC", field: wrong}
    guild_id = part.pop("guild_id", "1")
    Path("wrong.json").write_text(json.dumps({"guild_id": guild_id, "subscriptions": [part]}), "utf-8")
    refused = run("import", "wrong.json")
    assert f"{field}: expected a Discord id, a number such as 80351110224678912, found the " in refused.err
    assert len(refused.err) < 300


@pytest.mark.usefixtures("subscribed")
def test_an_import_refuses_more_digests_than_a_server_may_have(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("export", str(GUILD), "moved.json")
    monkeypatch.setenv("DATABASE_PATH", "two.db")
    monkeypatch.setenv("DIGESTS_PER_SERVER", "1")
    refused = run("import", "moved.json").sentence
    assert f"server {GUILD} would get 2 digests, and 1 is the limit" in refused
    assert "DIGESTS_PER_SERVER" in refused
    assert stored("two.db") == []
    monkeypatch.setenv("DATABASE_PATH", "one.db")
    # A server that has more already keeps them.
    assert run("import", "moved.json", "--json").document["unchanged"] == 2


@pytest.mark.usefixtures("subscribed")
def test_what_version_1_exported_is_imported_as_it_was(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    document = run("export", str(GUILD)).document
    assert document["broadsheet"] == 2
    before, document["broadsheet"] = stored("one.db"), 1
    for part in document["subscriptions"]:
        (part["topic"],) = part.pop("topics")
        assert part.pop("words") == ""
    Path("first.json").write_text(json.dumps(document), "utf-8")
    assert run("import", "first.json", "--json").document["unchanged"] == 2
    monkeypatch.setenv("DATABASE_PATH", "two.db")
    assert run("import", "first.json", "--json").document["added"] == 2
    assert stored("two.db") == before


@pytest.mark.usefixtures("subscribed")
def test_topics_and_searches_are_moved_and_changed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    document = run("export", str(GUILD)).document
    first, second = document["subscriptions"]
    first["topics"] = ["health", "ai"]
    second |= {"topics": [], "words": " old  bridge "}
    Path("moved.json").write_text(json.dumps(document), "utf-8")
    assert run("import", "moved.json", "--json").document == {"added": 1, "changed": 1, "unchanged": 0}
    assert run("import", "moved.json", "--json").document["unchanged"] == 2
    run("export", str(GUILD), "all.json")
    monkeypatch.setenv("DATABASE_PATH", "two.db")
    assert run("import", "all.json", "--json").document["added"] == 3
    moved = run("export", str(GUILD)).document["subscriptions"]
    assert [(part["topics"], part["words"], part["channel_id"]) for part in moved] == [
        (["health", "ai"], "", "2"),
        (["space"], "", "3"),
        ([], "old bridge", "3"),
    ]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({}, "subscriptions[0]: needs either topics or words"),
        ({"topics": ["ai"], "words": "bridge"}, "subscriptions[0]: needs either topics or words"),
        ({"topics": ["ai", ""]}, "subscriptions[0].topics[1]: expected text that isn't empty"),
        ({"topics": ["ai"] * 11}, "subscriptions[0].topics: has 11 items; the limit is 10"),
        ({"topics": ["ai", "AI"]}, "subscriptions[0].topics: names a topic twice"),
        ({"words": "-bridge"}, "subscriptions[0].words: “-bridge” has no words to search for"),
        ({"words": "a" * 101}, "subscriptions[0].words: has 101 characters; the limit is 100"),
        ({"topic": "nothing"}, "subscriptions[0].topic: no topic “nothing” here"),
    ],
)
def test_what_a_subscription_of_an_import_can_not_be_about_is_a_fault(
    run: Run, said: dict[str, object], fault: str
) -> None:
    run("reload")
    part = {"channel_id": "2", "time": "09:00", "timezone": "UTC", **said}
    Path("wrong.json").write_text(json.dumps({"guild_id": "1", "subscriptions": [part]}), "utf-8")
    assert fault in run("import", "wrong.json").err


@pytest.mark.usefixtures("subscribed")
def test_an_import_does_not_join_two_digests_of_a_channel(run: Run) -> None:
    document = run("export", str(GUILD)).document
    document["subscriptions"][1]["channel_id"] = "2"
    Path("one.json").write_text(json.dumps(document), "utf-8")
    assert run("import", "one.json").code == 0
    document["subscriptions"] = [{**document["subscriptions"][0], "topics": ["ai", "space"]}]
    Path("joined.json").write_text(json.dumps(document), "utf-8")
    refused = run("import", "joined.json")
    assert "subscriptions[0]: its topics are in several digests of that channel" in refused.err


@pytest.mark.parametrize("endless", ["/dev/zero", "/dev/urandom"])
def test_an_import_of_an_endless_file_ends(run: Run, endless: str) -> None:
    assert "too large to be an export. The limit is 5,000,000 bytes" in run("import", endless).sentence


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "not valid JSON: EOF while parsing a value at line 1"),
        (b'{\n"guild_id": 1,,\n}', "not valid JSON: key must be a string at line 2"),
        (b"[]", "the file: expected a mapping, found a list"),
        (b"{}", "guild_id: is missing"),
        (b'{"guild_id": 1, "subscriptions": {}}', "subscriptions: expected a list, found a mapping"),
        (b'{"broadsheet": 3, "guild_id": 1, "subscriptions": []}', "broadsheet: expected 1 or 2, found the"),
    ],
)
def test_what_an_import_expects_is_told_in_plain_words(run: Run, content: bytes, fault: str) -> None:
    Path("wrong.json").write_bytes(content)
    refused = run("import", "wrong.json")
    assert refused.err.startswith("wrong.json can't be imported:\n")
    assert fault in refused.err


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("days", [], "expected at least one item"),
        ("days", "daily", "expected a list, found the text 'daily'"),
        ("publish", "perhaps", "expected true or false, found the text 'perhaps'"),
        ("kind", "dm", "expected 'channel' or 'forum', found the text 'dm'"),
        ("topic", "", "expected text that isn't empty"),
        ("stories", 2.5, "expected a whole number, found the number 2.5"),
        ("created_by", "ann", "expected a Discord id"),
        ("covered_to", "2026-01-04", "expected a time with its zone, such as 2020-06-11T18:49:00Z"),
    ],
)
def test_what_is_wrong_with_a_field_of_an_import_is_told_in_plain_words(
    run: Run, field: str, value: object, fault: str
) -> None:
    part = {"topic": "ai", "channel_id": "2", "time": "09:00", "timezone": "UTC", field: value}
    Path("wrong.json").write_text(json.dumps({"guild_id": "1", "subscriptions": [part]}), "utf-8")
    assert f"  subscriptions[0].{field}: {fault}" in run("import", "wrong.json").err


def test_what_is_no_export_is_a_fault(run: Run) -> None:
    for content in (b"", b"[]", b"\xff\xfe", b'{"broadsheet": 3, "guild_id": "1", "subscriptions": []}'):
        Path("wrong.json").write_bytes(content)
        refused = run("import", "wrong.json")
        assert refused.code == 1
        assert "wrong.json can't be imported" in refused.err
        assert "Traceback" not in refused.err
    assert "can't be read" in run("import", "nowhere.json").sentence
    assert "no subscriptions" in run("export", "5").sentence


def test_the_doctor_prints_one_finding_a_line_and_exits_with_1_where_one_is_wrong(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("reload").code == 0
    well = run("doctor")
    assert well.code == 0
    assert all(line[:5] in {"ok   ", "note "} for line in well.out.splitlines())
    document = run("doctor", "--json").document
    assert document["ok"]
    assert len(document["findings"]) == len(well.out.splitlines())
    assert set(document["findings"][0]) == {"check", "state", "message", "advice"}
    monkeypatch.setenv("SEEDS_PATH", "nowhere")
    ill = run("doctor")
    assert ill.code == 1
    assert "WRONG seeds: There's no folder nowhere" in ill.out
    monkeypatch.setenv("LOG_LEVEL", "loud")
    monkeypatch.setenv("OWNER_IDS", "somebody")
    ill = run("doctor", "--json")
    assert ill.code == 1
    assert [finding["check"] for finding in json.loads(ill.out)["findings"]] == ["settings", "settings"]
