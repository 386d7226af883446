"""A feed that is limited to some servers shows nowhere else."""

from datetime import timedelta

import pytest

from digests.errors import StoryNotFoundError
from digests.feeds import own_topics
from digests.feeds.own_topics import Edit
from digests.feeds.upkeep import forget_old_entries
from digests.lookup.autocomplete import complete_stories
from digests.lookup.search import search_stories
from digests.lookup.stories import latest_stories, story_card, top_stories
from digests.lookup.topics import topic_entries
from storage import feeds
from storage.models import Order, Page
from storage.search.index import Filters
from storage.visibility import DIRECT
from tests.digests.feeds.conftest import News
from tests.feed_server import Answer, item, rss

OURS, OTHER = 11, 12
HIDDEN_FROM = [OTHER, DIRECT]


@pytest.fixture
async def limited(news: News) -> News:
    news.server.pages["/open"] = Answer(rss(item(1), title="Open", site="https://open.example/"))
    news.server.pages["/ours"] = Answer(
        rss(item(2), item(3, title="Lantern secret"), title="Ours", site="https://ours.example/")
    )
    await news.add("/open", topics=("Ports",))
    await news.add("/ours", topics=("Ports", "Ours"), servers=(OURS,))
    return news


async def seen(news: News, viewer: int | None) -> list[str]:
    """Return the titles that each way to look finds, which has to be the same for all."""
    now = news.clock()
    async with news.database.reading(viewer) as connection:
        latest = await connection.run(latest_stories, None, Page(now, 10))
        titles = sorted(each.coverage.pick.title for each in latest.stories)
        for found in (
            await connection.run(top_stories, None, None, Page(now, 10)),
            await connection.run(search_stories, "quay.example", Filters(), Page(now, 10)),
            await connection.run(search_stories, "news lantern", Filters(), Page(now, 10), Order.NEWEST),
        ):
            assert {each.coverage.pick.title for each in found.stories} <= set(titles)
        assert latest.total == len(titles)
        offered = await connection.run(complete_stories, "", now, 10)
        assert sorted(each.title for each in offered) == titles
    return titles


async def test_it_is_seen_in_its_servers_and_by_the_operator(limited: News) -> None:
    assert await seen(limited, OURS) == ["Lantern secret", "News 1", "News 2"]
    assert await seen(limited, None) == ["Lantern secret", "News 1", "News 2"]


@pytest.mark.parametrize("viewer", HIDDEN_FROM)
async def test_it_is_seen_nowhere_else_and_its_story_can_t_be_opened(limited: News, viewer: int) -> None:
    assert await seen(limited, viewer) == ["News 1"]
    now = limited.clock()
    async with limited.database.reading(viewer) as connection:
        found = await connection.run(search_stories, "lantern", Filters(), Page(now, 10))
        assert (found.total, found.stories) == (0, ())
        _, topics = await connection.run(topic_entries, now, 10, 0)
        assert "Ours" not in {each.summary.topic.name for each in topics}
    async with limited.database.reading() as connection:
        hidden = await connection.run(search_stories, "lantern", Filters(), Page(now, 10))
    async with limited.database.reading(viewer) as connection:
        with pytest.raises(StoryNotFoundError):
            await connection.run(story_card, hidden.stories[0].coverage.story_id, now)


async def test_what_an_open_feed_tells_as_well_is_no_secret(limited: News) -> None:
    limited.server.pages["/open"] = Answer(rss(item(1), item(2), title="Open", site="https://open.example/"))
    limited.clock.now += timedelta(days=1)
    await limited.collector.collect()
    assert await seen(limited, OTHER) == ["News 1", "News 2"]


async def test_it_stays_hidden_as_long_as_its_articles_are_kept_after_it_was_removed(limited: News) -> None:
    async with limited.database.transaction() as connection:
        await feeds.remove(connection, 2, limited.clock())
        await feeds.forget_removed(connection, limited.clock() + timedelta(days=99))
    assert await seen(limited, OTHER) == ["News 1"]
    later = limited.clock() + timedelta(days=999)
    await forget_old_entries(limited.database, later, later)
    async with limited.database.transaction() as connection:
        await feeds.forget_removed(connection, later)
    assert "Lantern secret" not in await seen(limited, None)


async def test_a_reader_sees_everything_again_afterwards(limited: News) -> None:
    for _ in range(4):  # more than there are readers
        assert len(await seen(limited, OTHER)) == 1
        assert len(await seen(limited, None)) == 3


async def test_it_tells_no_event_together_with_an_open_feed(limited: News) -> None:
    title = "Harbour lantern stolen from the northern pier at midnight"
    for path, name in (("/open", "Open"), ("/ours", "Ours")):
        site = f"https://{name.lower()}.example/"
        limited.server.pages[path] = Answer(rss(item(8, title=title, link=f"{site}8"), title=name, site=site))
    limited.clock.now += timedelta(days=1)
    await limited.collector.collect()
    assert await seen(limited, OTHER) == sorted([title, "News 1"])
    told = [each for each in (await limited.articles()).values() if each.title == title]
    assert len({each.story_id for each in told}) == len(told) == 2


async def test_a_limited_topic_is_one_in_its_servers_alone(limited: News) -> None:
    async with limited.database.transaction() as connection:
        await own_topics.add(connection, "Ports", Edit(servers=(OURS,)), limited.clock())
    for viewer, names in ((OURS, {"Ours", "Ports"}), (OTHER, set()), (None, {"Ours", "Ports"})):
        async with limited.database.reading(viewer) as connection:
            _, found = await connection.run(topic_entries, limited.clock(), 10, 0)
        assert {each.summary.topic.name for each in found} == names
