"""What people see of an edition, and what they can do below it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.bot.commands.test_digest import subscribe
from tests.bot.test_delivery import NINE
from tests.bot.test_forged import channel_of
from tests.build import mention_text, seed_text, write_seed
from tests.conftest import Clock, OpenWorld, World, buttons_of, menus_of, press_forged, text_of
from tests.strict import Strict, strict

__all__ = ["strict"]


async def edition(world: World, **options: Any) -> Any:
    """Return the message of a channel's first edition."""
    await subscribe(world, **options)
    await world.tick(NINE)
    return world.channel.last_message


async def test_an_edition_begins_with_what_happened_in_the_headlines_own_words(world: World) -> None:
    said = text_of(await edition(world)).splitlines()
    headlines = [line.partition("[")[2].partition("]")[0] for line in said if line.startswith("### ")]
    assert len(headlines) == 3
    assert said[0].startswith(headlines[0][:30])
    assert headlines[2][:30] in said[0]
    assert said[1].startswith("## AI · <t:")


async def test_an_edition_of_one_story_begins_with_that_story(world: World) -> None:
    said = text_of(await edition(world, stories=1)).splitlines()
    assert said[0].startswith("### [")
    assert any(line.startswith("-# **AI** · <t:") for line in said)


async def test_an_edition_shows_no_quality_and_links_who_else_wrote(world: World) -> None:
    said = text_of(await edition(world))
    assert "quality" not in said
    assert " · More: [" in said


async def test_an_edition_says_when_it_comes_and_how_to_get_it_oneself(world: World) -> None:
    said = text_of(await edition(world))
    assert "Every day at 09:00 (Europe/Berlin) · Want your own? `/follow`" in said


async def test_a_ping_stands_behind_what_happened(world: World) -> None:
    role = world.guild.create_role("Readers", mentionable=True)
    said = text_of(await edition(world, mention=role)).splitlines()
    assert f"<@&{role.id}>" not in said[0]
    assert said[2].endswith(f"<@&{role.id}>")


async def test_one_menu_opens_the_coverage_of_each_story_that_has_any(world: World) -> None:
    post = await edition(world)
    (menu,) = menus_of(post)
    assert menu["placeholder"] == "All coverage of …"
    assert set(buttons_of(post).values()) == {"Save", "Tune", "Why these?"}
    for option in menu["options"]:
        card = await world.member.select(post, [option["value"]], custom_id=menu["custom_id"])
        assert card.ephemeral
        assert option["label"].removesuffix("…")[:30] in text_of(card)


async def test_tuning_is_for_those_who_manage_the_server_and_says_what_others_can_do(world: World) -> None:
    post = await edition(world)
    async with world.restarted():
        settings = await world.moderator.click(post, label="Tune")
        assert settings.ephemeral
        assert "Settings: AI in <#" in text_of(settings)
        (menu,) = menus_of(settings)
        assert menu["placeholder"] == "Manage AI…"
        refused = await world.member.click(post, label="Tune")
        assert refused.ephemeral
        assert "`/follow`" in text_of(refused)


async def test_a_person_tunes_the_digest_in_their_own_dms(world: World) -> None:
    await world.member.slash(world.channel, "follow", topic="ai")
    channel = await (await world.app.client.fetch_user(world.member.id)).create_dm()
    assert "Settings: AI in your DMs" in text_of(await press_forged(world.member.user, channel, "tune:1"))
    refused = await press_forged(world.moderator, channel_of(world), "tune:1")
    assert "no such digest" in text_of(refused)


@pytest.mark.parametrize(
    "custom_id", ["coverage:1", "coverage:1:1", "why:1:0", "card:1:0", "list:1:0", "digests:0"]
)
async def test_old_buttons_still_answer(world: World, custom_id: str) -> None:
    await edition(world)
    assert text_of(await press_forged(world.member, channel_of(world), custom_id))
    assert not world.env.errors


async def test_an_excerpt_that_stands_under_three_titles_of_an_outlet_is_left_out(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    slogan, folder = "News from the harbour and the hills, day by day.", tmp_path / "seeds"
    for number in range(4):
        excerpt = slogan if number < 3 else "The keepers switched the lamps off at midnight."
        text = seed_text(
            f"https://one.example/{number}", title=f"Something {number}", published="2026-01-04T09:00:00Z"
        )
        lines = [
            f'excerpt: "{excerpt}"' if line.startswith("excerpt:") else line for line in text.split("\n")
        ]
        write_seed(folder, f"{number}.md", "\n".join(lines))
    async with open_world(Clock(NINE), seeds_path=folder) as world:
        answer = text_of(await world.member.slash(world.channel, "preview", topic="ai"))
        assert answer.count("### [Something") == 4
        assert slogan not in answer
        assert "The keepers switched the lamps off" in answer


async def test_a_headline_that_is_refused_is_not_in_the_first_lines_or_the_menu_either(
    open_world: OpenWorld, tmp_path: Path, strict: Strict
) -> None:
    folder = tmp_path / "seeds"
    for number, title in enumerate(("Tides", "Bell", "Ferry")):
        url, published = f"https://outlet{number}.example/1", "2026-01-04T09:00:00Z"
        more = [mention_text(f"https://more{number}.example/1", title="Others", published=published)]
        write_seed(
            folder, f"{title}.md", seed_text(url, title=title, published=published, quality=90, related=more)
        )
    strict.words = {"Bell"}
    async with open_world(Clock(NINE - timedelta(hours=12)), seeds_path=folder) as world:
        post = await edition(world)
        assert "Bell" not in text_of(post)
        assert "Tides" in text_of(post).splitlines()[0]
        (menu,) = menus_of(post)
        assert {option["label"] for option in menu["options"]} == {"Tides", "Ferry"}
