"""What Discord refuses of one story costs nobody the others, and is said."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import bot.buttons
import bot.commands
from bot.doctor.finding import State
from bot.doctor.local import check_refusals
from bot.errors import unexpected
from bot.settings import Settings
from storage.models import DeliveryState
from tests.bot.commands.test_digest import subscribe
from tests.bot.test_delivery import NINE, deliveries, posts
from tests.build import seed_text, write_seed
from tests.conftest import Clock, OpenWorld, World, pictures_of, text_of
from tests.strict import Strict, strict

__all__ = ["strict"]

BELL = "http://localhost:8080/wp-content/uploads/bell.jpg"
BLOCKED = "https://img.example/blocked.jpg"
EVENING = datetime(2026, 1, 4, 18, tzinfo=UTC)


def write_stories(folder: Path, *, picture: str = BELL) -> Path:
    """Write three stories of one day, the second with a picture; return the folder."""
    for number, title in enumerate(["Tides", "Bell", "Ferry"]):
        extra = f'images:\n  - url: "{picture}"\n' if title == "Bell" else ""
        published = "2026-01-04T09:00:00Z"
        text = seed_text(
            f"https://outlet{number}.example/{title.lower()}", title=title, published=published, extra=extra
        )
        write_seed(folder, f"{number}.md", text)
    return folder


async def number_of_bell(world: World) -> int:
    """Return the number of the story about a bell."""
    async with world.app.services.database.reading() as connection:
        rows = await connection.execute_fetchall(
            "SELECT story_id FROM article JOIN mention ON mention.article_id = article.id"
            " WHERE title = 'Bell'"
        )
    return int(next(iter(rows))[0])


async def status(world: World) -> str:
    return text_of(await world.owner.slash(world.channel, "admin status")).replace("\\", "")


async def test_an_edition_comes_without_a_picture_that_is_nowhere_public(
    open_world: OpenWorld, tmp_path: Path, strict: Strict
) -> None:
    async with open_world(Clock(EVENING), seeds_path=write_stories(tmp_path / "seeds")) as world:
        await subscribe(world)
        assert await world.tick(NINE) == 1
        (post,) = posts(world)
        assert all(title in post for title in ("Tides", "Bell", "Ferry"))
        assert strict.refused == 0
        said = await status(world)
        assert "the picture of story" in said
        assert "localhost:8080" in said


async def test_an_edition_comes_without_a_picture_that_discord_refuses(
    open_world: OpenWorld, tmp_path: Path, strict: Strict
) -> None:
    seeds = write_stories(tmp_path / "seeds", picture=BLOCKED)
    strict.words = {BLOCKED}
    async with open_world(Clock(EVENING), seeds_path=seeds) as world:
        await subscribe(world)
        assert await world.tick(NINE) == 1
        (post,) = posts(world)
        assert all(title in post for title in ("Tides", "Bell", "Ferry"))
        said = await status(world)
        assert "Discord refused the picture of story" in said
        assert "Not a well formed URL" in said
        assert [each.state for each in await deliveries(world)] == [DeliveryState.SENT]


async def test_what_was_refused_is_left_out_of_the_next_message_at_once_also_after_a_restart(
    open_world: OpenWorld, tmp_path: Path, strict: Strict
) -> None:
    seeds = write_stories(tmp_path / "seeds", picture=BLOCKED)
    strict.words = {BLOCKED}
    async with open_world(Clock(EVENING), seeds_path=seeds) as world:
        for _ in range(2):
            assert "Bell" in text_of(await world.member.slash(world.channel, "stories latest"))
        assert strict.refused == 1
        async with world.restarted():
            assert "Bell" in text_of(await world.member.slash(world.channel, "stories latest"))
            assert strict.refused == 1
            world.clock.now += timedelta(days=8)  # tried again by and by
            strict.words = set()
            assert pictures_of(await world.member.slash(world.channel, "stories latest")) == [BLOCKED]
            assert "the picture of story" not in await status(world)


async def test_a_link_that_is_refused_leaves_its_title(
    open_world: OpenWorld, tmp_path: Path, strict: Strict
) -> None:
    strict.words = {"outlet1.example/bell"}
    async with open_world(Clock(EVENING), seeds_path=write_stories(tmp_path / "seeds")) as world:
        await subscribe(world)
        assert await world.tick(NINE) == 1
        (post,) = posts(world)
        assert "### Bell" in post
        assert "outlet1.example" not in post
        assert "outlet0.example/tides" in post
        assert "Discord refused the links of story" in await status(world)


async def test_a_story_that_is_refused_leaves_the_others(
    open_world: OpenWorld, tmp_path: Path, strict: Strict
) -> None:
    strict.words = {"Bell"}
    async with open_world(Clock(EVENING), seeds_path=write_stories(tmp_path / "seeds")) as world:
        await subscribe(world)
        assert await world.tick(NINE) == 1
        (post,) = posts(world)
        assert "Bell" not in post
        assert "outlet0.example/tides" in post
        assert "outlet2.example/ferry" in post
        assert "is missing here: Discord refused it" in post
        assert "Discord refused story" in await status(world)


async def test_a_story_that_is_refused_without_being_named_is_found_and_leaves_the_others(
    open_world: OpenWorld, tmp_path: Path, strict: Strict
) -> None:
    strict.words, strict.is_vague = {"Bell"}, True
    async with open_world(Clock(EVENING), seeds_path=write_stories(tmp_path / "seeds")) as world:
        await subscribe(world)
        assert await world.tick(NINE) == 1
        (post,) = posts(world)
        assert "Bell" not in post
        assert "outlet0.example/tides" in post
        assert "outlet2.example/ferry" in post
        assert "is missing here: Discord refused it" in post
        assert "Discord refused story" in await status(world)
        assert [each.state for each in await deliveries(world)] == [DeliveryState.SENT]


async def test_a_message_that_is_refused_without_any_of_its_stories_blames_none(
    open_world: OpenWorld, tmp_path: Path, strict: Strict
) -> None:
    strict.words, strict.is_vague = {"Tides", "Bell"}, True
    async with open_world(Clock(EVENING), seeds_path=write_stories(tmp_path / "seeds")) as world:
        answer = await world.member.slash(world.channel, "stories latest")
        assert unexpected() in text_of(answer)
        assert strict.refused == 4
        assert "Discord refused story" not in await status(world)


async def test_a_forums_post_comes_without_what_is_refused(
    open_world: OpenWorld, tmp_path: Path, strict: Strict
) -> None:
    strict.words = {BLOCKED}
    seeds = write_stories(tmp_path / "seeds", picture=BLOCKED)
    async with open_world(Clock(EVENING), seeds_path=seeds) as world:
        forum = world.guild.create_forum_channel("forum")
        await subscribe(world, channel=forum)
        assert await world.tick(NINE) == 1
        assert strict.refused == 1


@pytest.mark.parametrize("words", [set(), {BLOCKED}, {"outlet1.example/bell"}, {"Bell"}])
@pytest.mark.parametrize("picture", [BELL, BLOCKED])
async def test_lists_cards_previews_and_their_buttons_are_answered_whatever_is_refused(
    open_world: OpenWorld, tmp_path: Path, strict: Strict, picture: str, words: set[str]
) -> None:
    strict.words = words
    seeds = write_stories(tmp_path / "seeds", picture=picture)
    async with open_world(Clock(EVENING), seeds_path=seeds) as world:
        preview = await world.member.slash(world.channel, "preview", topic="ai")
        latest = await world.member.slash(world.channel, "stories latest")
        for answer in (preview, latest):
            assert "Tides" in text_of(answer)
        story = await number_of_bell(world)
        card = await world.member.slash(world.channel, "stories show", story=f"#{story}")
        assert "Coverage, best first" in text_of(card) or "is missing here" in text_of(card)


async def test_a_list_turned_by_its_buttons_is_shown_without_what_is_refused(
    open_world: OpenWorld, tmp_path: Path, strict: Strict
) -> None:
    folder = write_stories(tmp_path / "seeds", picture=BLOCKED)
    for number in range(3, 9):  # newer ones, so that the picture is on the second page
        url, published = f"https://outlet{number}.example/1", "2026-01-04T10:00:00Z"
        write_seed(folder, f"{number}.md", seed_text(url, title=f"New {number}", published=published))
    strict.words = {BLOCKED}
    async with open_world(Clock(EVENING), seeds_path=folder) as world:
        answer = await world.member.slash(world.channel, "stories latest")
        assert strict.refused == 0
        turned = await world.member.click(answer.response, label="Next")
        assert "Bell" in text_of(turned)
        assert strict.refused == 1


async def test_only_the_newest_refusals_are_kept(
    open_world: OpenWorld, tmp_path: Path, strict: Strict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.refusals.MOST", 1)
    strict.words = {BLOCKED, "outlet0.example/tides"}
    seeds = write_stories(tmp_path / "seeds", picture=BLOCKED)
    async with open_world(Clock(EVENING), seeds_path=seeds) as world:
        await world.member.slash(world.channel, "stories show", story="Bell")
        world.clock.now += timedelta(minutes=1)
        await world.member.slash(world.channel, "stories show", story="Tides")
        said = await status(world)
        assert "links of story" in said
        assert "picture of story" not in said


async def test_the_doctor_says_what_was_refused(
    open_world: OpenWorld, tmp_path: Path, settings: Settings
) -> None:
    async with open_world(Clock(EVENING), seeds_path=write_stories(tmp_path / "seeds")) as world:
        await world.member.slash(world.channel, "stories latest")
        number = await number_of_bell(world)
    (found,) = await check_refusals(settings.database_path, EVENING)
    assert found.state is State.NOTE
    assert f"I left out the picture of story {number}: {BELL} isn't a public address" in found.message
    assert await check_refusals(settings.database_path, EVENING + timedelta(days=8)) == []


COMMANDS_AND_BUTTONS = [*Path(bot.commands.__path__[0]).glob("*.py"), Path(bot.buttons.__file__)]
DIRECT = re.compile(
    r"(?:response\.send_message|response\.edit_message|followup\.send|edit_original_response)\("
)
SHOW_NO_STORY = {"admin": 3}  # a reload's progress and its report


@pytest.mark.parametrize("module", COMMANDS_AND_BUTTONS, ids=lambda path: path.stem)
def test_every_command_and_button_answers_through_what_minds_refusals(module: Path) -> None:
    direct = DIRECT.findall(module.read_text("utf-8"))
    assert len(direct) == SHOW_NO_STORY.get(module.stem, 0), "answer by bot/answers.py"


async def test_what_no_story_is_to_blame_for_is_said_as_before(world: World) -> None:
    said = "Invalid Form Body\nIn data.flags: This flag can't be set."
    world.env.inject_error("POST", "/interactions/*/*/callback", status=400, code=50035, message=said)
    answer = await world.member.slash(world.channel, "stories latest")
    assert "Something went wrong" in text_of(answer)
