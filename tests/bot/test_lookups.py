"""Members look stories up, in a channel, with the real commands and buttons."""

import re
from datetime import timedelta

import pytest

from tests.conftest import World, buttons_of, text_of


async def test_search_finds_a_story_by_words_of_any_of_its_articles(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories search", words="lander ice")
    assert "Lantern’s drill stops turning" in text_of(answer)
    assert "Found in: Lander’s drill meets hard ice" in text_of(answer)
    assert not answer.ephemeral


async def test_an_answer_is_private_on_request(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories search", words="lander", private=True)
    assert answer.ephemeral


async def test_search_without_a_result_suggests_the_next_step(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories search", words="xylophone zebra")
    assert "Nothing found" in text_of(answer)
    assert "/stories latest" in text_of(answer)


@pytest.mark.parametrize("words", ['"', "AND OR NOT", "' OR 1=1 --", "*", "((", "-only -without", "🗞️"])
async def test_any_text_can_be_searched_for(world: World, words: str) -> None:
    answer = await world.member.slash(world.channel, "stories search", words=words)
    assert text_of(answer)
    assert not world.env.errors


async def test_search_keeps_to_a_topic(world: World) -> None:
    everywhere = await world.member.slash(world.channel, "stories search", words="the")
    in_space = await world.member.slash(world.channel, "stories search", words="the", topic="space")
    assert "page 1 of" in text_of(everywhere)
    assert text_of(in_space).startswith("### Stories with the · Space")
    assert text_of(everywhere).splitlines()[1:] != text_of(in_space).splitlines()[1:]


async def test_an_unknown_topic_is_answered_with_a_private_sentence(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories latest", topic="Spase")
    assert answer.ephemeral
    assert "Did you mean Space" in text_of(answer)


async def test_latest_has_pages_and_shows_no_story_twice(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories latest")
    first = text_of(answer)
    next_button = next(key for key, label in buttons_of(answer).items() if label == "Next")
    await world.member.click(answer.response, custom_id=next_button)
    second = text_of(world.channel.last_message)
    assert "page 1 of" in first
    assert "page 2 of" in second
    titles = [line for line in first.splitlines() if line.startswith("**")]
    assert titles
    assert not set(titles) & set(second.splitlines())


async def test_only_who_asked_turns_the_pages(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories latest")
    refused = await world.moderator.click(answer.response, label="Next")
    assert refused.ephemeral
    assert "Only the person who asked" in text_of(refused)
    assert "page 1 of" in text_of(world.channel.last_message)


async def test_full_coverage_opens_privately_best_first(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories search", words="lander ice")
    coverage = await world.moderator.click(answer.response, label="Full coverage")
    assert coverage.ephemeral
    listed = [line for line in text_of(coverage).splitlines() if line[:2] in {"1.", "2.", "3."}]
    assert [line.split(" · ")[-2] for line in listed] == ["79", "71", "58"]
    assert "same text also at Harbour Ledger" in text_of(coverage)


async def test_buttons_work_after_a_restart(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories latest")
    async with world.restarted():
        await world.member.click(answer.response, label="Next")


async def test_a_list_that_is_too_old_says_so(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories latest")
    world.clock.now += timedelta(days=40)
    await world.app.scheduler.tidy()
    refused = await world.member.click(answer.response, label="Next")
    assert "too old" in text_of(refused)


async def test_show_finds_a_story_by_number_and_by_words(world: World) -> None:
    by_words = await world.member.slash(world.channel, "stories show", story="lander ice")
    found = re.search(r"Story (\d+)", text_of(by_words))
    assert found
    by_number = await world.member.slash(world.channel, "stories show", story=f"#{found[1]}")
    assert text_of(by_number) == text_of(by_words)


async def test_a_story_that_is_not_there_is_a_private_sentence(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories show", story="xylophone zebra")
    assert answer.ephemeral
    assert "No story has the words" in text_of(answer)


async def test_a_withdrawn_story_is_in_no_list(world: World) -> None:
    world.clock.now += timedelta(days=10)
    answer = await world.member.slash(world.channel, "stories search", words="parish council seat")
    assert "parishes.example" not in str(answer.response.components)


async def test_autocomplete_offers_topics_stories_and_zones(world: World) -> None:
    topics = await world.member.autocomplete(world.channel, "stories latest", "topic", "sp")
    assert topics[0]["value"] == "space"
    stories = await world.member.autocomplete(world.channel, "stories show", "story", "lander ic")
    assert stories[0]["name"].startswith("At 1.4 metres, Lantern’s drill")
    newest = await world.member.autocomplete(world.channel, "stories show", "story", "")
    assert len(newest) == 25
    assert all(len(choice["name"]) <= 100 for choice in newest)
    zones = await world.moderator.autocomplete(world.channel, "digest subscribe", "timezone", "berl")
    assert zones[0]["value"] == "Europe/Berlin"


async def test_topics_are_listed_with_their_stories(world: World) -> None:
    answer = await world.member.slash(world.channel, "topics")
    assert "**Space** · 12 stories" in text_of(answer)
    assert "**Robotics**" in text_of(answer)
    assert "part of" in text_of(answer)


async def test_help_shows_what_this_person_may_do(world: World) -> None:
    members = await world.member.slash(world.channel, "help")
    owners = await world.owner.slash(world.channel, "help")
    assert members.ephemeral
    assert "/stories search" in text_of(members)
    assert "/admin reload" not in text_of(members)
    assert "/admin reload" in text_of(owners)


async def test_a_failure_inside_is_one_sentence_and_reaches_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await world.member.slash(world.channel, "stories latest")
    async with world.app.services.database.transaction() as connection:
        await connection.execute("ALTER TABLE story RENAME TO elsewhere")
    pressed = await world.member.click(answer.response, label="Next")
    typed = await world.member.slash(world.channel, "stories latest")
    for failed in (pressed, typed):
        assert failed.ephemeral
        assert "Something went wrong on the bot's side" in text_of(failed)
    assert "no such table" in caplog.text
