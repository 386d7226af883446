"""People see what is stored about them, and delete it."""

from tests.bot.commands.test_digest import subscribe
from tests.conftest import World, buttons_of, text_of

# Columns that hold a person's id; a new one belongs in storage/people.py, and then here.
OF_PEOPLE = {
    ("subscription", "created_by"),
    ("listing", "user_id"),
    ("saved", "user_id"),
    ("person", "user_id"),
}


async def places_of(world: World, user_id: int) -> set[tuple[str, str]]:
    """Return every (table, column) that holds a number or text with that id."""
    found = set()
    async with world.app.services.database.reading() as connection:
        tables = await connection.execute_fetchall("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables:
            for column in await connection.execute_fetchall(f"PRAGMA table_info({table})"):
                rows = await connection.execute_fetchall(
                    f'SELECT 1 FROM "{table}" WHERE instr("{column["name"]}", ?) LIMIT 1', (str(user_id),)
                )
                if list(rows):
                    found.add((table, column["name"]))
    return found


async def test_a_stranger_is_told_that_nothing_is_stored(world: World) -> None:
    answer = await world.member.slash(world.channel, "privacy")
    assert answer.ephemeral
    assert "Nothing" in text_of(answer)
    assert not buttons_of(answer)


async def test_what_is_stored_is_shown_and_everything_of_it_can_be_deleted(world: World) -> None:
    await subscribe(world)
    await world.moderator.slash(world.channel, "stories search", words="lander *ice*")
    await world.moderator.slash(world.channel, "save", story="Wren")
    assert await places_of(world, world.moderator.id) == OF_PEOPLE
    answer = await world.moderator.slash(world.channel, "privacy")
    assert answer.ephemeral
    said = text_of(answer)
    assert "the AI digest that you set up" in said
    assert "your time zone, Europe/Berlin" in said
    assert f"<#{world.channel.id}>" in said
    assert r"1 list that you asked for in the last 30 days (you looked for lander \*ice\*)" in said
    assert "1 story that you saved: Forty libraries" in said
    gone = await world.moderator.click(answer.response, label="Delete this")
    assert "Deleted." in text_of(gone)
    assert await places_of(world, world.moderator.id) == set()
    assert "Nothing" in text_of(await world.moderator.slash(world.channel, "privacy"))


async def test_a_servers_digest_stays_when_who_set_it_up_is_forgotten(world: World) -> None:
    await subscribe(world)
    answer = await world.moderator.slash(world.channel, "privacy")
    await world.moderator.click(answer.response, label="Delete this")
    assert "AI" in text_of(await world.moderator.slash(world.channel, "digest list"))


async def test_others_keep_what_is_theirs_and_the_button_works_after_a_restart(world: World) -> None:
    await world.member.slash(world.channel, "stories latest")
    await world.moderator.slash(world.channel, "stories latest")
    answer = await world.moderator.slash(world.channel, "privacy")
    async with world.restarted():
        await world.moderator.click(answer.response, label="Delete this")
        assert not await places_of(world, world.moderator.id)
        assert "1 list" in text_of(await world.member.slash(world.channel, "privacy"))


async def test_privacy_works_in_direct_messages(world: World) -> None:
    command = world.app.client.tree.get_command("privacy")
    assert command is not None
    assert command.allowed_contexts is not None
    assert command.allowed_installs is not None
    assert command.allowed_contexts.dm_channel
    assert command.allowed_contexts.private_channel
    assert command.allowed_installs.user
