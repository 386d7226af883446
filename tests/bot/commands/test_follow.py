"""Anybody gets digests in their own DMs, and changes and ends them there."""

from datetime import timedelta
from typing import Any

from storage import subscriptions
from storage.models import Subscription, SubscriptionState
from tests.bot.commands.test_digest import subscribe
from tests.bot.test_delivery import NINE
from tests.conftest import OpenWorld, World, buttons_of, linked_text_of, press_forged, text_of, type_forged

BERLIN = {"topic": "ai", "timezone": "Europe/Berlin"}


async def follow(world: World, **options: object) -> str:
    """Follow as the member, and return what was answered."""
    given = {name: value for name, value in {**BERLIN, **options}.items() if value is not None}
    answer = await world.member.slash(world.channel, "follow", **given)
    assert answer.ephemeral
    return text_of(answer)


async def following(world: World) -> Any:
    """Return the member's list of what they follow."""
    return await world.member.slash(world.channel, "following")


async def mine(world: World) -> list[Subscription]:
    async with world.app.services.database.reading() as connection:
        return await connection.run(subscriptions.of_person, world.member.id)


async def test_anybody_gets_a_digest_by_dm_and_nobody_else_sees_or_changes_it(world: World) -> None:
    assert "New digest: AI in your DMs" in await follow(world)
    assert "**AI** · Every day" in text_of(await following(world))
    others = await world.moderator.slash(world.channel, "following")
    assert "No digests yet" in text_of(others)
    for listed in (others, await world.moderator.slash(world.channel, "digest list")):
        assert "**AI**" not in text_of(listed)
    channel: Any = world.app.client.get_channel(world.channel.id)
    forged = await press_forged(world.moderator, channel, "revive:1")
    assert "too late to undo" in text_of(forged)
    await world.member.select((await following(world)).response, ["end"])
    forged = await press_forged(world.moderator, channel, "revive:1")
    assert "no such digest" in text_of(forged)
    assert "New digest: AI in your DMs" in await follow(world)  # the ended one makes room
    ended = await world.moderator.slash(world.channel, "digest unsubscribe", topic="#1")
    assert "no such digest" in text_of(ended)
    assert await world.morning(NINE) == 1
    assert "AI" in text_of(world.member.user.dm_channel.last_message)


async def test_a_search_is_followed_by_its_words(world: World) -> None:
    assert "New digest: “lander” in your DMs" in await follow(world, topic=None, words="lander")
    assert "Fill in `topic`, or `words`" in text_of(await world.member.slash(world.channel, "follow"))


async def test_a_digest_is_made_listed_and_changed_in_the_dm_itself(world: World) -> None:
    dora = world.env.create_user("dora")
    assert "New digest: AI in your DMs" in text_of(
        await dora.slash("follow", topic="ai", time="9", timezone="UTC")
    )
    listed = await dora.slash("following")
    assert "**AI** · Every day at 09:00 UTC" in text_of(listed)
    assert "Paused: AI in your DMs" in text_of(await dora.select(listed.response, ["pause"]))


async def test_a_digest_is_paused_and_resumed_by_choosing_that(world: World) -> None:
    await follow(world)
    paused = await world.member.select((await following(world)).response, ["pause"])
    assert "Paused: AI in your DMs" in text_of(paused)
    assert [each.state for each in await mine(world)] == [SubscriptionState.PAUSED]
    listed = await following(world)
    assert "**Paused.**" in text_of(listed)
    async with world.restarted():
        resumed = await world.member.select(listed.response, ["resume"])
        assert "Resumed: AI in your DMs" in text_of(resumed)
        assert [each.state for each in await mine(world)] == [SubscriptionState.ACTIVE]


async def test_the_time_is_changed_in_a_form_that_also_works_after_a_restart(world: World) -> None:
    await follow(world)
    form = await world.member.select((await following(world)).response, ["when"])
    async with world.restarted():
        changed = await world.member.submit_modal(form, {"time": "6:30 pm", "zone": "Tokyo"})
        assert "at 18:30 (Asia/Tokyo)" in text_of(changed)
        (options,) = [each.options for each in await mine(world)]
        assert (options.issue_time, options.zone) == ("18:30", "Asia/Tokyo")


