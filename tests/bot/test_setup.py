"""From a greeting to a first digest by pressing: setting it up, sending it, changing it, undoing that."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import discord
import pytest

from tests.bot.test_delivery import posts
from tests.bot.test_hello import add_bot, greetings
from tests.build import HOST, ISSUE_TIME, seed_text, write_seed
from tests.conftest import Clock, OpenWorld, World, buttons_of, press_forged, text_of

ADDED = ["Send the first one now", "Edit", "Undo"]


def fields(form: Any) -> dict[str, dict[str, Any]]:
    """Return what a form asks, by the fields' custom_ids."""
    return {each["component"]["custom_id"]: each["component"] for each in form.modal["components"]}


def offered(form: Any) -> dict[str, str]:
    """Return the topics that a form offers: name to value."""
    return {option["label"]: option["value"] for option in fields(form)["topics"]["options"]}


def chosen(form: Any, field: str) -> list[str]:
    """Return the options of a select that a form opens with."""
    return [each["label"] for each in fields(form)[field]["options"] if each["default"]]


async def fill_in(world: World, form: Any, *names: str, **values: Any) -> Any:
    """Send a form with these topics and values, and with what it was filled in with already."""
    asked = fields(form)
    given: dict[str, Any] = {key: field["value"] for key, field in asked.items() if field.get("value")}
    for key, field in asked.items():
        ticked = [option["value"] for option in field.get("options", ()) if option["default"]]
        given |= {key: ticked} if ticked else {}
    given |= {"topics": [offered(form)[name] for name in names]} if names else {}
    return await world.moderator.submit_modal(form, given | values)


async def set_up(world: World, *names: str, **values: Any) -> Any:
    form = await world.moderator.slash(world.channel, "setup")
    return await fill_in(world, form, *(names or ("AI",)), **values)


async def test_from_the_greeting_to_a_digest_changed_by_form_and_undone(world: World) -> None:
    await add_bot(world, world.guild)
    (greeting,) = greetings(world.channel)
    form = await world.moderator.click(greeting, label="Set up a digest")
    added = await fill_in(world, form, "AI", "Space", clock="9 am Berlin")
    assert added.ephemeral
    assert "### New digest: AI, Space in" in text_of(added)
    assert "Every day at 09:00 (Europe/Berlin)" in text_of(added)
    assert list(buttons_of(added).values()) == ADDED
    sent = await world.moderator.click(added.response, label="Send the first one now")
    assert "is on its way" in text_of(sent)
    await world.tick()
    assert "## AI, Space" in posts(world)[0]  # of the last seven days
    edit = await world.moderator.click(added.response, label="Edit")
    changed = await fill_in(world, edit, "Space", clock="18:00 Berlin", days=["1"])
    assert "### Changed: Space in" in text_of(changed)
    assert "Every Monday at 18:00 (Europe/Berlin), up to 10 stories" in text_of(changed)
    undone = await world.moderator.click(changed.response, label="Undo")
    assert "### Changed: AI, Space in" in text_of(undone)
    assert "Every day at 09:00 (Europe/Berlin), up to 5 stories" in text_of(undone)
    ended = await world.moderator.click(added.response, label="Undo")
    assert "no longer gets the AI, Space digest" in text_of(ended)
    back = await world.moderator.click(ended.response, label="Undo")
    assert "### Back again: AI, Space in" in text_of(back)
    again = await world.moderator.click(added.response, label="Send the first one now")
    assert "Nothing new" in text_of(again)  # it kept what was shown


async def test_everything_can_be_pressed_and_sent_after_a_restart(world: World) -> None:
    await add_bot(world, world.guild)
    (greeting,) = greetings(world.channel)
    form = await world.moderator.click(greeting, label="Set up a digest")
    async with world.restarted():
        added = await fill_in(world, form, "AI")
        assert list(buttons_of(added).values()) == ADDED
        edit = await world.moderator.click(added.response, label="Edit")
    async with world.restarted():
        changed = await fill_in(world, edit, clock="7 pm Berlin")
        assert "at 19:00" in text_of(changed)
    async with world.restarted():
        assert "at 09:00" in text_of(await world.moderator.click(changed.response, label="Undo"))


async def test_the_form_asks_five_things_and_proposes_the_zone(world: World) -> None:
    form = await world.moderator.slash(world.channel, "setup")
    asked = fields(form)
    assert list(asked) == ["topics", "channel", "days", "clock", "language"]
    assert asked["clock"]["value"] == "09:00 America/New_York"  # where most people live who read en-US
    assert asked["channel"]["default_values"] == [{"id": world.channel.id, "type": "channel"}]
    assert next(iter(offered(form))) == "AI"  # the busiest one


async def test_a_digest_goes_to_the_channel_that_was_chosen(world: World) -> None:
    other = world.guild.create_text_channel("other")
    assert f"<#{other.id}>" in text_of(await set_up(world, channel=[other]))


async def test_several_days_are_joined(world: World) -> None:
    assert "Every Monday, Wednesday at" in text_of(await set_up(world, days=["1", "3"]))


