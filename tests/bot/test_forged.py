"""What comes from outside is checked: forged values and buttons get one sentence, store and show nothing."""

import logging
from collections.abc import Iterator
from typing import Any

import discord
import pytest

from bot.errors import unexpected
from bot.views.layout import framed, row
from storage import subscriptions
from storage.engine import scalar
from storage.models import LARGEST
from tests.bot.commands.test_digest import subscribe
from tests.bot.test_delivery import NINE
from tests.conftest import World, press_forged, text_of, type_forged

HUGE = "9" * 40
ELSEWHERE = "only where I posted the digest"
NO_BUTTON = "I don't know what this button is for"
BUTTONS = [
    f"coverage:{HUGE}",
    f"card:{HUGE}:0",
    f"card:1:{HUGE}",
    f"card:1:0:{HUGE}",
    "card:1:-1",
    f"list:{HUGE}:0",
    f"list:1:{HUGE}",
    "list:1:-1",
    f"digests:{HUGE}",
    "digests:-1",
    f"resume:{HUGE}",
    "resume:-5",
    f"why:{HUGE}:0",
    f"why:1:{HUGE}",
    f"reasons:{HUGE}:0",
    f"reasons:1:{HUGE}",
    "reasons:1:-1",
    f"preview-why:1:0:{2**70}:5",
    f"preview-why:1:-{2**70}:0:5",
    "preview-why:1:0:1000000:0",
    "preview-why:1:0:1000000:11",
    "preview-why:1:1000000:0:5",
    f"preview-why:1:0:{32 * 86_400 * 10**6}:5",
    f"preview-why:{HUGE}:0:1:5",
    "preview-reasons:1:0:1:5:-1",
    f"follow-topics:{HUGE}",
    f"following:{HUGE}",
    f"save:{HUGE}",
    f"tune:{HUGE}",
    f"preview-save:1:0:{2**70}:5",
    f"saved:{HUGE}",
    f"saved-remove:{HUGE}:0",
    "saved-return:1:-1",
    "coverage-of",
    "save-story",
    f"story-articles:{HUGE}:0",
    f"story-split:{HUGE}",
    f"story-undo:{HUGE}",
]
MISSING = [
    (f"coverage:{LARGEST}", "no story"),
    ("list:77:0", "too old to turn its pages"),
    (f"list:{LARGEST}:999999", "too old to turn its pages"),
    (f"why:{LARGEST}:0", "no longer know what was in this digest"),
    (f"resume:{LARGEST}", "no such digest"),
    ("digests:999999", "None yet"),
    (f"follow-topics:{LARGEST}", "This topic is gone"),
    ("follow-words:-", "no word to look for"),
    ("following:999999", "No digests yet"),
    (f"save:{LARGEST}", "no longer know what was in this digest"),
    (f"tune:{LARGEST}", "no such digest"),
    (f"saved-remove:{LARGEST}:0", "isn't on your list any more"),
    ("saved:999999", "Nothing saved yet"),
    (f"preview-why:{LARGEST}:0:1:5", "This topic is gone"),
]
RANGE = "takes a whole number from {} to {}"
LIST = "Pick one from the list"
VALUES: list[tuple[str, dict[str, Any], str]] = [
    ("digest subscribe", {"stories": -5}, RANGE.format(1, 10)),
    ("digest subscribe", {"stories": 2**70}, RANGE.format(1, 10)),
    ("digest subscribe", {"stories": True}, RANGE.format(1, 10)),
    ("digest subscribe", {"stories": "5"}, RANGE.format(1, 10)),
    ("digest subscribe", {"min_quality": -1}, RANGE.format(0, 1000)),
    ("digest subscribe", {"min_quality": 10**6}, RANGE.format(0, 1000)),
    ("digest subscribe", {"time": "9" * 5_000}, "takes 1 to 20 characters"),
    ("digest subscribe", {"publish": "yes"}, LIST),
    ("digest subscribe", {"mention": "5"}, LIST),
    ("digest subscribe", {"mention": HUGE}, LIST),
    ("digest subscribe", {"channel": "5"}, LIST),
    ("digest subscribe", {"days": "x" * 6_000}, "I don't understand the days"),
    ("digest edit", {"stories": 0}, RANGE.format(1, 10)),
    ("digest edit", {"min_quality": -3}, RANGE.format(0, 1000)),
    ("digest pause", {"topic": f"#{HUGE}"}, "No topic called"),
    ("preview", {"days": 2**70}, RANGE.format(1, 31)),
    ("preview", {"days": -1}, RANGE.format(1, 31)),
    ("preview", {"date": "1" * 41}, "takes 1 to 40 characters"),
    ("stories search", {"words": "a", "order": "worst"}, LIST),
    ("stories search", {"words": "a", "min_quality": -1}, RANGE.format(0, 1000)),
    ("stories search", {"words": "a" * 2_001}, "takes 1 to 2000 characters"),
    ("stories search", {"words": "a", "share": 7}, LIST),
    ("stories show", {"story": f"#{HUGE}"}, "no story"),
]