async def test_an_ended_digest_comes_back_for_ten_minutes_and_knows_what_was_shown(world: World) -> None:
    await follow(world)
    assert await world.morning(NINE) == 1
    ended = await world.member.select((await following(world)).response, ["end"])
    assert "you no longer get the AI digest" in text_of(ended)
    assert await mine(world) == []
    back = await world.member.click(ended.response, label="Undo")
    assert "Back again: AI in your DMs" in text_of(back)
    assert await world.tick() == 0
    ended = await world.member.select((await following(world)).response, ["end"])
    world.clock.now += timedelta(minutes=11)
    late = await world.member.click(ended.response, label="Undo")
    assert "too late to undo" in text_of(late)
    await world.app.scheduler.tidy()
    async with world.app.services.database.reading() as connection:
        assert not list(await connection.execute_fetchall("SELECT * FROM subscription"))


async def test_the_same_topic_twice_is_refused_with_a_pointer(world: World) -> None:
    await follow(world, timezone="UTC")
    assert "You already get the AI digest in your DMs, at 09:00 (UTC), as digest #1" in await follow(world)


async def test_a_person_has_no_more_digests_than_they_may(open_world: OpenWorld) -> None:
    async with open_world(digests_per_person=1) as world:
        await follow(world)
        assert "You get 1 digest in your DMs, and 1 is the limit" in await follow(world, topic="space")
    async with open_world(digests_per_person=0) as world:
        said = text_of(await world.moderator.slash(world.channel, "follow", topic="ai"))
        assert "doesn't allow any" in said


async def test_who_may_not_set_up_a_digest_is_offered_it_by_dm(world: World) -> None:
    for topic, words, name in (("ai, space", None, "AI, Space"), (None, "lander", "“lander”")):
        values = {"topic": topic} if topic else {"words": words}
        refused = await type_forged(world, world.member, "digest subscribe", **values)
        assert "You need **Manage Server**" in text_of(refused)
        assert "Want this one in your DMs instead?" in text_of(refused)
        got = await world.member.click(refused.response, label="Send it to my DMs")
        assert f"New digest: {name} in your DMs" in text_of(got)
    assert len(await mine(world)) == 2


async def test_other_commands_about_a_servers_digests_point_to_ones_own(world: World) -> None:
    await subscribe(world)
    refused = await type_forged(world, world.member, "digest pause", topic="ai")
    assert "You need **Manage Server**" in text_of(refused)
    assert "/follow" in text_of(refused)


async def test_discord_shows_the_commands_about_digests_only_to_those_who_manage_the_server(
    world: World,
) -> None:
    sent = {each.name: each.to_dict(world.app.client.tree) for each in world.app.client.tree.get_commands()}
    assert sent["digest"]["default_member_permissions"] == 1 << 5
    assert sent["digest"]["contexts"] == [0]
    for name in ("preview", "follow", "following", "stories", "topics", "help", "privacy"):
        assert sent[name]["default_member_permissions"] is None
        assert sent[name]["contexts"] == [0, 1, 2]
        assert sorted(sent[name]["integration_types"]) == [0, 1]


async def test_commands_in_answers_are_links_to_press(world: World) -> None:
    (command_id,) = [
        each.id for each in await world.app.client.tree.fetch_commands() if each.name == "following"
    ]
    answer = await world.member.slash(world.channel, "follow", **BERLIN)
    assert f"</following:{command_id}>" in linked_text_of(answer)
    listed = await world.moderator.slash(world.channel, "digest list")
    assert "</digest subscribe:" in linked_text_of(listed)
    helped = linked_text_of(await world.member.slash(world.channel, "help"))
    assert "</stories search:" in helped


async def test_what_strangers_wrote_makes_no_link_to_a_command(world: World) -> None:
    values = {"words": "`/digest list` lander"}
    answer = await world.member.slash(world.channel, "follow", **values)
    assert "New digest" in text_of(answer)
    assert "</digest list:" not in linked_text_of(answer)


async def test_the_pages_of_an_old_list_in_a_dm_show_what_one_follows(world: World) -> None:
    await follow(world)
    dm = world.member.user.dm_channel
    channel: Any = await world.app.client.fetch_channel(dm.id)
    answer = await press_forged(world.member.user, channel, "digests:0")
    assert "What you follow" in text_of(answer)
    assert buttons_of(answer) == {}
