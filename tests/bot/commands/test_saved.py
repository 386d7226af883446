"""People save stories to read later, see them again, and take them off their list."""

from datetime import timedelta
from typing import Any

from digests.lookup.saved import MAX_SAVED
from storage import saved
from tests.bot.commands.test_digest import subscribe
from tests.bot.test_delivery import NINE
from tests.bot.test_forged import channel_of
from tests.conftest import World, buttons_of, menus_of, press_forged, text_of


async def save(world: World, story: str = "Wren") -> Any:
    return await world.member.slash(world.channel, "save", story=story)


async def list_of(world: World, person: Any = None) -> str:
    return text_of(await (person or world.member).slash(world.channel, "saved"))


async def save_many(world: World, number: int) -> None:
    """Save so many stories for the member, as the database holds them."""
    async with world.app.services.database.transaction() as connection:
        await connection.executemany(
            "INSERT INTO saved (user_id, url, title, outlet, published_at, saved_at)"
            " VALUES (?, ?, ?, 'The Apsis', 0, ?)",
            [(world.member.id, f"https://a.example/{n}", f"Story {n}", n) for n in range(number)],
        )


async def test_a_saved_story_is_on_ones_own_list_with_its_headline_address_and_outlet(world: World) -> None:
    answer = await save(world)
    assert answer.ephemeral
    assert "Saved: Forty libraries release Wren" in text_of(answer)
    listed = await world.member.slash(world.channel, "saved")
    assert listed.ephemeral
    said = text_of(listed)
    assert "[Forty libraries release Wren" in said
    assert "Second Epoch" in said
    assert f"1 story saved, {MAX_SAVED} at most" in said
    assert "Nothing saved yet" in await list_of(world, world.moderator)


async def test_a_story_saved_twice_is_on_the_list_once(world: World) -> None:
    await save(world)
    await save(world)
    assert f"1 story saved, {MAX_SAVED} at most" in await list_of(world)


async def test_a_saved_story_outlives_what_it_was_taken_from(world: World) -> None:
    await save(world)
    async with world.app.services.database.transaction() as connection:
        await connection.execute("UPDATE article SET removed = 1")
    assert "[Forty libraries release Wren" in await list_of(world)


async def test_a_removed_story_is_put_back_by_undo_also_after_a_restart(world: World) -> None:
    await save(world)
    listed = await world.member.slash(world.channel, "saved")
    async with world.restarted():
        removed = await world.member.click(listed.response, label="Remove")
        assert "Removed: Forty libraries" in text_of(removed)
        assert "Nothing saved yet" in await list_of(world)
        back = await world.member.click(listed.response, label="Undo")
        assert f"1 story saved, {MAX_SAVED} at most" in text_of(back)


async def test_a_removed_story_is_forgotten_after_a_day(world: World) -> None:
    await save(world)
    listed = await world.member.slash(world.channel, "saved")
    await world.member.click(listed.response, label="Remove")
    world.clock.now += timedelta(days=2)
    await world.app.scheduler.tidy()
    assert "isn't on your list any more" in text_of(await world.member.click(listed.response, label="Undo"))


async def test_nobody_removes_what_somebody_else_saved(world: World) -> None:
    await save(world)
    for custom_id in ("saved-remove:1:0", "saved-return:1:0"):
        refused = await press_forged(world.moderator, channel_of(world), custom_id)
        assert "isn't on your list any more" in text_of(refused)
    assert f"1 story saved, {MAX_SAVED} at most" in await list_of(world)


async def test_the_list_has_pages_and_stays_on_one_of_them_when_it_gets_shorter(world: World) -> None:
    await save_many(world, 6)
    listed = await world.member.slash(world.channel, "saved")
    assert "page 1 of 2" in text_of(listed)
    assert "[Story 5]" in text_of(listed)
    second = await world.member.click(listed.response, label="Next")
    assert "[Story 0]" in text_of(second)
    left = text_of(await world.member.click(listed.response, label="Remove"))
    assert "Removed: Story 0" in left
    assert "[Story 1]" in left


async def test_the_list_takes_so_many_stories_and_says_so(world: World) -> None:
    await save_many(world, MAX_SAVED)
    assert "the most I keep" in text_of(await save(world))
    assert f"{MAX_SAVED} stories saved, {MAX_SAVED} at most" in await list_of(world)
    listed = await world.member.slash(world.channel, "saved")
    remove = next(custom_id for custom_id, label in buttons_of(listed).items() if label == "Remove")
    await world.member.click(listed.response, custom_id=remove)
    assert "Saved: " in text_of(await save(world))
    assert "the most I keep" in text_of(await world.member.click(listed.response, label="Undo"))
    async with world.app.services.database.reading() as connection:
        assert await connection.run(saved.count, world.member.id) == MAX_SAVED


async def test_a_digest_asks_which_story_to_save_and_keeps_the_one_chosen(world: World) -> None:
    await subscribe(world)
    await world.tick(NINE)
    post = world.channel.last_message
    async with world.restarted():
        asked = await world.member.click(post, label="Save")
        assert asked.ephemeral
        (menu,) = menus_of(asked)
        second = menu["options"][1]
        kept = await world.member.select(asked.response, [second["value"]], custom_id=menu["custom_id"])
        assert f"Saved: {second['label'][:20]}" in text_of(kept)
        assert second["label"][:20] in await list_of(world)


async def test_a_preview_of_one_story_saves_it_at_once(world: World) -> None:
    preview = await world.member.slash(world.channel, "preview", topic="ai", stories=1)
    kept = await world.member.click(preview.response, label="Save")
    assert "Saved: " in text_of(kept)


async def test_privacy_shows_and_deletes_what_was_saved(world: World) -> None:
    await save(world)
    answer = await world.member.slash(world.channel, "privacy")
    assert "1 story that you saved: Forty libraries" in text_of(answer)
    await world.member.click(answer.response, label="Delete this")
    assert "Nothing saved yet" in await list_of(world)
    assert not buttons_of(await world.member.slash(world.channel, "privacy"))
