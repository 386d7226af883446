"""Owners reload seeds and see how the bot is doing; nobody else may."""

import shutil
from pathlib import Path

import pytest

from bot.settings import BUNDLED_SEEDS
from tests.conftest import OpenWorld, World, text_of


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Return a copy of the bundled seeds, to be changed."""
    return Path(shutil.copytree(BUNDLED_SEEDS, tmp_path / "seeds"))


async def test_only_owners_get_admin_commands(world: World) -> None:
    for person in (world.member, world.moderator):
        assert not [name for name in person.available_commands(world.channel) if name.startswith("admin")]
    assert "admin reload" in world.owner.available_commands(world.channel)


async def test_an_administrator_who_does_not_own_the_bot_is_refused(world: World) -> None:
    world.app.client.owner_ids.discard(world.owner.id)
    for command in ("admin reload", "admin status"):
        answer = await world.owner.slash(world.channel, command)
        assert answer.ephemeral
        assert "Only my owners" in text_of(answer)


async def test_reload_says_what_changed_with_file_line_and_field(open_world: OpenWorld, seeds: Path) -> None:
    async with open_world(seeds_path=seeds) as world:
        first, second, third = sorted((seeds / "news").glob("*.md"))[:3]
        first.unlink()
        second.write_text(second.read_text("utf-8").replace("heat: ", "heat: 1", 1), "utf-8")
        third.write_text(third.read_text("utf-8").replace("\nquality: ", "\nquality: very ", 1), "utf-8")
        shutil.copy(second, seeds / "news" / "another.md")
        answer = await world.owner.slash(world.channel, "admin reload")
        said = text_of(answer)
        assert answer.ephemeral
        assert "**1** added · **1** changed · **1** removed" in said
        assert "**1** failed" in said
        assert f"{third.name}:" in said.replace("\\", "")
        assert "quality: expected a whole number, found the text 'very" in said
        assert f"news/{third.name}" in text_of(
            await world.owner.slash(world.channel, "admin status")
        ).replace("\\", "")


async def test_a_long_list_of_faults_comes_as_a_file(open_world: OpenWorld, seeds: Path) -> None:
    async with open_world(seeds_path=seeds) as world:
        for number in range(30):
            (seeds / "news" / f"broken-{number:02}.md").write_text("---\ntitle: [\n---\n", "utf-8")
        answer = await world.owner.slash(world.channel, "admin reload")
        (attached,) = answer.response.attachments
        assert attached.filename == "faults.txt"
        assert (await attached.read()).count(b"broken-") == 30


async def test_an_emptied_folder_changes_nothing_and_says_so(open_world: OpenWorld, seeds: Path) -> None:
    async with open_world(seeds_path=seeds) as world:
        shutil.rmtree(seeds / "news")
        refused = await world.owner.slash(world.channel, "admin reload")
        assert "so I changed nothing" in text_of(refused)
        said = text_of(await world.owner.slash(world.channel, "admin status"))
        assert "107 records" in said
        assert "107 added" in said
        assert "would remove 107 of 107 records" in said
        forced = await world.owner.slash(world.channel, "admin reload", force=True)
        assert "**107** removed" in text_of(forced)
        assert "would remove" not in text_of(await world.owner.slash(world.channel, "admin status"))


async def test_why_an_earlier_version_changed_nothing_is_shown_in_its_words(world: World) -> None:
    async with world.app.services.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO reload (finished_at, report) VALUES (1, ?)",
            ('{"refused": "There is no folder *x*."}',),
        )
    assert "There is no folder \\*x\\*." in text_of(await world.owner.slash(world.channel, "admin status"))


async def test_the_report_comes_also_where_the_message_was_put_away(
    open_world: OpenWorld, seeds: Path
) -> None:
    async with open_world(seeds_path=seeds) as world:
        world.env.inject_error("PATCH", "/webhooks/*/*/messages/*", status=404, code=10008)
        answer = await world.owner.slash(world.channel, "admin reload")
        assert "### Seeds reloaded" in text_of(answer)
        assert not world.env.backend.faults  # the first answer was refused


async def test_a_missing_folder_is_a_private_sentence(open_world: OpenWorld, seeds: Path) -> None:
    async with open_world(seeds_path=seeds) as world:
        shutil.rmtree(seeds)
        answer = await world.owner.slash(world.channel, "admin reload")
        assert answer.ephemeral
        assert "There's no folder" in text_of(answer)


async def test_status_shows_the_last_reload_and_what_is_owed(world: World) -> None:
    said = text_of(await world.owner.slash(world.channel, "admin status"))
    assert "107 records · 74 stories · 147 articles" in said
    assert "107 added" in said
    assert "0 subscriptions" in said


async def test_admin_is_registered_only_in_its_server_where_one_is_set(open_world: OpenWorld) -> None:
    async with open_world(admin_guild_id=1234) as world:
        tree = world.app.client.tree
        assert not [command for command in tree.get_commands() if command.name == "admin"]
        assert "admin reload" not in world.owner.available_commands(world.channel)
