"""The commands for feeds, against a server of this test's own."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.cli.outcome import Run
from tests.build import write_seed
from tests.feed_server import Answer, FeedServer, feed_server, item, rss

FIELDS = {
    "id", "url", "title", "site", "topics", "quality", "state", "entries", "checked_at", "next_check_at",
    "problem",
}  # fmt: skip


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """Run a server of feeds in a thread, since commands bring their own event loops."""
    opened: list[FeedServer] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with feed_server() as server:
            opened.append(server)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    yield opened[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "broadsheet.db"))
    monkeypatch.setenv("PRIVATE_SOURCES", "127.0.0.0/8")
    monkeypatch.setattr("digests.feeds.pace.random.uniform", lambda *_: 0.0)


def test_a_source_s_life(run: Run, server: FeedServer) -> None:
    server.pages["/feed"] = Answer(rss(item(1), item(2)))
    added = run("source", "add", server.url(), "--topic", "Ports", "--quality", "60", "--json").document
    assert set(added) == FIELDS
    assert (added["id"], added["title"], added["topics"], added["quality"]) == (
        1,
        "The Quay Times",
        ["Ports"],
        60,
    )
    assert (added["state"], added["entries"], added["problem"]) == ("ok", 2, None)
    assert run("source", "list", "--json").document == [added]
    assert run("topics", "--json").document[0]["name"] == "Ports"
    assert run("search", "News", "--json").document["total"] == 2
    edited = run("source", "edit", "1", "--topic", "Tides", "--name", "Quay", "--pause", "--json").document
    assert (edited["topics"], edited["title"], edited["state"]) == (["Tides"], "Quay", "paused")
    assert edited["next_check_at"] is None
    assert "shows only in servers 11, 12." in run("source", "edit", "1", "--servers", "11, 12").out
    assert "shows only" not in run("source", "edit", "1", "--servers", "all").out
    assert run("source", "edit", "1", "--servers", "here").code == 2
    assert [each["name"] for each in run("topics", "--json").document] == ["Tides"]
    assert run("collect", "--all", "--json").document["checked"] == 0
    assert run("source", "edit", "Quay", "--resume", "--json").document["state"] == "ok"
    assert run("source", "remove", "1", "--json").document["url"] == server.url()
    assert run("search", "News", "--json").document["total"] == 2
    assert run("source", "list", "--json").document == []


def test_a_round(run: Run, server: FeedServer) -> None:
    server.pages |= {"/feed": Answer(rss(item(1))), "/bad": Answer(rss(item(5), title="Bad"))}
    run("source", "add", server.url())
    run("source", "add", server.url("/bad"))
    assert run("collect", "--json").document["checked"] == 0  # nothing is due
    server.pages |= {"/feed": Answer(rss(item(1), item(2))), "/bad": Answer(status=503)}
    done = run("collect", "--all", "--json").document
    assert set(done) == {
        "checked", "unchanged", "failed", "entries", "added", "changed", "articles", "stories", "seconds",
    }  # fmt: skip
    assert (done["checked"], done["entries"], done["added"], done["articles"]) == (2, 2, 1, 3)
    assert done["failed"] == [
        {"url": server.url("/bad"), "problem": "The server has a fault of its own (503). I'll try again."}
    ]
    shown = run("source", "list").out
    assert "failing" in shown
    assert "(503)" in shown


def test_removing_and_forgetting_leaves_what_other_feeds_hold(run: Run, server: FeedServer) -> None:
    server.pages |= {"/feed": Answer(rss(item(1), item(2))), "/two": Answer(rss(item(2), title="Two"))}
    run("source", "add", server.url())
    run("source", "add", server.url("/two"))
    run("source", "remove", "1", "--forget")
    assert [each["title"] for each in run("search", "News", "--json").document["stories"]] == ["News 2"]


def test_what_is_found_is_said(run: Run, server: FeedServer) -> None:
    links = "".join(
        f'<link rel=alternate type="application/rss+xml" href="{path}">' for path in ("/feed", "/x")
    )
    server.pages |= {"/": Answer(f"<html>{links}".encode()), "/feed": Answer(rss(item(1), item(2)))}
    said = run("source", "add", server.url("/")).out
    assert "The Quay Times: 2 articles, newest" in said
    assert "topics: The Quay Times" in said
    assert "/x" in said


def test_a_test_stores_nothing(run: Run, server: FeedServer) -> None:
    server.pages["/feed"] = Answer(rss(item(1)))
    tested = run("source", "test", server.url(), "--json").document
    assert set(tested) == FIELDS | {"articles"}
    assert tested["id"] is None
    assert tested["articles"] == [
        {
            "title": "News 1",
            "url": "https://quay.example/1",
            "provider": "The Quay Times",
            "published_at": "2026-03-10T08:00:00Z",
            "topics": ["The Quay Times"],
            "quality": 15,
        }
    ]
    assert run("source", "list", "--json").document == []


def test_lists_come_in_and_go_out(run: Run, tmp_path: Path, server: FeedServer) -> None:
    file = tmp_path / "feeds.opml"
    outlines = "".join(f'<outline text="Feed {n}" xmlUrl="https://f{n}.example/rss"/>' for n in range(500))
    bad = '<outline text="x" xmlUrl="nonsense"/>'
    file.write_text(f'<opml><body><outline text="Ports">{outlines}{bad}</outline></body></opml>', "utf-8")
    imported = run("source", "import", file, "--json").document
    assert (len(imported["added"]), imported["known"], len(imported["failed"])) == (500, 0, 1)
    assert {each["state"] for each in imported["added"]} == {"new"}
    assert {tuple(each["topics"]) for each in imported["added"]} == {("Ports",)}
    assert run("source", "import", file, "--json").document["known"] == 500
    out = tmp_path / "out.opml"
    run("source", "export", out)
    assert run("source", "export").out.encode() == out.read_bytes()
    assert out.read_text("utf-8").count("xmlUrl") == 500
    assert run("source", "export", out).code == 1
    assert server.asked == []


def test_passwords_are_never_shown(run: Run, server: FeedServer) -> None:
    server.pages["/feed"] = Answer(rss(item(1)))
    url = server.url().replace("//", "//me:hunter2@")
    outcomes = [
        run("source", "add", url, "--json"), run("source", "list"), run("source", "list", "--json"),
        run("source", "export"), run("collect", "--all"), run("source", "edit", "1", "--pause"),
    ]  # fmt: skip
    assert all(outcome.code == 0 for outcome in outcomes)
    assert not any("hunter2" in outcome.out + outcome.err for outcome in outcomes)


def test_a_general_feed_has_only_the_topics_of_its_titles(run: Run, server: FeedServer) -> None:
    server.pages["/feed"] = Answer(rss(item(1, title="A lighthouse keeper"), item(2, title="Driftwood")))
    run("topic", "add", "Lights", "--keyword", "lighthouse")
    assert run("source", "add", server.url(), "--general", "--json").document["topics"] == []
    assert "found in titles" in run("source", "list").out
    assert {each["name"]: each["stories"] for each in run("topics", "--json").document} == {"Lights": 1}
    assert run("search", "driftwood", "--json").document["total"] == 1
    listed = run("source", "export").out
    assert "general" in listed
    edited = run("source", "edit", "1", "--topic", "News", "--json").document
    assert edited["topics"] == ["News"]
    assert {each["name"]: each["stories"] for each in run("topics", "--json").document} == {
        "Lights": 1, "News": 2,
    }  # fmt: skip
    assert run("source", "edit", "1", "--general", "--json").document["topics"] == []
    assert {each["name"]: each["stories"] for each in run("topics", "--json").document} == {"Lights": 1}
    assert run("source", "edit", "1", "--general", "--topic", "News").code == 2
    Path("feeds.opml").write_text(listed, "utf-8")
    run("source", "remove", "1", "--forget")
    run("source", "import", "feeds.opml")
    run("collect", "--all")
    assert run("source", "list", "--json").document[0]["topics"] == []


def test_a_test_and_a_preview_say_why(run: Run, server: FeedServer) -> None:
    server.pages["/feed"] = Answer(rss(item(1, title="A lighthouse keeper")))
    run("topic", "add", "Lights", "--keyword", "lighthouse")
    tested = " ".join(run("source", "test", server.url()).out.split())
    estimated = "level 35, as nothing is known of the outlet; −5 no picture; −15 no excerpt"
    assert f"quality 15 (estimated: {estimated})" in tested
    assert "The Quay Times, Lights (by “lighthouse”)" in tested
    run("source", "add", server.url(), "--general")
    run("outlet", "set", "quay.example", "--quality", "60")
    why = run("preview", "Lights", "--on", "2026-03-10", "--why").out
    assert "≈40" in why
    assert "level 60, as you set for the outlet; −5 no picture; −15 no excerpt" in why
    assert "Lights (by “lighthouse”)" in why
    document = run("preview", "Lights", "--on", "2026-03-10", "--json").document
    assert document["stories"][0]["estimated"] is True
    assert document["verdicts"][0]["estimated"] is True
    assert "≈40" in run("search", "keeper").out


def test_topics_get_another_name_and_count_in_excerpts(run: Run, server: FeedServer) -> None:
    told = item(1, title="Tides", extra="<description>Seen from the lighthouse.</description>")
    server.pages["/feed"] = Answer(rss(told))
    run("source", "add", server.url(), "--topic", "News")
    assert run("topic", "add", "Lights", "--keyword", "lighthouse", "--json").document["stories"] == 0
    edited = run("topic", "edit", "Lights", "--excerpts", "--json").document
    assert (edited["stories"], edited["excerpts"]) == (1, True)
    renamed = run("topic", "edit", "Lights", "--name", "Lamps", "--json").document
    assert (renamed["name"], renamed["slug"], renamed["stories"]) == ("Lamps", "lamps", 1)
    assert "already" in run("topic", "edit", "Lamps", "--name", "News").sentence


def test_a_reload_judges_what_is_stored_by_its_topic_files(run: Run, server: FeedServer) -> None:
    server.pages["/feed"] = Answer(rss(item(1, title="A lighthouse keeper")))
    run("source", "add", server.url(), "--topic", "News")
    write_seed(Path("seeds"), "_data/topics/lights.yaml", "name: Lights\nkeywords: [lighthouse]\n")
    run("reload", "seeds")
    assert {each["name"]: each["stories"] for each in run("topics", "--json").document} == {
        "Lights": 1, "News": 1,
    }  # fmt: skip


def test_topics_are_described_and_found_in_what_is_there(run: Run, server: FeedServer) -> None:
    server.pages["/feed"] = Answer(rss(item(1, title="A lighthouse keeper"), item(2)))
    run("source", "add", server.url(), "--topic", "News")
    added = run("topic", "add", "Lights", "--keyword", "lighthouse", "--parent", "Coast", "--json").document
    assert added == {
        "name": "Lights", "slug": "lights", "parent": "Coast", "keywords": ["lighthouse"], "stories": 1,
    }  # fmt: skip
    assert run("topic", "test", "The", "Lighthouse", "--json").document == [
        {"topic": "Lights", "keyword": "lighthouse"}
    ]
    assert {each["name"]: each["stories"] for each in run("topics", "--json").document} == {
        "News": 2, "Lights": 1, "Coast": 1,
    }  # fmt: skip
    assert "only in servers 11" in run("topic", "edit", "Lights", "--servers", "11").out
    assert "only in servers" not in run("topic", "edit", "Lights", "--servers", "all").out
    assert run("topic", "edit", "Lights", "--servers", "0").code == 2
    assert run("topic", "edit", "Lights", "--keyword", "beacon", "--json").document["stories"] == 0
    run("topic", "remove", "Lights")
    assert run("topic", "test", "beacon", "--json").document == []
    assert run("topic", "edit", "Lights").sentence


def test_outlets_levels_are_the_operator_s(run: Run, server: FeedServer) -> None:
    server.pages["/feed"] = Answer(rss(item(1)))
    run("source", "add", server.url())
    before = run("outlet", "list", "--json").document
    assert before == [
        {
            "domain": "quay.example",
            "name": "The Quay Times",
            "quality": 35,
            "given_by": "nobody",
            "articles": 1,
        }
    ]
    after = run("outlet", "set", "https://www.quay.example", "--quality", "80", "--json").document
    assert (after[0]["quality"], after[0]["given_by"]) == (80, "operator")
    assert run("search", "News", "--json").document["stories"][0]["quality"] == 60


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (Answer(status=401), "401"),
        (Answer(status=403), "SOURCES_CONTACT"),
        (Answer(status=404), "404"),
        (Answer(b"<html><body>Hello</body></html>"), "no feed on this page"),
        (Answer(b"hello"), "no feed"),
        (Answer(bytes(5 * 2**20)), "4 MiB"),
        (Answer(rss(item(1))[:100]), "damaged"),
    ],
)
def test_what_can_not_be_added_is_one_sentence(
    run: Run, server: FeedServer, page: Answer, words: str
) -> None:
    server.pages["/feed"] = page
    assert words in run("source", "add", server.url()).sentence
    assert run("source", "list", "--json").document == []


def test_other_bad_input_is_one_sentence(
    run: Run, server: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "list.opml"
    file.write_text("<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>", "utf-8")
    long = tmp_path / "long.opml"
    outlines = "".join(f'<outline xmlUrl="https://f{n}.example/"/>\n' for n in range(10_000))
    long.write_text(f"<opml><body>{outlines}</body></opml>", "utf-8")
    assert "isn't a web address" in run("source", "add", "quay").sentence
    assert "entities" in run("source", "import", file).sentence
    assert "10,000" in run("source", "import", long).sentence
    assert run("source", "import", tmp_path / "none").sentence
    assert "list" in run("source", "remove", "7").sentence
    assert run("outlet", "set", "quay", "--quality", "5").sentence
    down = "http://127.0.0.1:1/feed"
    assert "reached" in run("source", "add", down).sentence
    assert run("source", "add", down, "--unchecked", "--json").document["state"] == "new"
    assert "already" in run("source", "add", down).sentence
    monkeypatch.setenv("PRIVATE_SOURCES", "")
    assert "PRIVATE_SOURCES" in run("source", "add", server.url()).sentence


def test_an_empty_bot_says_what_to_do_next(run: Run) -> None:
    for command in (["topics"], ["search", "news"], ["preview", "AI"]):
        assert "broadsheet source add" in run(*command).sentence
    assert "source add" in run("source", "list").out
    assert run("topics", "--json").document == []
    assert run("search", "news", "--json").document["total"] == 0
    findings = run("doctor").out
    assert "no digest will come" in findings
