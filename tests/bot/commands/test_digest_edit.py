"""A digest that is there is edited, paused, sent at once, and muted outlets are left out of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import discord
import pytest

from storage import subscriptions
from tests.bot.commands.test_digest import subscribe
from tests.bot.test_delivery import NINE, posts
from tests.build import HOST, ISSUE_TIME, seed_text, write_seed
from tests.conftest import Clock, OpenWorld, World, buttons_of, text_of, type_forged

DAY = timedelta(days=1)


async def say(world: World, command: str, **options: Any) -> str:
    """Type a command about a digest as the moderator, and return what was answered in private."""
    answer = await world.moderator.slash(world.channel, f"digest {command}", **options)
    assert answer.ephemeral
    return text_of(answer)


async def test_a_new_time_counts_from_the_next_date_that_had_no_edition(world: World) -> None:
    await subscribe(world)
    await world.tick(NINE)
    said = await say(world, "edit", topic="ai", time="18:00", stories=1)
    assert "Every day at 18:00 (Europe/Berlin), up to 1 story." in said
    assert await world.tick(NINE + timedelta(hours=10)) == 0
    assert await world.tick(NINE + DAY + timedelta(hours=9)) == 1
    assert "1 story from" in text_of(world.channel.last_message)


async def test_an_edit_that_changes_nothing_says_how(world: World) -> None:
    await subscribe(world)
    assert "Fill in at least one option" in await say(world, "edit", topic="ai")


async def test_a_ping_is_taken_away_with_everyone(world: World) -> None:
    readers = world.guild.create_role("Readers", mentionable=True)
    await subscribe(world, mention=readers)
    assert "pings" in await say(world, "list")
    assert "pings" not in await say(world, "edit", topic="ai", mention=world.guild.default_role)


async def test_days_are_taken_as_people_write_them(world: World) -> None:
    assert "Every Monday, Wednesday, Friday at" in await subscribe(world, days="mon, Wed and Fridays")
    assert "Every weekday at" in await subscribe(world, topic="space", days="Mon-Fri")
    assert "Every Thursday at" in await subscribe(world, topic="health", days="weekly on Thursday")
    assert "I don't understand the days “someday”" in await subscribe(world, topic="climate", days="someday")


async def test_days_that_begin_with_what_was_typed_are_offered_first(world: World) -> None:
    offered = await world.moderator.autocomplete(world.channel, "digest edit", "days", "d")
    names = [choice["name"] for choice in offered]
    assert names[0] == "daily"
    assert "weekly on Monday" in names
    offered = await world.moderator.autocomplete(world.channel, "digest edit", "days", "we")
    assert [choice["name"] for choice in offered][-1] == "weekly on Sunday"


async def test_a_digest_is_offered_by_its_topic_without_accents_and_by_its_channel(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    for number, topic in enumerate(["Économie", "Space"]):
        write_seed(tmp_path / "seeds", f"{number}.md", seed_text(f"{HOST}/{number}", topics=[topic]))
    async with open_world(Clock(ISSUE_TIME), seeds_path=tmp_path / "seeds") as world:
        team = world.guild.create_text_channel("team-29")
        await subscribe(world, topic="économie")
        await subscribe(world, topic="space", channel=team)
        for typed, topic in (
            ("eco", "Économie"),
            ("ÉCO", "Économie"),
            ("team-29", "Space"),
            ("#te", "Space"),
        ):
            offered = await world.moderator.autocomplete(world.channel, "digest unsubscribe", "topic", typed)
            assert [choice["name"].split(" in ")[0] for choice in offered] == [topic]


async def test_a_paused_digest_does_not_come_until_it_is_resumed(world: World) -> None:
    await subscribe(world)
    assert "Paused: AI in" in await say(world, "pause", topic="ai")
    assert "paused already" in await say(world, "pause", topic="ai")
    assert await world.tick(NINE + DAY) == 0
    assert "**Paused.**" in await say(world, "list")
    world.clock.now = NINE + 2 * DAY - timedelta(hours=1)
    assert "Resumed: AI in" in await say(world, "resume", topic="ai")
    assert "isn't paused" in await say(world, "resume", topic="ai")
    assert await world.tick(NINE + 2 * DAY) == 1
    assert len(posts(world)) == 1


@pytest.mark.parametrize(("days", "caught_up"), [(2, True), (7, True), (9, False), (50, False)])
async def test_a_pause_of_up_to_a_week_is_caught_up(world: World, days: int, caught_up: bool) -> None:
    await subscribe(world)
    await world.tick(NINE)
    await say(world, "pause", topic="ai")
    world.clock.now = NINE + days * DAY + timedelta(hours=1)
    await say(world, "resume", topic="ai")
    async with world.app.services.database.reading() as connection:
        resumed = await connection.run(subscriptions.get, 1)
    assert resumed
    assert resumed.covered_to == (NINE if caught_up else NINE + days * DAY)


async def test_the_resume_button_is_for_those_who_manage_the_server(world: World) -> None:
    await subscribe(world)
    await say(world, "pause", topic="ai")
    listed = await world.moderator.slash(world.channel, "digest list")
    assert "Resume" in buttons_of(listed).values()
    theirs = await type_forged(world, world.member, "digest list")  # allowed by the server
    assert not buttons_of(theirs)
    assert "Resumed: AI in" in text_of(await world.moderator.click(listed.response, label="Resume"))


async def test_an_edition_is_sent_at_once_and_its_stories_do_not_return(world: World) -> None:
    await subscribe(world)
    world.clock.now += timedelta(hours=12)
    assert "is on its way" in await say(world, "send", topic="ai")
    assert "## AI" in text_of(world.channel.last_message)
    assert "Nothing new on AI" in await say(world, "send", topic="ai")
    assert await world.tick(NINE + DAY) == 1
    both = [text_of(message).splitlines() for message in world.channel.history()]
    titles = [{line for line in lines if line.startswith("### ")} for lines in both]
    assert len(titles) == 2
    assert all(titles)
    assert not titles[0] & titles[1]


async def test_a_muted_outlet_is_not_in_the_next_edition(world: World) -> None:
    await subscribe(world)
    world.clock.now = NINE - timedelta(minutes=1)
    preview = await world.member.slash(world.channel, "preview", topic="ai", days=2)
    assert "Plain Inference" in text_of(preview)
    said = await say(world, "mute", topic="ai", outlet="plain inference")
    assert "is now muted in" in said
    await world.tick(NINE)
    assert "Plain Inference" not in posts(world)[0]
    assert "without " in await say(world, "list")
    assert "is back in the digests of" in await say(world, "unmute", topic="ai", outlet="Plain Inference")
    assert "isn't muted there" in await say(world, "unmute", topic="ai", outlet="Plain Inference")
    assert "No outlet called “plain”" in await say(world, "mute", topic="ai", outlet="plain")


@pytest.mark.parametrize("typed", ["Élan Daily", "élan daily", "elan daily", "www.elan.example"])
async def test_an_outlet_is_muted_by_whatever_finds_its_stories(
    open_world: OpenWorld, tmp_path: Path, typed: str
) -> None:
    seed = seed_text("https://elan.example/1").replace("name: Elan", "name: Élan Daily")
    write_seed(tmp_path / "seeds", "1.md", seed)
    async with open_world(Clock(ISSUE_TIME), seeds_path=tmp_path / "seeds") as world:
        await subscribe(world)
        offered = await world.moderator.autocomplete(world.channel, "digest mute", "outlet", typed)
        assert [each["value"] for each in offered] == ["elan.example"]
        answer = await world.member.slash(world.channel, "stories from", outlet=typed)
        assert "Stories from Élan Daily" in text_of(answer)
        assert "Élan Daily (elan.example) is now muted in" in await say(world, "mute", outlet=typed)
        assert "Élan Daily (elan.example) is back in the digests of" in await say(
            world, "unmute", outlet=typed
        )


async def test_an_outlet_with_several_domains_is_muted_under_all_of_them(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    for domain in ("two.example", "one.example"):
        seed = seed_text(f"https://{domain}/1").replace(f"name: {domain[:3].title()}", "name: The Wire")
        write_seed(tmp_path / "seeds", f"{domain}.md", seed)
    async with open_world(Clock(ISSUE_TIME), seeds_path=tmp_path / "seeds") as world:
        await subscribe(world)
        said = await say(world, "mute", outlet="the wire")
        assert "The Wire (one.example, two.example) is now muted in" in said
        assert "without one.example, two.example" in await say(world, "list")
        assert "is back in the digests of" in await say(world, "unmute", outlet="two.example")
        assert "without one.example" in await say(world, "list")


@pytest.mark.parametrize("typed", ["Boats", "boats", "BOATS"])
async def test_a_digest_is_ended_by_its_name_when_its_topic_has_no_stories_any_more(
    open_world: OpenWorld, tmp_path: Path, typed: str
) -> None:
    folder = tmp_path / "seeds"
    write_seed(folder, "kept.md")
    gone = write_seed(folder, "gone.md", seed_text(f"{HOST}/gone", topics=["Boats"]))
    async with open_world(Clock(ISSUE_TIME), seeds_path=folder) as world:
        await subscribe(world, topic="boats")
        gone.unlink()
        await world.app.services.reloader.reload(folder, force=True)
        assert "no longer gets the Boats digest" in await say(world, "unsubscribe", topic=typed)
        assert "No topic called" in await say(world, "unsubscribe", topic=typed)


async def test_without_a_topic_an_outlet_is_muted_in_all_digests_of_the_place(world: World) -> None:
    assert "doesn't get any digest" in await say(world, "mute", outlet="plain inference")
    await subscribe(world, topic="ai")
    await subscribe(world, topic="space")
    assert ": AI, Space." in await say(world, "mute", outlet="plain inference")


@pytest.mark.parametrize("command", ["edit", "pause", "resume", "unsubscribe", "send", "mute"])
async def test_only_the_servers_managers_change_its_digests(world: World, command: str) -> None:
    await subscribe(world)
    other = world.env.create_guild("Elsewhere")
    boss_role = other.create_role("boss", permissions=discord.Permissions(manage_guild=True))
    boss, place = (
        other.add_member(world.env.create_user("eve"), roles=[boss_role]),
        other.create_text_channel("x"),
    )
    options: dict[str, Any] = {"outlet": "plain inference"} if command == "mute" else {}
    for topic in ("ai", "#1"):
        refused = await type_forged(world, world.member, f"digest {command}", topic=topic, **options)
        assert "Manage Server" in text_of(refused)
        answer = await boss.slash(place, f"digest {command}", topic=topic, **options)
        assert "doesn't get the AI digest" in text_of(answer) or "no such digest" in text_of(answer)
    assert "Next digest: tomorrow at 09:00 (<t:" in await say(world, "list")


async def test_a_list_with_many_digests_has_pages_that_lose_none(world: World) -> None:
    topics = ["ai", "space", "health", "climate", "robotics"]
    more = [world.guild.create_text_channel(f"more-{number}") for number in range(2)]
    for channel in (world.channel, *more):
        for topic in topics:
            await subscribe(world, topic=topic, channel=channel)
    listed = await world.moderator.slash(world.channel, "digest list")
    shown = text_of(listed).count("Every day at 09:00")
    for page in (2, 3):
        await world.moderator.click(listed.response, label="Next")
        assert f"page {page} of 3" in text_of(listed)
        shown += text_of(listed).count("Every day at 09:00")
    assert shown == 15


async def test_digests_are_offered_by_any_word_that_their_choice_shows(world: World, tmp_path: Path) -> None:
    seed = seed_text(f"{HOST}/eco", topics=("Économie",), published="2025-12-30T08:00:00Z")
    write_seed(tmp_path, "eco.md", seed)
    await world.app.services.reloader.reload(tmp_path, force=True)
    team = world.guild.create_text_channel("team-29")
    await subscribe(world, topic="economie")
    await subscribe(world, topic="Économie", channel=team)

    async def offered(typed: str) -> list[str]:
        found = await world.moderator.autocomplete(world.channel, "digest unsubscribe", "topic", typed)
        return [choice["name"] for choice in found]

    assert len(await offered("eco")) == 2
    (other,) = await offered("team-29")
    assert other.startswith("Économie in #team-29")
    assert await offered("29 écono") == [other]