@pytest.fixture(autouse=True)
def no_fault_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test after which the log has a traceback."""
    with caplog.at_level(logging.INFO):
        yield
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


async def stored(world: World) -> list[Any]:
    """Return everything that people can have stored."""
    async with world.app.services.database.reading() as connection:
        lists = await connection.run(scalar, "SELECT count(*) FROM listing")
        return [lists, *await connection.run(subscriptions.of_guild, world.guild.id)]


def channel_of(world: World, channel: Any = None) -> Any:
    return world.app.client.get_channel((channel or world.channel).id)


@pytest.mark.parametrize(("command", "values", "said"), VALUES)
async def test_a_forged_value_is_refused_in_a_sentence_and_nothing_is_stored(
    world: World, command: str, values: dict[str, Any], said: str
) -> None:
    await subscribe(world, topic="space")
    before = await stored(world)
    topic = {} if command.startswith("stories") else {"topic": "space" if "edit" in command else "ai"}
    names = {"stories": 4, "publish": 5}
    kinds = {name: 3 for name in values if name in names and isinstance(values[name], str)}
    answer = await type_forged(world, world.moderator, command, kinds=kinds, **{**topic, **values})
    assert answer.ephemeral
    assert said in text_of(answer)
    assert unexpected() not in text_of(answer)
    assert await stored(world) == before


@pytest.mark.parametrize("custom_id", BUTTONS)
async def test_a_button_that_the_bot_never_made_is_refused_in_a_sentence(
    world: World, custom_id: str
) -> None:
    answer = await press_forged(world.member, channel_of(world), custom_id)
    assert answer.ephemeral
    assert NO_BUTTON in text_of(answer)


@pytest.mark.parametrize(("custom_id", "said"), MISSING)
async def test_a_button_about_what_is_not_there_says_so(world: World, custom_id: str, said: str) -> None:
    answer = await press_forged(world.member, channel_of(world), custom_id)
    assert said in text_of(answer)


async def test_pages_beyond_the_last_one_are_the_last_one(world: World) -> None:
    first = await world.member.slash(world.channel, "stories show", story="#1")
    answer = await press_forged(world.member, channel_of(world), f"card:1:999999:{world.member.id}")
    assert text_of(answer) == text_of(first)


async def test_a_forged_preview_shows_nothing_that_is_not_out_yet(world: World) -> None:
    now = int(world.clock().timestamp())
    since, until = now - 10 * 86_400, now + 20 * 86_400
    answer = await press_forged(
        world.member, channel_of(world), f"preview-why:1:{since * 10**6}:{until * 10**6}:10"
    )
    honest = await press_forged(
        world.member, channel_of(world), f"preview-why:1:{since * 10**6}:{now * 10**6}:10"
    )
    assert text_of(answer) == text_of(honest)


@pytest.mark.parametrize("form", ["why:1:0", "reasons:1:0"])
async def test_reasons_are_shown_in_the_place_of_their_delivery_alone(world: World, form: str) -> None:
    await subscribe(world)
    await world.tick(NINE)
    news = await press_forged(world.member, channel_of(world), form)
    assert "Why these stories" in text_of(news)
    other_channel = world.guild.create_text_channel("other")
    other_server = world.env.create_guild("Far away")
    square = other_server.create_text_channel("square")
    stranger = other_server.add_member(world.env.create_user("eve"))
    for actor, channel in ((world.member, other_channel), (stranger, square)):
        answer = await press_forged(actor, channel_of(world, channel), form)
        assert ELSEWHERE in text_of(answer)
        assert "in the digest" not in text_of(answer)
    answer = await in_dm(world, stranger.user, form)
    assert ELSEWHERE in text_of(answer)


async def in_dm(world: World, person: Any, custom_id: str) -> Any:
    """Press a forged button in somebody's DM with the bot."""
    user = await world.app.client.fetch_user(person.id)
    return await press_forged(person, await user.create_dm(), custom_id)


async def test_reasons_of_a_persons_digest_are_theirs(world: World) -> None:
    await world.member.slash(world.channel, "follow", topic="ai", timezone="Europe/Berlin")
    assert await world.morning(NINE) == 1
    assert "Why these stories" in text_of(await in_dm(world, world.member.user, "why:1:0"))
    assert ELSEWHERE in text_of(await in_dm(world, world.moderator.user, "why:1:0"))
    assert ELSEWHERE in text_of(await press_forged(world.owner, channel_of(world), "why:1:0"))


async def test_reasons_of_a_forums_digest_are_shown_in_its_posts(world: World) -> None:
    forum = world.guild.create_forum_channel("digests")
    await subscribe(world, channel=forum)
    await world.tick(NINE)
    (post,) = forum.threads
    answer = await world.member.click(post.history()[0], label="Why these?")
    assert "Why these stories" in text_of(answer)
    assert "Why these stories" in text_of(await world.moderator.slash(post, "digest why", topic="ai"))
    assert ELSEWHERE in text_of(await press_forged(world.member, channel_of(world), "why:1:0"))


async def test_reasons_of_a_threads_digest_are_shown_in_it(world: World) -> None:
    channel = channel_of(world)
    thread = await channel.create_thread(name="news", type=discord.ChannelType.public_thread)
    (handle,) = world.channel.threads
    await subscribe(world, channel=handle)
    await world.tick(NINE)
    assert "Why these stories" in text_of(await press_forged(world.member, thread, "why:1:0"))
    assert ELSEWHERE in text_of(await press_forged(world.member, channel, "why:1:0"))


@pytest.mark.parametrize("custom_id", ["coverage-of", "save-story"])
@pytest.mark.parametrize("value", ["", "1", "1:", f"{HUGE}:1", "-1:1", "1:1:1", "a:b"])
async def test_a_choice_that_a_menu_never_offered_is_refused_in_a_sentence(
    world: World, custom_id: str, value: str
) -> None:
    menu = discord.ui.Select[Any](
        custom_id=custom_id, options=[discord.SelectOption(label="Forged", value=value or "x")]
    )
    message = await channel_of(world).send(view=framed(row(menu)))
    answer = await world.member.select(message, [value or "x"], custom_id=custom_id)
    assert NO_BUTTON in text_of(answer)
