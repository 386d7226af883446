"""Each digest in the list is managed by choosing what to do with it, also after a restart."""

from datetime import timedelta
from typing import Any

import discord
import pytest

from digests.delivery.retention import forget_old
from tests.bot.commands.test_digest import subscribe
from tests.bot.test_delivery import NINE, posts
from tests.bot.test_setup import fields, fill_in
from tests.conftest import World, buttons_of, choose_forged, menus_of, text_of, type_forged


def managed_in(message: Any) -> dict[str, str]:
    """Return the selects of a list of digests: custom_id to what stands in them before anything is chosen."""
    return {menu["custom_id"]: menu["placeholder"] for menu in menus_of(message)}


async def choose(world: World, action: str, actor: Any = None) -> Any:
    """Choose what to do with the first digest of the moderator's list."""
    listed = await world.moderator.slash(world.channel, "digest list")
    (manage, *_) = managed_in(listed)
    return await (actor or world.moderator).select(listed.response, [action], custom_id=manage)


async def test_every_digest_that_one_may_change_has_a_select(world: World) -> None:
    await subscribe(world, topic="ai")
    await subscribe(world, topic="space")
    listed = await world.moderator.slash(world.channel, "digest list")
    assert list(managed_in(listed).values()) == ["Manage AI…", "Manage Space…"]
    assert not managed_in(await type_forged(world, world.member, "digest list"))  # allowed by the server
    await world.member.slash(world.channel, "follow", topic="ai")
    theirs = await world.member.slash(world.channel, "following")
    assert len(managed_in(theirs)) == 1
    (manage,) = managed_in(theirs)
    form = await world.member.select(theirs.response, ["when"], custom_id=manage)
    assert list(fields(form)) == ["days", "time", "zone"]


async def test_an_empty_list_offers_to_set_a_digest_up_to_those_who_may(world: World) -> None:
    listed = await world.moderator.slash(world.channel, "digest list")
    form = await world.moderator.click(listed.response, label="Set up a digest")
    assert "topics" in fields(form)
    assert not buttons_of(await type_forged(world, world.member, "digest list"))  # allowed by the server


async def test_when_what_and_where_have_a_form_each(world: World) -> None:
    await subscribe(world)
    other = world.guild.create_text_channel("other")
    form = await choose(world, "when")
    assert list(fields(form)) == ["days", "time", "zone"]
    assert fields(form)["zone"]["value"] == "Europe/Berlin"
    assert "Every Monday at 18:00 (Asia/Tokyo)" in text_of(
        await fill_in(world, form, days=["1"], time="6 pm", zone="Tokyo")
    )
    form = await choose(world, "what")
    assert list(fields(form)) == ["topics"]
    assert "### Changed: AI, Space in" in text_of(await fill_in(world, form, "AI", "Space"))
    form = await choose(world, "where")
    assert list(fields(form)) == ["channel"]
    assert f"in <#{other.id}>" in text_of(await fill_in(world, form, channel=[other]))


async def test_a_form_that_changes_nothing_says_so(world: World) -> None:
    await subscribe(world)
    said = await fill_in(world, await choose(world, "when"))
    assert "like that already" in text_of(said)
    assert list(buttons_of(said).values()) == ["Fill it in again"]


async def test_what_a_search_looks_for_is_changed_by_form(world: World) -> None:
    await world.moderator.slash(world.channel, "digest subscribe", words="language model")
    form = await choose(world, "what")
    assert fields(form)["words"]["value"] == "language model"
    assert "“lander”" in text_of(await fill_in(world, form, words="lander"))
    form = await choose(world, "what")
    assert "either topics or words" in text_of(await fill_in(world, form, "AI"))
    form = await choose(world, "what")
    assert "### Changed: AI in" in text_of(await fill_in(world, form, "AI", words=""))


async def test_a_digest_is_sent_paused_and_started_again_by_choosing(world: World) -> None:
    await subscribe(world)
    async with world.restarted():
        assert "is on its way" in text_of(await choose(world, "send"))
        await world.tick()
        assert len(posts(world)) == 1
        assert "### Paused: AI in" in text_of(await choose(world, "pause"))
        assert "### Resumed: AI in" in text_of(await choose(world, "resume"))


