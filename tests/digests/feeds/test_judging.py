"""What articles of feeds are judged by may change: all that is stored follows, in short steps."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from digests.editions.window import Window
from digests.errors import TopicChangedError, TopicKnownError, TopicNotOwnError, TopicOfSeedsError
from digests.feeds import judging, own_topics
from digests.feeds.judging import Judge, explained, judge_pending
from digests.feeds.own_topics import Edit
from digests.feeds.sources import change_feed
from digests.lookup.search import search_stories
from digests.seeds.reload import Reloader
from digests.stories.quality import Feature, GivenBy, Level
from storage import entries, feeds, outlets, stories
from storage import judging as pending
from storage.feeds import FeedOptions
from storage.models import Page
from storage.search.index import Filters
from storage.topics import topics_of_story
from tests.build import ISSUE_TIME, seed_text, write_seed
from tests.digests.feeds.conftest import News
from tests.feed_server import Answer, item, rss

TITLES = ("A lighthouse keeper", "The beacon of Hook", "Tides")
DAYS = timedelta(days=30)


@pytest.fixture
async def coast(news: News) -> News:
    """A feed of three articles, whose topic is News."""
    news.server.pages["/feed"] = Answer(rss(*(item(n, title=title) for n, title in enumerate(TITLES))))
    await news.add(topics=("News",))
    return news


async def say(news: News, name: str, *keywords: str, parent: str = "", excerpts: bool = False) -> int:
    """Describe a topic, and let what is stored follow."""
    async with news.database.transaction() as connection:
        said = Edit(None, keywords, parent, excerpts)
        change = await own_topics.add(connection, name, said, news.clock())
    await judge(news)
    return change


async def edit(news: News, name: str, said: Edit) -> int:
    async with news.database.transaction() as connection:
        change = await own_topics.edit(connection, name, said, news.clock())
    await judge(news)
    return change


async def undo(news: News, change: int) -> int:
    async with news.database.transaction() as connection:
        undone = await own_topics.undo(connection, change, news.clock())
    await judge(news)
    return undone


async def judge(news: News) -> int:
    """Judge as a process does that has just begun."""
    return await judge_pending(news.database, Judge(news.database), news.clock)


async def tagged(news: News) -> dict[str, list[str]]:
    """Return the topics of each article, by its title."""
    found = {}
    async with news.database.reading() as connection:
        for article in (await news.articles()).values():
            carried = await connection.run(topics_of_story, article.story_id)
            found[article.title] = [topic.name for topic in carried]
    return found


async def test_what_is_stored_gets_a_topic_s_keywords_when_they_change(coast: News) -> None:
    await say(coast, "Lights", "lighthouse")
    assert await tagged(coast) == {
        "A lighthouse keeper": ["Lights", "News"], "The beacon of Hook": ["News"], "Tides": ["News"],
    }  # fmt: skip
    await edit(coast, "Lights", Edit(keywords=["beacon"]))
    assert await tagged(coast) == {
        "A lighthouse keeper": ["News"], "The beacon of Hook": ["Lights", "News"], "Tides": ["News"],
    }  # fmt: skip
    await edit(coast, "Lights", Edit(parent="Coast"))
    assert (await tagged(coast))["The beacon of Hook"] == ["Coast", "Lights", "News"]
    await edit(coast, "Lights", Edit(parent=""))
    assert (await tagged(coast))["The beacon of Hook"] == ["Lights", "News"]


async def test_an_excerpt_counts_if_its_topic_asks_for_it(news: News) -> None:
    told = item(1, title="Tides", extra="<description>Seen from the lighthouse.</description>")
    news.server.pages["/feed"] = Answer(rss(told))
    await news.add(topics=("News",))
    await say(news, "Lights", "lighthouse")
    assert await tagged(news) == {"Tides": ["News"]}
    await edit(news, "Lights", Edit(in_excerpts=True))
    assert await tagged(news) == {"Tides": ["Lights", "News"]}


async def test_a_topic_with_another_name_stays_the_same_topic(coast: News) -> None:
    await say(coast, "Lamps", "lighthouse", parent="News")
    change = await edit(coast, "News", Edit(name="Shore"))
    assert (await tagged(coast))["A lighthouse keeper"] == ["Lamps", "Shore"]
    assert (await coast.feed()).options.topics == ("Shore",)
    async with coast.database.reading() as connection:
        assert (await connection.run(own_topics.own_topic, "Lamps")).description.parent == "Shore"
    await coast.collect(rss(item(9, title="New")))
    assert (await tagged(coast))["New"] == ["Shore"]
    await undo(coast, change)
    assert (await tagged(coast))["New"] == ["News"]
    assert (await coast.feed()).options.topics == ("News",)


async def test_a_name_that_others_give_or_have_is_refused(coast: News, tmp_path: Path) -> None:
    await say(coast, "Lights")
    with pytest.raises(TopicKnownError):
        await edit(coast, "Lights", Edit(name="news"))
    write_seed(tmp_path, "one.md", seed_text(topics=["AI"]))
    await Reloader(coast.database, coast.clock).reload(tmp_path)
    with pytest.raises(TopicOfSeedsError):
        await edit(coast, "AI", Edit(name="Machines"))
    with pytest.raises(TopicNotOwnError):
        await edit(coast, "Nothing", Edit(keywords=["word"]))


async def test_every_change_can_be_undone_until_another_one_follows(coast: News) -> None:
    before = await tagged(coast)
    added = await say(coast, "Lights", "lighthouse")
    after = await tagged(coast)
    undone = await undo(coast, added)
    assert await tagged(coast) == before
    with pytest.raises(TopicChangedError):
        await undo(coast, added)
    await undo(coast, undone)
    assert await tagged(coast) == after
    async with coast.database.transaction() as connection:
        removed = await own_topics.remove(connection, "Lights", coast.clock())
    await judge(coast)
    assert await tagged(coast) == before
    await undo(coast, removed)
    assert await tagged(coast) == after
    with pytest.raises(TopicChangedError):
        await undo(coast, 99)


async def test_a_topic_of_some_servers_stays_one_of_theirs_whatever_is_changed(coast: News) -> None:
    async def servers(name: str) -> tuple[int, ...]:
        async with coast.database.reading() as connection:
            return (await connection.run(own_topics.own_topic, name)).description.servers

    await say(coast, "Lights", "lighthouse")
    async with coast.database.transaction() as connection:
        await connection.execute("UPDATE own_topic SET servers = '[7]'")
    await say(coast, "Lights", "beacon")
    assert await servers("Lights") == (7,)
    await edit(coast, "Lights", Edit(name="Lamps"))
    assert await servers("Lamps") == (7,)
    async with coast.database.transaction() as connection:
        removed = await own_topics.remove(connection, "Lamps", coast.clock())
    await undo(coast, removed)
    assert await servers("Lamps") == (7,)


async def test_topic_files_count_for_what_is_stored_when_a_reload_finds_them_changed(
    coast: News, tmp_path: Path
) -> None:
    write_seed(tmp_path, "one.md", seed_text())
    path = "_data/topics/lights.yaml"
    reloader = Reloader(coast.database, coast.clock)
    for words, found in (("[lighthouse]", 1), ("[lighthouse, beacon]", 2), ("[oil]\nexcerpts: true", 0)):
        write_seed(tmp_path, path, f"name: Lights\nkeywords: {words}\n")
        await reloader.reload(tmp_path)
        await judge(coast)
        assert sum("Lights" in names for names in (await tagged(coast)).values()) == found
    (tmp_path / path).write_text("name: Lights\nkeywords: [lighthouse]\n", "utf-8")
    await reloader.reload(tmp_path)
    (tmp_path / path).unlink()
    await reloader.reload(tmp_path)
    await judge(coast)
    assert all("Lights" not in names for names in (await tagged(coast)).values())


async def test_it_goes_on_where_it_was_broken_off(news: News, monkeypatch: pytest.MonkeyPatch) -> None:
    news.server.pages["/feed"] = Answer(rss(*(item(n, title=f"Lighthouse {n}") for n in range(12))))
    await news.add(topics=("News",))
    monkeypatch.setattr(judging, "FIRST", 5)
    async with news.database.transaction() as connection:
        await own_topics.add(connection, "Lights", Edit(keywords=["lighthouse"]), news.clock())

    def kill(_: int) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await judge_pending(news.database, Judge(news.database), news.clock, on_progress=kill)
    assert sum("Lights" in names for names in (await tagged(news)).values()) == 5
    assert await judge(news) == 7
    assert all("Lights" in names for names in (await tagged(news)).values())
    assert await judge(news) == 0


async def test_a_step_changes_only_so_many_and_leaves_none_out(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    news.server.pages["/feed"] = Answer(rss(*(item(n, title=f"Lighthouse {n}") for n in range(12))))
    await news.add(topics=("News",))
    monkeypatch.setattr(judging, "MOST_CHANGED", 4)
    async with news.database.transaction() as connection:
        await own_topics.add(connection, "Lights", Edit(keywords=["lighthouse"]), news.clock())
    steps: list[int] = []
    await judge_pending(news.database, Judge(news.database), news.clock, on_progress=steps.append)
    assert steps == [4, 8, 12, 12]
    assert all("Lights" in names for names in (await tagged(news)).values())


async def test_several_processes_share_the_work(news: News, monkeypatch: pytest.MonkeyPatch) -> None:
    news.server.pages["/feed"] = Answer(rss(*(item(n, title=f"Lighthouse {n}") for n in range(12))))
    await news.add(topics=("News",))
    monkeypatch.setattr(judging, "FIRST", 3)
    monkeypatch.setattr(judging, "MOST", 3)
    async with news.database.transaction() as connection:
        await own_topics.add(connection, "Lights", Edit(keywords=["lighthouse"]), news.clock())
    assert sum(await asyncio.gather(judge(news), judge(news))) == 12


async def test_what_comes_meanwhile_is_judged_by_what_counts_now(coast: News) -> None:
    await coast.collect(rss(item(7, title="Lighthouse for sale")))
    async with coast.database.transaction() as connection:  # by another process
        await own_topics.add(connection, "Lights", Edit(keywords=["lighthouse"]), coast.clock())
    await coast.collect(rss(item(8, title="Lighthouse sold")))
    found = await tagged(coast)
    assert found["Lighthouse sold"] == ["Lights", "News"]
    assert found["Lighthouse for sale"] == ["News"]  # until the next step


async def test_articles_of_removed_feeds_are_judged_as_well(coast: News) -> None:
    async with coast.database.transaction() as connection:
        await feeds.remove(connection, 1, coast.clock())
        await feeds.forget_removed(connection, coast.clock() + DAYS)
    await say(coast, "Lights", "lighthouse")
    assert (await tagged(coast))["A lighthouse keeper"] == ["Lights", "News"]


async def test_a_new_topic_is_looked_for_in_all_articles(coast: News) -> None:
    coast.server.pages["/other"] = Answer(rss(item(50, link="https://two.example/1"), title="Tides"))
    await coast.add("/other")
    await judge(coast)
    assert (await tagged(coast))["Tides"] == ["News", "Tides"]


async def test_levels_of_outlets_and_feeds_count_for_what_is_stored(coast: News) -> None:
    before = (await coast.articles())["https://quay.example/1"].quality
    async with coast.database.transaction() as connection:
        await outlets.set_level(connection, "quay.example", 80)
    await judge(coast)
    assert (await coast.articles())["https://quay.example/1"].quality == before + 80 - 35
    async with coast.database.transaction() as connection:
        await change_feed(connection, 1, FeedOptions(topics=("News",), quality=90), None, coast.clock())
    await judge(coast)
    assert (await coast.articles())["https://quay.example/1"].quality == before + 90 - 35


async def test_seeds_that_come_later_teach_levels(coast: News, tmp_path: Path) -> None:
    for number in range(14):
        name, link = f"{number}.md", f"https://quay.example/seed-{number}"
        write_seed(tmp_path, name, seed_text(link, quality=72).replace("one.example", "quay.example"))
    await Reloader(coast.database, coast.clock).reload(tmp_path)
    await judge(coast)
    found = (await coast.articles())["https://quay.example/1"]
    async with coast.database.reading() as connection:
        by = await connection.run(Judge(coast.database).judgement)
        learned = by.learned["quay.example"]
        why = (await connection.run(explained, [found.id], by))[found.id]
    assert learned == (14, 14 * 72)
    assert why.estimate.level == Level(62, GivenBy.SEEDS, 14)
    assert why.estimate.features == (Feature.NO_PICTURE, Feature.NO_EXCERPT)
    assert why.estimate.quality == found.quality == 62 - 5 - 15


async def test_a_general_feed_gives_no_topic_and_what_matches_none_is_only_found(news: News) -> None:
    titles = enumerate(TITLES)
    news.server.pages["/feed"] = Answer(rss(*(item(n, title=title) for n, title in titles)))
    await say(news, "Lights", "lighthouse", parent="Coast")
    feed = await news.add(general=True)
    await news.collect(
        rss(item(5, title="Driftwood"), item(6, title="For sale: lighthouse on the northern cape"))
    )
    assert feed.options.topics == ()
    assert (await news.feed()).options.topics == ()
    found = await tagged(news)
    assert found["A lighthouse keeper"] == ["Coast", "Lights"]
    assert found["Driftwood"] == []
    window = Window(ISSUE_TIME - DAYS, news.clock())
    assert await news.edition("Lights", window) == await news.edition("Coast", window)
    assert sorted(await news.edition("Coast", window)) == [
        "A lighthouse keeper",
        "For sale: lighthouse on the northern cape",
    ]
    async with news.database.reading() as connection:
        page = Page(news.clock(), 10)
        results = await connection.run(search_stories, "driftwood", Filters(), page)
        assert [each.coverage.pick.title for each in results.stories] == ["Driftwood"]
        latest = await connection.run(stories.stories, range(1, 20))
    assert "Driftwood" in {article.title for story in latest for article in story.articles}


async def test_nothing_is_to_be_judged_where_there_are_no_feeds(news: News, tmp_path: Path) -> None:
    write_seed(tmp_path, "one.md", seed_text())
    await Reloader(news.database, news.clock).reload(tmp_path)
    await say(news, "Lights", "lighthouse")
    async with news.database.reading() as connection:
        assert await connection.run(entries.stored, pending.BEFORE_ALL, 5) == []
        assert await connection.run(pending.pending) is None
