"""Collecting: what readers of other programs complained of doesn't happen here."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digests.editions.window import Window
from digests.errors import CollectBusyError, SourceKnownError
from digests.feeds.addresses import host_of
from digests.feeds.collect import LEASE, LEASE_FOR
from digests.feeds.fetch import Document, Validators
from digests.feeds.find import find_feed
from digests.feeds.lists import add_list
from digests.feeds.opml import ListedFeed
from digests.feeds.poll import LONGEST
from digests.feeds.problems import FeedError, FeedProblem
from digests.feeds.records import record_of
from digests.feeds.upkeep import forget_old_entries
from digests.seeds.reload import Reloader
from storage import feeds, leases
from storage.feeds import FeedState
from storage.topics import topics_of_story
from tests.build import ISSUE_TIME, seed_text, write_seed
from tests.digests.feeds.conftest import News
from tests.feed_server import Answer, Asked, conditional, item, moved, rss

PUBLISHED = datetime(2026, 3, 10, 8, tzinfo=UTC)
DAY = timedelta(days=1)


async def test_a_feed_s_entries_become_articles_at_once(news: News) -> None:
    news.server.pages["/feed"] = Answer(rss(item(1), item(2)))
    feed = await news.add(topics=("Ports",))
    assert (feed.state, feed.entries, feed.title) == (FeedState.OK, 2, "The Quay Times")
    article = (await news.articles())["https://quay.example/1"]
    assert (article.title, article.published_at) == ("News 1", PUBLISHED)
    assert (article.provider.name, article.provider.domain) == ("The Quay Times", "quay.example")


async def test_without_a_topic_a_feed_s_own_name_is_one(news: News) -> None:
    news.server.pages["/feed"] = Answer(rss(item(1)))
    assert (await news.add()).options.topics == ("The Quay Times",)


async def test_what_was_there_when_a_feed_was_added_is_known_since_it_was_published(news: News) -> None:
    news.server.pages["/feed"] = Answer(rss(item(1)))
    await news.add()
    await news.collect(rss(item(1), item(2)), DAY)
    articles = await news.articles()
    assert articles["https://quay.example/1"].known_at == PUBLISHED
    assert articles["https://quay.example/2"].known_at == ISSUE_TIME + DAY


async def test_the_same_article_from_several_feeds_is_one(news: News) -> None:
    tracked = item(1, link="http://www.quay.example/1?utm_source=rss", guid="other")
    news.server.pages |= {"/feed": Answer(rss(item(1))), "/other": Answer(rss(tracked, title="Other"))}
    await news.add()
    await news.add("/other")
    assert len(await news.articles()) == 1


@pytest.mark.parametrize(
    "changed",
    [
        item(1, title="News 1, corrected"),
        item(1, link="https://quay.example/corrected"),
        item(1, link="https://quay.example/corrected", title="News 1, corrected"),
        item(1, date="Thu, 12 Mar 2026 08:00:00 GMT"),
        item(1, guid="changed"),
        item(1, guid="changed", link="https://quay.example/corrected"),
        item(1, guid="changed", title="News 1, corrected"),
        item(1, extra="<description>More.</description>"),
    ],
    ids=[
        "title",
        "address",
        "title and address",
        "date",
        "guid",
        "guid and address",
        "guid and title",
        "excerpt",
    ],
)
async def test_what_is_changed_of_an_entry_makes_no_new_article(news: News, changed: str) -> None:
    news.server.pages["/feed"] = Answer(rss(item(1), item(2)))
    await news.add()
    (before,) = (each for each in (await news.articles()).values() if each.title == "News 1")
    round_ = await news.collect(rss(changed, item(2)))
    articles = [each for each in (await news.articles()).values() if each.title != "News 2"]
    assert [(each.id, each.story_id) for each in articles] == [(before.id, before.story_id)]
    assert (articles[0].published_at, articles[0].known_at) == (before.published_at, before.known_at)
    assert round_.added == 0


async def test_a_changed_title_is_shown(news: News) -> None:
    news.server.pages["/feed"] = Answer(rss(item(1)))
    await news.add()
    round_ = await news.collect(rss(item(1, title="Corrected")))
    assert await news.titles() == ["Corrected"]
    assert (round_.added, round_.changed) == (0, 1)


async def test_two_entries_with_one_guid_are_two(news: News) -> None:
    news.server.pages["/feed"] = Answer(rss(item(1, guid="same"), item(2, guid="same")))
    await news.add()
    assert await news.titles() == ["News 1", "News 2"]
    assert (await news.collect(rss(item(2, guid="same"), item(3, guid="same")))).added == 1
    assert await news.titles() == ["News 1", "News 2", "News 3"]


async def test_a_feed_that_changes_all_its_guids_brings_nothing_new(news: News) -> None:
    news.server.pages["/feed"] = Answer(rss(*(item(n) for n in range(20))))
    await news.add()
    round_ = await news.collect(rss(*(item(n, guid=f"other-{n}") for n in range(20))))
    assert (round_.entries, round_.added) == (20, 0)
    assert len(await news.articles()) == 20


async def test_what_drops_out_of_a_feed_stays(news: News) -> None:
    news.server.pages["/feed"] = Answer(rss(item(1), item(2)))
    await news.add()
    await news.collect(rss(item(2), item(3)))
    assert await news.titles() == ["News 1", "News 2", "News 3"]


async def test_an_entry_without_a_date_counts_from_when_it_was_first_seen(news: News) -> None:
    news.server.pages["/feed"] = Answer(rss(item(1)))
    await news.add()
    await news.collect(rss(item(1), item(2, date=None), item(3, date="Tue, 10 Mar 2099 08:00:00 GMT")), DAY)
    await news.collect(rss(item(1), item(2, date=None, title="Edited")), DAY)
    articles = await news.articles()
    seen = ISSUE_TIME + DAY
    assert articles["https://quay.example/2"].published_at == seen
    assert articles["https://quay.example/3"].published_at == seen  # what is ahead of now counts as now


async def test_an_unchanged_feed_is_not_sent_or_read_again(news: News) -> None:
    news.server.pages["/feed"] = conditional(rss(item(1)))
    await news.add()
    round_ = await news.collect()
    assert (round_.checked, round_.unchanged, round_.entries) == (1, 1, 0)
    news.server.pages["/feed"] = Answer(rss(item(1)))  # a server that knows no versions
    round_ = await news.collect()
    assert (round_.checked, round_.unchanged, round_.entries) == (1, 1, 0)


async def test_a_failing_feed_is_tried_again_later_each_time_and_says_why(news: News) -> None:
    news.server.pages["/feed"] = Answer(rss(item(1)))
    await news.add()
    news.server.pages["/feed"] = Answer(status=500)
    failed_at = ISSUE_TIME + 2 * DAY
    waits = []
    for _ in range(12):
        assert len((await news.collect()).failed) == 1
        feed = await news.feed()
        waits.append(feed.next_at - news.clock.now)
        assert (feed.state, feed.problem) == (FeedState.FAILING, "server error: 500")
        assert feed.failing_since == failed_at
    assert waits == sorted(waits)
    assert waits[-1] <= LONGEST + timedelta(minutes=6)
    await news.collect(rss(item(1)))
    feed = await news.feed()
    assert (feed.state, feed.problem, feed.failing_since, feed.failures) == (FeedState.OK, None, None, 0)
    assert await news.titles() == ["News 1"]


async def test_a_feed_that_becomes_html_is_a_problem_not_nothing_new(news: News) -> None:
    news.server.pages["/feed"] = Answer(rss(item(1)))
    await news.add()
    await news.collect(b"<html><head><title>Sold</title></head></html>")
    assert (await news.feed()).problem == "page"


async def test_truncated_xml_brings_what_is_whole(news: News) -> None:
    whole = rss(item(1), item(2))
    news.server.pages["/feed"] = Answer(whole[:-60])
    await news.add()
    await news.collect(whole)
    assert await news.titles() == ["News 1", "News 2"]


async def test_a_feed_that_is_gone_ends(news: News) -> None:
    news.server.pages["/feed"] = Answer(rss(item(1)))
    await news.add()
    news.server.pages["/feed"] = Answer(status=410)
    await news.collect()
    assert (await news.feed()).state is FeedState.ENDED
    assert (await news.collect()).checked == 0


async def test_a_site_that_wants_no_more_is_left_alone_and_others_are_not(news: News) -> None:
    for number in range(3):
        news.server.pages[f"/{number}"] = Answer(rss(item(number), title=f"Feed {number}"))
        await news.add(f"/{number}")
    host = news.server.url("/elsewhere").replace("127.0.0.1", "127.0.0.2")
    news.server.pages["/elsewhere"] = Answer(rss(item(9)))
    await find_feed(news.collector.checker, host)
    busy = Answer(status=429, headers={"Retry-After": "7200"})
    news.server.pages |= {f"/{number}": busy for number in range(3)}
    news.server.asked.clear()
    round_ = await news.collect()
    assert len(round_.failed) == 3
    assert len(news.server.asked) == 1
    for number in range(3):
        feed = await news.feed(number + 1)
        assert feed.next_at >= news.clock.now + timedelta(hours=2)
        assert feed.problem == "too many requests"
    assert (await news.collector.collect()).checked == 0
    news.server.pages |= {f"/{number}": Answer(rss(item(number))) for number in range(3)}
    assert (await news.collector.collect(everything=True)).failed == []  # the operator's "now" goes first


async def test_a_feed_moves_when_its_redirect_has_held_for_a_week(news: News) -> None:
    news.server.pages |= {"/feed": Answer(rss(item(1))), "/new": Answer(rss(item(1)))}
    await news.add()
    news.server.pages["/feed"] = moved("/new")
    await news.collect()
    assert (await news.feed()).url == news.server.url("/feed")
    await news.collect(later=3 * DAY)
    assert (await news.feed()).moved_to == news.server.url("/new")
    await news.collect(later=5 * DAY)
    assert (await news.feed()).url == news.server.url("/new")
    assert await news.titles() == ["News 1"]


async def test_one_request_a_host_at_a_time_and_many_hosts_at_once(news: News) -> None:
    hosts = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
    running: Counter[str] = Counter()
    most: Counter[str] = Counter()
    together = 0

    async def fetch(url: str, _: Validators = Validators()) -> Document:  # noqa: B008 - frozen
        nonlocal together
        host = host_of(url)
        running[host] += 1
        most[host] = max(most[host], running[host])
        together = max(together, running.total())
        await asyncio.sleep(0.01)
        running[host] -= 1
        return Document(url, None, rss(item(1), title=url), "", "", Validators(), timedelta())

    fetcher = news.collector.checker.fetcher
    urls = [f"http://{host}/{number}" for host in hosts for number in range(3)]
    await add_list(news.database, news.clock, [ListedFeed(url) for url in urls])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fetcher, "fetch", fetch)
        assert (await news.collect()).checked == 9
    assert set(most.values()) == {1}
    assert together == len(hosts)


async def test_one_process_of_several_collects(news: News) -> None:
    news.server.pages["/feed"] = Answer(rss(item(1)))
    await news.add()
    news.clock.now += DAY
    async with news.database.transaction() as connection:
        assert await leases.take(connection, LEASE, "another", news.clock.now, news.clock.now + LEASE_FOR)
    with pytest.raises(CollectBusyError):
        await news.collector.collect()
    news.clock.now += DAY  # it ended without a word
    assert (await news.collector.collect()).checked == 1


async def test_what_cannot_be_stored_is_its_feed_s_own_fault(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        news.server.pages[f"/{number}"] = Answer(rss(item(number), title=f"Feed {number}"))
        await news.add(f"/{number}")
    for number in range(3):
        news.server.pages[f"/{number}"] = Answer(rss(item(number + 10), title=f"Feed {number}"))
    made = record_of

    def failing(key: str, *rest: object) -> object:
        if "guid-11" in key:
            raise ArithmeticError
        return made(key, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("digests.feeds.store.record_of", failing)
    round_ = await news.collect()
    assert (round_.checked, round_.added) == (3, 2)
    assert (await news.feed(2)).problem == "internal error"
    assert [(await news.feed(n)).state for n in (1, 3)] == [FeedState.OK, FeedState.OK]


async def test_what_is_added_already_is_told(news: News) -> None:
    news.server.pages["/feed"] = Answer(rss(item(1)))
    await news.add()
    with pytest.raises(SourceKnownError):
        await news.add("/feed?utm_source=x")


async def test_a_page_s_feed_is_found_and_the_others_are_named(news: News) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="{}" title="{}">'
    links = (
        link.format("/comments/feed", "Comments") + link.format("/feed", "News") + link.format("/x", "More")
    )
    news.server.pages |= {
        "/page": Answer(f"<html><head>{links}</head></html>".encode()),
        "/feed": Answer(rss(item(1))),
    }
    found = await find_feed(news.collector.checker, news.server.url("/page"))
    assert found.url == news.server.url("/feed")
    assert [each.title for each in found.others] == ["More", "Comments"]


async def test_a_page_without_links_has_its_feed_in_the_usual_places(news: News) -> None:
    news.server.pages |= {"/": Answer(b"<html></html>"), "/atom.xml": Answer(rss(item(1)))}
    found = await find_feed(news.collector.checker, news.server.url("/"))
    assert found.url == news.server.url("/atom.xml")
    del news.server.pages["/atom.xml"]
    with pytest.raises(FeedError) as raised:
        await find_feed(news.collector.checker, news.server.url("/"))
    assert raised.value.problem is FeedProblem.NO_FEEDS


async def test_nothing_is_stored_of_what_can_not_be_read(news: News) -> None:
    def page(_: Asked) -> Answer:
        return Answer(status=404)

    news.server.pages["/feed"] = page
    with pytest.raises(FeedError):
        await news.add()
    assert (await news.collector.collect(everything=True)).checked == 0


async def test_adding_a_feed_announces_nothing_old_and_later_news_comes_once(news: News) -> None:
    late = item(2, date="Mon, 09 Mar 2026 08:00:00 GMT")
    news.server.pages["/feed"] = Answer(rss(item(1, date="Mon, 09 Mar 2026 08:00:00 GMT")))
    await news.add(topics=("Ports",))
    window = Window(ISSUE_TIME - timedelta(hours=1), ISSUE_TIME + timedelta(hours=1))
    assert await news.edition("Ports", window) == []
    await news.collect(rss(item(1, date="Mon, 09 Mar 2026 08:00:00 GMT"), late), timedelta(minutes=30))
    await news.collector.collect(everything=True)
    assert await news.edition("Ports", window) == ["News 2"]  # published yesterday, first seen only now


async def test_what_a_seed_says_of_an_article_wins_and_both_make_one_story(
    news: News, tmp_path: Path
) -> None:
    folder = tmp_path / "seeds"
    seed = seed_text("https://quay.example/1", title="As the seed says", quality=80, topics=("AI",))
    write_seed(folder, "one.md", seed)
    news.server.pages["/feed"] = Answer(rss(item(1), item(2)))
    await news.add(topics=("Ports",))
    await Reloader(news.database, news.clock).reload(folder)
    articles = await news.articles()
    first = articles["https://quay.example/1"]
    assert (len(articles), first.title, first.quality, first.estimated) == (2, "As the seed says", 80, False)
    assert articles["https://quay.example/2"].estimated
    async with news.database.reading() as connection:
        tagged = await connection.run(topics_of_story, first.story_id)
    assert [topic.name for topic in tagged] == ["AI", "Ports"]
    (folder / "one.md").unlink()
    await Reloader(news.database, news.clock).reload(folder, force=True)
    assert (await news.articles())["https://quay.example/1"].title == "News 1"


async def test_articles_are_kept_as_long_as_they_are_in_their_feed_and_a_while_after(news: News) -> None:
    news.server.pages["/feed"] = Answer(rss(item(1), item(2)))
    await news.add()
    await news.collect(rss(item(2), item(3)), 10 * DAY)
    now = news.clock.now
    assert await forget_old_entries(news.database, now - 30 * DAY, now) == 0
    assert await forget_old_entries(news.database, now - 5 * DAY, now) == 1
    assert await news.titles() == ["News 2", "News 3"]
    later = now + 500 * DAY
    assert await forget_old_entries(news.database, later - 400 * DAY, later) == 0  # they are still listed
    async with news.database.transaction() as connection:
        await feeds.remove(connection, 1, later)
    assert await forget_old_entries(news.database, later - 400 * DAY, later) == 2
    assert await news.titles() == []
    async with news.database.reading() as connection:
        rows = list(await connection.execute_fetchall("SELECT count(*) FROM article"))
    assert rows[0][0] == 0
