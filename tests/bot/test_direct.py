"""Direct messages are a privilege: few are opened at a time, digests are spread, closed ones are let be."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.openings import A_MINUTE, MINUTE, Openings
from digests.delivery.spread import SPREAD, sent_at
from storage import subscriptions
from storage.models import (
    DeliveryState,
    DigestOptions,
    PlaceKind,
    Subject,
    Subscription,
    SubscriptionState,
)
from tests.bot.test_delivery import NINE, deliveries
from tests.conftest import Timer, World, buttons_of, menus_of, press_forged, text_of

DAY, MINUTES = timedelta(days=1), timedelta(minutes=1)


async def follow(world: World, person: Any = None, **options: str) -> str:
    given = {"topic": "ai", "timezone": "Europe/Berlin"} | options
    return text_of(await (person or world.member).slash(world.channel, "follow", **given))


async def following(world: World) -> Any:
    return await world.member.slash(world.channel, "following")


async def mine(world: World) -> list[Subscription]:
    async with world.app.services.database.reading() as connection:
        return await connection.run(subscriptions.of_person, world.member.id)


def last_dm(world: World) -> Any:
    return world.member.user.dm_channel.last_message


# spread


async def test_a_digest_by_dm_comes_within_half_an_hour_always_at_the_same_moment(world: World) -> None:
    await follow(world)
    (digest,) = await mine(world)
    for day in range(2):
        sent = sent_at(digest, NINE + day * DAY)
        assert timedelta() <= sent - (NINE + day * DAY) < SPREAD
        world.clock.now = NINE + day * DAY
        await world.app.client.planner.plan()
        assert await world.tick(sent - MINUTES) == 0
        assert await world.tick(sent) == 1


async def test_the_list_says_when_it_really_comes(world: World) -> None:
    said = await follow(world)
    (digest,) = await mine(world)
    moment = f"<t:{int(sent_at(digest, digest.next_at).timestamp())}:R>"
    assert moment in said
    assert moment in text_of(await following(world))


def test_people_are_spread_over_the_whole_time_and_channels_are_not(subscription: Subscription) -> None:
    late = [sent_at(of(subscription, number), NINE) - NINE for number in range(10**17, 10**17 + 3_000)]
    minutes = [int(each / MINUTES) for each in late]
    assert {minutes.count(minute) > 50 for minute in range(30)} == {True}
    assert set(minutes) == set(range(30))
    assert sent_at(of(subscription, 5, PlaceKind.CHANNEL), NINE) == NINE


# closed


async def test_a_dm_closed_twice_pauses_the_digest_until_the_person_resumes_it(world: World) -> None:
    await follow(world)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50007, times=2)
    assert await world.morning(NINE) == 0
    assert [each.state for each in await mine(world)] == [SubscriptionState.BLOCKED]
    assert await world.morning(NINE + DAY) == 0
    assert [each.state for each in await mine(world)] == [SubscriptionState.PAUSED]
    listed = await following(world)
    assert "I couldn't send it twice: DMs from me are turned off" in text_of(listed)
    requests = len(world.env.http_requests)
    assert await world.morning(NINE + 2 * DAY) == 0
    assert len(world.env.http_requests) == requests  # nobody is bothered any more
    await world.member.select(listed.response, ["resume"])
    assert "couldn't send" not in text_of(await following(world))
    assert await world.morning(NINE + 3 * DAY) == 1


async def test_a_dm_that_was_closed_once_goes_on_by_itself(world: World) -> None:
    await follow(world)
    for day, arrives in enumerate((False, True, False)):
        if not arrives:
            world.env.inject_error("POST", "/channels/*/messages", status=403, code=50007)
        await world.morning(NINE + day * DAY)
    assert [each.state for each in await mine(world)] != [SubscriptionState.PAUSED]
    assert DeliveryState.SENT in [each.state for each in await deliveries(world)]


# opened


async def test_ten_people_a_minute_are_written_to_for_the_first_time(world: World) -> None:
    for number in range(A_MINUTE):
        person = world.guild.add_member(world.env.create_user(f"p{number}"))
        assert "New digest: AI in your DMs" in await follow(world, person)
    assert "Try again in a minute" in await follow(world)
    world.timer.ahead += MINUTE
    assert "New digest: AI in your DMs" in await follow(world)
    assert "New digest: Space in your DMs" in await follow(world, topic="space")


async def test_who_is_told_of_trouble_waits_for_their_turn() -> None:
    timer = Timer()
    openings = Openings(timer)
    assert [openings.take() for _ in range(A_MINUTE + 1)] == [True] * A_MINUTE + [False]
    timer.ahead += MINUTE
    await openings.wait()
    assert openings.take()


# less of this


async def test_less_of_an_outlet_leaves_it_out_of_all_ones_digests_until_that_is_undone(world: World) -> None:
    await follow(world)
    await follow(world, topic="space")
    assert await world.morning(NINE) == 2
    asked = await world.member.user.click(last_dm(world), label="Less of this")
    (menu,) = menus_of(asked)
    outlet = next(each for each in menu["options"] if each["value"].startswith("outlet:"))
    done = await world.member.user.select(asked.response, [outlet["value"]])
    assert f"I'll leave {outlet['label']} out of your digests" in text_of(done)
    domain = outlet["value"].removeprefix("outlet:")
    assert [each.options.muted for each in await mine(world)] == [frozenset({domain})] * 2
    async with world.restarted():
        undone = await world.member.user.click(done.response, label="Undo")
        assert "is back in your digests" in text_of(undone)
        assert [each.options.muted for each in await mine(world)] == [frozenset()] * 2


async def test_less_of_a_topic_leaves_its_stories_out_and_is_brought_back_in_the_list(world: World) -> None:
    await follow(world)
    assert await world.morning(NINE) == 1
    asked = await world.member.user.click(last_dm(world), label="Less of this")
    (menu,) = menus_of(asked)
    topics = {each["label"]: each["value"] for each in menu["options"] if "topic" in each["value"]}
    assert "Topic: AI" not in topics  # the digest has no other
    label, value = next(iter(topics.items()))
    await world.member.user.select(asked.response, [value])
    assert "without 1 topic" in text_of(await following(world))
    world.clock.now += 30 * DAY
    preview = await follow(world, topic=label.removeprefix("Topic: "))
    assert "New digest" in preview
    listed = await following(world)
    back = await world.member.select(listed.response, ["in"], custom_id="manage:1")
    (menu,) = menus_of(back)
    assert [each["label"] for each in menu["options"]] == [label]
    said = await world.member.select(back.response, [value])
    assert "is back in your digests" in text_of(said)
    assert {each.options.without for each in await mine(world)} == {frozenset()}


async def test_a_new_digest_leaves_out_what_the_others_do(world: World) -> None:
    await follow(world)
    await world.morning(NINE)
    asked = await world.member.user.click(last_dm(world), label="Less of this")
    (menu,) = menus_of(asked)
    await world.member.user.select(asked.response, [menu["options"][0]["value"]])
    await follow(world, topic="space")
    first, second = await mine(world)
    assert first.options.muted == second.options.muted != frozenset()


async def test_a_channels_digest_is_no_ones_to_tune(world: World) -> None:
    await world.moderator.slash(world.channel, "digest subscribe", topic="ai", timezone="Europe/Berlin")
    await world.tick(NINE)
    assert "Less of this" not in buttons_of(world.channel.last_message).values()
    channel: Any = world.app.client.get_channel(world.channel.id)
    forged = await press_forged(world.member, channel, "less:1")
    assert "only your own digests" in text_of(forged)


@pytest.fixture
def subscription() -> Subscription:
    """Return a digest in a DM."""
    options = DigestOptions("09:00", "UTC", frozenset({1}), 5)
    return Subscription(1, Subject(), None, 1, 1, NINE, options, NINE, NINE, PlaceKind.DM)


def of(subscription: Subscription, user_id: int, kind: PlaceKind = PlaceKind.DM) -> Subscription:
    return replace(subscription, created_by=user_id, kind=kind)
