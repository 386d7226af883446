"""Members look stories up, in a channel, with the real commands and buttons."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.pages.stories import new_list, turn_page
from bot.services import open_services
from bot.views.layout import View
from storage.visibility import DIRECT
from tests.build import HOST, ISSUE_TIME, mention_text, seed_text, write_seed
from tests.conftest import Clock, OpenWorld, World, buttons_of, text_of


@dataclass(frozen=True, slots=True)
class SentView:
    """A view as a message holds it."""

    view: View

    @property
    def components(self) -> list[dict[str, Any]]:
        """What Discord gets."""
        return [item.to_component_dict() for item in self.view.children]


async def test_the_number_of_a_story_that_is_gone_is_no_word(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories show", story="#600")
    assert answer.ephemeral
    assert "There's no story #600" in text_of(answer)


async def test_search_finds_a_story_by_words_of_any_of_its_articles(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories search", words="lander ice")
    assert "Lantern’s drill stops turning" in text_of(answer)
    assert "Found in: Lander’s drill meets hard ice" in text_of(answer)
    assert answer.ephemeral


async def test_an_answer_is_shared_on_request(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories search", words="lander", share=True)
    assert not answer.ephemeral


async def test_search_without_a_result_suggests_the_next_step(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories search", words="xylophone zebra")
    assert "Nothing found" in text_of(answer)
    assert "/stories latest" in text_of(answer)


async def test_search_for_nothing_but_what_must_not_be_there_says_what_is_missing(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories search", words="-lander")
    assert "Type at least one word to look for" in text_of(answer)


async def test_search_between_times_in_the_wrong_order_says_so_in_private(world: World) -> None:
    answer = await world.member.slash(
        world.channel, "stories search", words="lander", since="2026-01-03", until="2026-01-01"
    )
    assert answer.ephemeral
    assert "`since` is later than `until`" in text_of(answer)


async def test_marks_that_turn_the_direction_are_not_shown_again(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories search", words="\u202egpj.exe lander")
    assert "Stories with gpj.exe lander" in text_of(answer)


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
    second = text_of(answer)
    assert "page 1 of" in first
    assert "page 2 of" in second
    titles = [line for line in first.splitlines() if line.startswith("**")]
    assert titles
    assert not set(titles) & set(second.splitlines())


async def test_only_who_asked_turns_the_pages(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories latest", share=True)
    refused = await world.moderator.click(answer.response, label="Next")
    assert refused.ephemeral
    assert "Only the person who asked" in text_of(refused)
    assert "page 1 of" in text_of(world.channel.last_message)


async def test_full_coverage_opens_privately_best_first(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories search", words="lander ice", share=True)
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
        assert "Something went wrong on my side" in text_of(failed)
    assert "no such table" in caplog.text


# search: options, typing errors


async def test_a_typing_error_still_finds_and_is_stated(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories search", words="landr ice")
    assert "No results for “landr”. Showing results for “lander”:" in text_of(answer)
    assert "Lantern’s drill stops turning" in text_of(answer)


async def test_search_takes_outlet_times_quality_and_order(world: World) -> None:
    options = {"outlet": "Quillon Wire", "since": "last week", "until": "today", "min_quality": 50}
    answer = await world.member.slash(
        world.channel, "stories search", words="the", order="quality", **options
    )
    heading, counted, *_ = text_of(answer).splitlines()
    assert "Quillon Wire · quality 50 and up · best quality first · since <t:" in heading
    assert counted.startswith("-# ")
    qualities = [
        int(found) for found in re.findall(r"^-# .* · quality (\d+) · ", text_of(answer), re.MULTILINE)
    ]
    assert qualities == sorted(qualities, reverse=True)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"outlet": "Quillom Wire"}, "Did you mean Quillon Wire?"),
        ({"since": "soonish"}, "I don't understand the date “soonish”"),
        ({"topic": "Spase"}, "Did you mean Space"),
    ],
)
async def test_an_option_that_can_not_be_used_is_a_private_sentence(
    world: World, options: dict[str, str], sentence: str
) -> None:
    answer = await world.member.slash(world.channel, "stories search", words="the", **options)
    assert answer.ephemeral
    assert sentence in text_of(answer)


@pytest.mark.parametrize(
    "words", ["x" * 2_000, "'; DROP TABLE story; --", "NEAR(a b) ^c:", "\u202eabc", "a " * 999]
)
async def test_long_and_hostile_texts_are_answered(world: World, words: str) -> None:
    answer = await world.member.slash(world.channel, "stories search", words=words)
    assert text_of(answer).startswith("### Stories with")
    assert not world.env.errors


# browsing


async def test_top_stories_come_hottest_first_and_keep_to_a_period(world: World) -> None:
    everything = await world.member.slash(world.channel, "stories top", period="all time")
    assert text_of(everything).startswith("### Top stories\n")
    assert "1. [At 1.4 metres, Lantern’s drill" in text_of(everything)
    in_ai = await world.member.slash(world.channel, "stories top", topic="AI", period="3 days")
    assert text_of(in_ai).startswith("### Top stories · AI · since <t:")
    world.clock.now += timedelta(days=400)
    old = await world.member.slash(world.channel, "stories top", period="week")
    assert "Try a longer one" in text_of(old)


async def test_top_stories_are_those_of_seven_days_unless_told_otherwise(world: World) -> None:
    told = await world.member.slash(world.channel, "stories top", period="7 days")
    assert text_of(await world.member.slash(world.channel, "stories top")) == text_of(told)
    offered = await world.member.autocomplete(world.channel, "stories top", "period", "all")
    assert [each["value"] for each in offered] == ["all time"]


async def test_a_story_of_one_article_has_no_full_coverage(open_world: OpenWorld, tmp_path: Path) -> None:
    write_seed(tmp_path / "seeds", "1.md", seed_text())
    async with open_world(Clock(ISSUE_TIME), seeds_path=tmp_path / "seeds") as world:
        assert buttons_of(await world.member.slash(world.channel, "stories latest")) == {}


async def test_stories_from_a_source_show_its_articles(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories from", outlet="harbourledger.example")
    assert text_of(answer).startswith("### Stories from Harbour Ledger")
    assert "(Harbour Ledger)" in text_of(answer)


async def test_topics_stand_below_what_they_are_part_of_and_do_not_repeat_it(world: World) -> None:
    shown = text_of(await world.member.slash(world.channel, "topics")).splitlines()
    (parent,) = [place for place, line in enumerate(shown) if line.startswith("**AI**")]
    assert shown[parent + 1].startswith("\u2003**Robotics**")
    assert "includes" not in shown[parent]
    assert "part of" not in shown[parent + 1]


async def test_topics_without_stories_are_not_listed_and_their_parts_say_where_they_belong(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    folder = tmp_path / "seeds"
    write_seed(folder, "1.md", seed_text(topics=["Robots"]))
    for name, parent in (("Machines", ""), ("Robots", "parent: Machines\n")):
        path = folder / "_data" / "topics" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"name: {name}\n{parent}")
    async with open_world(Clock(ISSUE_TIME), seeds_path=folder) as world:
        shown = text_of(await world.member.slash(world.channel, "topics"))
        assert "1 topic" in shown
        assert "**Machines**" not in shown
        assert "part of Machines" in shown


async def test_a_topic_with_an_endless_name_is_found_by_what_is_offered(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    name = f"On {'and on ' * 25}for ever"
    write_seed(tmp_path / "seeds", "1.md", seed_text(topics=[name]))
    async with open_world(Clock(ISSUE_TIME), seeds_path=tmp_path / "seeds") as world:
        (offered,) = await world.member.autocomplete(world.channel, "stories latest", "topic", "on")
        answer = await world.member.slash(world.channel, "stories latest", topic=offered["value"])
        assert "Latest stories · On and on" in text_of(answer)


# pages


async def turned(world: World, answer: Any, label: str) -> str:
    await world.member.click(answer.response, label=label)
    return text_of(answer)


async def test_a_page_that_went_away_shows_the_last_one_there_is(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories search", words="the", topic="space")
    (listing_id,) = {key.split(":")[1] for key in buttons_of(answer) if key.startswith("list:")}
    view = await turn_page(world.app.services, world.member.id, DIRECT, int(listing_id), 99)
    assert "page 3 of 3" in text_of(SentView(view))


@pytest.mark.parametrize("order", ["match", "newest", "quality"])
async def test_a_page_that_a_reload_took_away_gives_way_to_one_of_the_same_search(
    open_world: OpenWorld, tmp_path: Path, order: str
) -> None:
    folder = tmp_path / "seeds"
    titles = [*(f"Cloud go {n}" for n in range(11)), *(f"Cloud google {n}" for n in range(30))]
    if order == "match":  # few are always read whole, many in stretches
        titles += [f"Cloud go {n}" for n in range(11, 81)]
    for number, title in enumerate(titles):
        write_seed(folder, f"{number}.md", seed_text(f"{HOST}/{number}", title=title))
    async with open_world(Clock(ISSUE_TIME), seeds_path=folder) as world:
        answer = await world.member.slash(world.channel, "stories search", words="cloud go", order=order)
        stories = sum(title.startswith("Cloud go ") for title in titles)
        assert f"{stories} stories · page 1 of {-(-stories // 5)}" in text_of(answer)
        last = -(-stories // 5) - 1
        for _ in range(last - 1):
            await turned(world, answer, "Next")
        (folder / "0.md").unlink()
        await world.app.services.reloader.reload(folder, force=True)
        assert f"{stories - 1} stories · page {last} of {last}" in await turned(world, answer, "Next")


async def test_what_comes_in_meanwhile_moves_no_page(world: World) -> None:
    answer = await world.member.slash(world.channel, "stories latest")
    second = await turned(world, answer, "Next")
    await turned(world, answer, "Previous")
    world.clock.now += timedelta(days=3)  # seeds of these days exist from now on
    assert await turned(world, answer, "Next") == second


async def test_a_list_is_answered_and_turned_while_a_reload_holds_the_database(world: World) -> None:
    services, user_id = world.app.services, world.member.id
    async with services.database.transaction():
        first = SentView(await new_list(services, user_id, DIRECT, {"topic": None}))
        (listing_id,) = {int(key.split(":")[1]) for key in buttons_of(first) if key.startswith("list:")}
        assert "page 2 of" in text_of(SentView(await turn_page(services, user_id, DIRECT, listing_id, 1)))
    await services.listings.close()
    async with open_services(services.settings, world.clock) as restarted:
        assert "page 2 of" in text_of(SentView(await turn_page(restarted, user_id, DIRECT, listing_id, 1)))


async def test_only_who_asked_turns_the_pages_of_a_card(world: World) -> None:
    others = [
        mention_text(f"https://o{n}.example/{n}", title=f"Comet {n} over harbour number {n} seen")
        for n in range(20)
    ]
    folder = world.app.services.settings.database_path.parent / "comets"
    write_seed(
        folder,
        "comet.md",
        seed_text(title="A comet", quality=99, published="2026-01-03T08:00:00Z", related=others),
    )
    await world.app.services.reloader.reload(folder, force=True)
    world.clock.now += timedelta(days=200)
    answer = await world.member.slash(world.channel, "stories show", story="comet", share=True)
    assert "page 1 of 3" in text_of(answer)
    refused = await world.moderator.click(answer.response, label="Next")
    assert refused.ephemeral
    assert "Only the person who asked" in text_of(refused)
    assert "page 2 of 3" in await turned(world, answer, "Next")


# everywhere


async def test_lookups_work_in_direct_messages_and_as_a_users_app(world: World) -> None:
    lookups = [world.app.client.tree.get_command(name) for name in ("stories", "topics", "help")]
    for command in lookups:
        assert command is not None
        sent = command.to_dict(world.app.client.tree)
        assert sorted(sent["contexts"]) == [0, 1, 2]
        assert sorted(sent["integration_types"]) == [0, 1]


# while typing


async def test_topics_and_sources_are_offered_by_all_their_names(world: World) -> None:
    async def offered(option: str, typed: str) -> list[str]:
        choices = await world.member.autocomplete(world.channel, "stories search", option, typed)
        assert len(choices) <= 25
        return [choice["value"] for choice in choices]

    assert (await offered("topic", "robot"))[0] == "robotics"
    assert (await offered("outlet", "ledger")) == ["harbourledger.example"]
    assert (await offered("outlet", "harbourl")) == ["harbourledger.example"]
    assert await offered("since", "last w") == ["last week"]
    assert await offered("since", "5 days") == ["5 days"]
    assert await offered("topic", "x" * 6_000) == []