async def test_outlets_of_the_last_edition_are_offered_to_be_muted(world: World) -> None:
    await subscribe(world)
    form = await choose(world, "mute")
    assert list(fields(form)) == ["outlet"]
    assert "Choose an outlet" in text_of(await fill_in(world, form))
    await world.tick(NINE)
    form = await choose(world, "mute")
    offered = {each["label"]: each["value"] for each in fields(form)["outlets"]["options"]}
    assert len(offered) > 1
    name, domain = next(iter(offered.items()))
    said = text_of(await fill_in(world, form, outlets=[domain], outlet="plain inference"))
    assert f"{name} ({domain}), Plain Inference (plaininference.example) are now muted in" in said
    again = await choose(world, "mute")
    assert name not in {each["label"] for each in fields(again)["outlets"]["options"]}
    assert "No outlet called" in text_of(await fill_in(world, again, outlet="nobody at all"))


async def test_a_digest_that_was_ended_is_back_with_what_it_showed_for_ten_minutes(world: World) -> None:
    await subscribe(world)
    await world.tick(NINE)
    ended = await choose(world, "end")
    assert "no longer gets the AI digest" in text_of(ended)
    assert "None yet" in text_of(await world.moderator.slash(world.channel, "digest list"))
    world.clock.now += timedelta(minutes=9)
    async with world.restarted():
        assert "### Back again: AI in" in text_of(await world.moderator.click(ended.response, label="Undo"))
        assert "[Last digest](" in text_of(await world.moderator.slash(world.channel, "digest list"))
        why = await world.member.click(world.channel.history()[0], label="Why these?")
        assert "Why these stories" in text_of(why)
        await world.tick(NINE + timedelta(days=1))
        titles = [
            {line for line in post.splitlines() if line.startswith("**") and "](" in line}
            for post in posts(world)
        ]
        assert len(titles) == 2
        assert not titles[0] & titles[1]


async def test_an_ended_digest_does_not_come_and_is_forgotten_later(world: World) -> None:
    await subscribe(world)
    await choose(world, "end")
    assert await world.tick(NINE) == 0
    assert not posts(world)
    await forget_old(world.app.services.database, world.clock.now + timedelta(minutes=11))
    async with world.app.services.database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT count(*) FROM subscription")
    assert [row[0] for row in rows] == [0]


@pytest.mark.parametrize("action", ["what", "when", "where", "send", "pause", "mute", "end"])
async def test_those_who_may_not_manage_the_server_are_refused(world: World, action: str) -> None:
    await subscribe(world)
    channel = world.app.client.get_channel(world.channel.id)
    assert isinstance(channel, discord.TextChannel)
    assert "Manage Server" in text_of(await choose_forged(world.member, channel, "manage:1", action))
    for forged in ("manage:2", "manage:1"):
        answer = await choose_forged(world.moderator, channel, forged, action if forged[-1] == "2" else "x")
        assert "no such digest" in text_of(answer) or "don't know what this button" in text_of(answer)


async def test_the_time_is_told_on_the_digests_own_clock(world: World) -> None:
    assert "First digest: tomorrow at 09:00 (<t:" in await subscribe(world)
    assert "First digest: today at 23:30 (<t:" in await subscribe(
        world, topic="space", time="23:30", timezone="Asia/Tokyo"
    )
    assert "First digest: Wednesday at 09:00 (<t:" in await subscribe(world, topic="health", days="wed")
    listed = text_of(await world.moderator.slash(world.channel, "digest list"))
    assert "Next digest: tomorrow at 09:00" in listed


async def test_a_zone_is_asked_once_and_proposed_until_then(world: World) -> None:
    guessed = await world.moderator.slash(world.channel, "digest subscribe", topic="ai")
    assert "(America/New\\_York)" in text_of(guessed)
    assert "I guessed the time zone" in text_of(guessed)
    chosen = await world.moderator.slash(world.channel, "digest subscribe", topic="space", timezone="UTC")
    assert "at 09:00 UTC" in text_of(chosen)
    known = await world.owner.slash(world.channel, "digest subscribe", topic="health")
    assert "at 09:00 UTC" in text_of(known)  # the server's
    assert "I guessed" not in text_of(known)
    own = await world.moderator.slash(world.channel, "follow", topic="ai")
    assert "at 09:00 UTC" in text_of(own)
    form = await world.owner.slash(world.channel, "setup")
    assert fields(form)["clock"]["value"] == "09:00 UTC"
