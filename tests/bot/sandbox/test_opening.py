"""The sandbox explains itself: what its page opens with, and how it looks."""

import io
from pathlib import Path

from PIL import Image, ImageStat

from bot.sandbox.face import SIDE, draw_face
from bot.sandbox.opening import open_with
from bot.sandbox.pictures import draw_picture, draw_pictures
from bot.sandbox.stage import Place
from storage.stories import image_urls
from tests.build import seed_text, write_seed
from tests.conftest import OpenWorld, World, pictures_of, text_of


def _place(world: World) -> Place:
    return Place("#news", world.channel, (world.member, world.moderator, world.owner))


async def test_the_page_opens_with_a_digest_and_what_to_try(world: World) -> None:
    await open_with(world.app, _place(world))
    digest, guide = world.channel.history()[-2:]
    assert "stories from" in text_of(digest)
    assert pictures_of(digest)
    for command in ("/preview", "/setup", "/sandbox feeds", "/sandbox next", "/sandbox go"):
        assert command in text_of(guide)


async def test_the_topics_that_people_try_first_are_still_free(world: World) -> None:
    await open_with(world.app, _place(world))
    for topic in ("AI", "Space"):
        added = await world.moderator.slash(world.channel, "digest subscribe", topic=topic)
        assert f"New digest: {topic}" in text_of(added)


async def test_with_hardly_any_seeds_it_opens_without_a_digest(open_world: OpenWorld, tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    write_seed(seeds, "only.md", seed_text("https://one.example/1"))
    async with open_world(seeds_path=seeds) as world:
        await open_with(world.app, _place(world))
        (guide,) = world.channel.history()
        assert "Welcome to the sandbox" in text_of(guide)


async def test_every_picture_of_the_samples_is_drawn(world: World) -> None:
    async with world.app.services.database.reading() as connection:
        urls = await connection.run(image_urls)
    drawn = draw_pictures(urls)
    assert drawn.keys() == {url for url in urls if ".example/" in url}
    for name, content in drawn.values():
        assert name.endswith(".jpg")
        assert Image.open(io.BytesIO(content)).format == "JPEG"


def test_a_picture_is_the_same_every_time_and_shows_what_its_address_tells() -> None:
    robot, moon = "https://images.one.example/laundry-robot.jpg", "https://images.one.example/moon.jpg"
    assert draw_picture(robot) == draw_picture(robot)
    assert draw_picture(robot) != draw_picture(moon)
    assert _brightness(moon) < _brightness(robot)


def _brightness(url: str) -> float:
    picture = Image.open(io.BytesIO(draw_picture(url))).convert("L")
    return ImageStat.Stat(picture).mean[0]


def test_the_outlets_of_real_news_get_no_made_up_pictures() -> None:
    assert draw_pictures(["https://images.real.org/moon.jpg"]) == {}


def test_the_face_is_a_square_picture() -> None:
    assert Image.open(io.BytesIO(draw_face())).size == (SIDE, SIDE)