async def test_with_many_topics_the_busiest_are_offered_and_the_others_are_typed(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    for number in range(30):
        topics = [f"Topic {number}", *(["Busy"] if number < 9 else [])]
        write_seed(tmp_path / "seeds", f"{number}.md", seed_text(f"{HOST}/{number}", topics=topics))
    async with open_world(Clock(ISSUE_TIME), seeds_path=tmp_path / "seeds") as world:
        form = await world.moderator.slash(world.channel, "setup")
        assert list(fields(form)) == ["topics", "others", "channel", "days", "clock"]
        names = list(offered(form))
        assert len(names) == 24
        assert names[0] == "Busy"
        typed = next(name for name in (f"Topic {number}" for number in range(30)) if name not in names)
        added = await fill_in(world, form, "Busy", others=typed.upper(), clock="9 pm Tokyo")
        assert f"Busy, {typed} in" in text_of(added)
        assert "at 21:00 (Asia/Tokyo)" in text_of(added)
        assert "Choose at least one topic" in text_of(
            await world.moderator.submit_modal(await world.moderator.slash(world.channel, "setup"), {})
        )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"clock": "99:99 Tokyo"}, "“99:99 Tokyo” isn't a time"),
        ({"clock": "8 pm Nowhere"}, "Nowhere"),
    ],
)
async def test_what_cannot_be_understood_is_answered_in_a_sentence(
    world: World, values: dict[str, str], said: str
) -> None:
    other = world.guild.create_text_channel("other")
    kept = {"days": ["1", "weekends"], "channel": [other], "language": ["de"]}
    answer = await set_up(world, "Space", "AI", **{**kept, **values})
    assert answer.ephemeral
    assert said in text_of(answer)
    assert "None yet" in text_of(await world.moderator.slash(world.channel, "digest list"))
    async with world.restarted():
        again = await world.moderator.click(answer.response, label="Fill it in again")
        assert chosen(again, "topics") == ["AI", "Space"]  # what could be read is filled in
        assert chosen(again, "days") == ["Monday", "Saturday", "Sunday"]
        assert fields(again)["channel"]["default_values"][0]["id"] == other.id
        assert chosen(again, "language") == ["Deutsch"]


async def test_only_those_who_manage_the_server_set_its_digests_up(world: World) -> None:
    await add_bot(world, world.guild)
    (greeting,) = greetings(world.channel)
    refused = await world.member.click(greeting, label="Set up a digest")
    assert "Manage Server" in text_of(refused)
    assert "setup" not in world.member.available_commands(world.channel)
    added = await set_up(world)
    for label in ADDED:
        custom_id = next(key for key, value in buttons_of(added).items() if value == label)
        channel = world.app.client.get_channel(world.channel.id)
        assert isinstance(channel, discord.TextChannel)
        assert "Manage Server" in text_of(await press_forged(world.member, channel, custom_id))


async def test_in_dms_the_form_sets_up_a_digest_of_ones_own(world: World) -> None:
    ann = world.member.user
    form = await ann.slash("setup")
    assert list(fields(form)) == ["topics", "days", "time", "zone", "language"]
    added = await ann.submit_modal(form, {"topics": [offered(form)["AI"]], "zone": "Asia/Tokyo"})
    assert "New digest: AI in your DMs" in text_of(added)
    edit = await ann.click(added.response, label="Edit")
    assert "channel" not in fields(edit)


async def test_an_empty_bot_says_what_to_do(open_world: OpenWorld) -> None:
    async with open_world(seeds_path=None) as world:
        await add_bot(world, world.guild)
        (greeting,) = greetings(world.channel)
        for label in buttons_of(greeting).values():
            answer = await world.moderator.click(greeting, label=label)
            assert "No news has been loaded yet" in text_of(answer)
        assert "No news" in text_of(await world.moderator.slash(world.channel, "setup"))


async def test_a_digest_moves_to_another_channel_by_form_and_back(world: World) -> None:
    other = world.guild.create_text_channel("other")
    added = await set_up(world)
    await world.moderator.click(added.response, label="Send the first one now")
    await world.tick()
    edit = await world.moderator.click(added.response, label="Edit")
    changed = await fill_in(world, edit, channel=[other])
    assert f"### Changed: AI in <#{other.id}>" in text_of(changed)
    why = await world.member.click(world.channel.history()[0], label="Why these?")
    assert "Why these stories" in text_of(why)  # what was posted stays where it was posted
    assert f"/{world.channel.id}/" in text_of(await world.moderator.slash(world.channel, "digest list"))
    undone = await world.moderator.click(changed.response, label="Undo")
    assert f"in <#{world.channel.id}>" in text_of(undone)


async def test_undo_has_ten_minutes_and_undoes_the_last_change_alone(world: World) -> None:
    added = await set_up(world)
    edit = await world.moderator.click(added.response, label="Edit")
    first = await fill_in(world, edit, clock="10:00 Berlin")
    world.clock.now += timedelta(minutes=1)
    edit = await world.moderator.click(added.response, label="Edit")
    second = await fill_in(world, edit, clock="11:00 Berlin")
    assert "too late to undo" in text_of(await world.moderator.click(first.response, label="Undo"))
    assert "at 10:00" in text_of(await world.moderator.click(second.response, label="Undo"))
    ended = await world.moderator.click(added.response, label="Undo")
    world.clock.now += timedelta(minutes=11)
    assert "too late to undo" in text_of(await world.moderator.click(ended.response, label="Undo"))


async def test_what_was_ended_makes_room_for_a_new_digest_and_is_not_brought_back_then(world: World) -> None:
    added = await set_up(world)
    ended = await world.moderator.click(added.response, label="Undo")
    assert "New digest: AI" in text_of(await set_up(world))
    assert "too late to undo" in text_of(await world.moderator.click(ended.response, label="Undo"))
