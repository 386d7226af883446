"""Searches on real seeds: what is found, in what order, and what is taken for a typing error."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.errors import EmptyRangeError
from digests.lookup import autocomplete
from digests.lookup.autocomplete import complete_stories
from digests.lookup.providers import find_provider
from digests.lookup.search import search_stories
from storage.models import Order, Page
from storage.search.index import COMMON_WORD, Filters
from tests.build import HOST, mention_text, seed_text
from tests.digests.lookup.conftest import ALL, NOW, Library

# what is found


async def test_other_forms_of_a_word_are_found_after_its_exact_form(library: Library) -> None:
    await library.load(a="Drill stops", b="Drills stop", c="Drilling stopped", d="Dull tops")
    assert (await library.titles("drills "))[0] == "Drills stop"
    assert set(await library.titles("drills ")) == {"Drills stop", "Drill stops", "Drilling stopped"}
    assert (await library.titles("drill"))[0] == "Drill stops"


@pytest.mark.parametrize(
    ("typed", "other"),
    [("cities", "city"), ("robes", "robing"), ("capable", "capability"), ("used", "using"), ("tries", "try")],
)
async def test_forms_are_found_that_do_not_begin_with_their_stem(
    library: Library, typed: str, other: str
) -> None:
    await library.load(a=f"{other} here", b="Elsewhere")
    assert await library.titles(f"{typed} ") == [f"{other} here"]


async def test_a_name_is_found_before_words_that_share_its_stem(library: Library) -> None:
    await library.load(a="Window opens", b="Windows update", c="Apples ripen", d="Apple ships")
    assert await library.titles("windows ") == ["Windows update", "Window opens"]
    assert await library.titles("apple ") == ["Apple ships", "Apples ripen"]


async def test_a_phrase_is_found_as_it_was_typed_only(library: Library) -> None:
    await library.load(a="The drill stops", b="The drills stop", c="Stops the drill")
    assert await library.titles('"drill stops"') == ["The drill stops"]
    assert await library.titles("\u201cdrill stops\u201d") == ["The drill stops"]


async def test_a_word_after_a_minus_keeps_its_forms_out_too(library: Library) -> None:
    await library.load(a="Police ban drones", b="Police bans drones", c="Police fly drones")
    assert await library.titles("police -ban") == ["Police fly drones"]


async def test_the_beginning_of_a_word_finds_it_whatever_its_stem(library: Library) -> None:
    await library.load(a="Availability of an announcement", b="Nothing")
    for begun in ("availab", "announceme", "avail"):
        assert await library.titles(begun) == ["Availability of an announcement"]


async def test_accents_case_and_possessives_do_not_matter(library: Library) -> None:
    await library.load(a="Beyoncé's CAFÉS in São Paulo")
    for text in ("beyonce ", "BEYONCÉ ", "cafe ", "sao paulo ", "Beyonce's ", "Beyonce\u2019s "):
        assert await library.titles(text) == ["Beyoncé's CAFÉS in São Paulo"]


async def test_an_outlets_name_finds_its_articles(library: Library) -> None:
    await library.load_texts(
        seed_text("https://harbour.example/1", title="Pears fall"), seed_text(f"{HOST}/2", title="Pears rise")
    )
    assert await library.titles("harbour pears ") == ["Pears fall"]


async def test_what_a_title_says_goes_before_what_an_excerpt_says(library: Library) -> None:
    await library.load_texts(
        seed_text(f"{HOST}/1", title="What went on", quality=99),  # every excerpt reads "What happened."
        seed_text(f"{HOST}/2", title="This happened", quality=1),
    )
    assert await library.titles("happened ") == ["This happened", "What went on"]


async def test_between_equal_matches_heat_decides_then_age(library: Library) -> None:
    def seed(number: int, day: int, quality: int) -> str:
        return seed_text(
            f"{HOST}/{number}", title=f"Comet {number}", published=f"2026-03-{day}T08:00:00Z", quality=quality
        )

    await library.load_texts(seed(1, 10, 50), seed(2, 12, 50), seed(3, 11, 80))
    assert await library.titles("comet ") == ["Comet 3", "Comet 2", "Comet 1"]


async def test_a_story_is_one_result_and_shows_the_article_that_matched(library: Library) -> None:
    others = [
        mention_text(f"https://o{n}.example/{n}", title=f"Comet seen {n}", quality=n) for n in range(1, 30)
    ]
    await library.load_texts(seed_text(f"{HOST}/1", title="A light in the sky", quality=90, related=others))
    results = await library.search("comet seen 7 ")
    (result,) = results.stories
    assert results.total == 1
    assert result.coverage.pick.title == "A light in the sky"
    assert result.match is not None
    assert result.match.title == "Comet seen 7"
    assert result.coverage.articles == 30
    assert result.coverage.heat == 90 + 20 * 29


async def test_a_withdrawn_article_is_not_found(library: Library) -> None:
    await library.load_texts(seed_text(f"{HOST}/1", title="Comet", extra="removed: true"))
    assert await library.titles("comet ") == []


async def test_what_is_published_later_does_not_exist_yet(library: Library) -> None:
    await library.load_texts(seed_text(f"{HOST}/1", title="Comet", published="2026-03-21T00:00:00Z"))
    assert await library.titles("comet ") == []


# typing errors


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("amazn", "amazon"), ("amzaon", "amazon"), ("amazom", "amazon"), ("recogniton", "recognition")],
)
async def test_a_word_that_no_story_has_is_taken_for_one_that_it_resembles(
    library: Library, typed: str, meant: str
) -> None:
    await library.load(a="Amazon drops face recognition", b="Orchards bloom")
    results = await library.search(f"{typed} drops ")
    assert [(each.typed, each.meant) for each in results.corrections] == [(typed, meant)]
    assert results.total == 1


async def test_of_similar_words_the_one_that_stands_beside_the_others_is_meant(library: Library) -> None:
    await library.load(
        a="Cloud prices", b="Cloud costs", c="Clouds gather", d="Proud parents", e="Loud parents"
    )
    results = await library.search("lous parents ")
    assert [each.meant for each in results.corrections] == ["loud"]


async def test_a_word_that_is_right_by_itself_may_be_mistyped_beside_others(library: Library) -> None:
    await library.load(a="Forma wins", b="Form of a pear")
    results = await library.search("forma pear ")
    assert [(each.typed, each.meant) for each in results.corrections] == [("forma", "form")]


async def test_nothing_is_corrected_where_the_words_are_right_but_the_filter_leaves_none(
    library: Library,
) -> None:
    await library.load(a="Comet seen", b="Comma seen")
    results = await library.search("comet", Filters(since=NOW - timedelta(days=1)))
    assert (results.total, results.corrections) == (0, ())


async def test_typing_errors_are_mended_within_filters(library: Library) -> None:
    await library.load_texts(
        seed_text("https://two.example/1", title="Comet seen"), seed_text(f"{HOST}/2", title="Comets seen")
    )
    async with library.database.reading() as connection:
        filters = Filters(provider_ids=(await connection.run(find_provider, "Two")).ids)
    results = await library.search("comte seen ", filters)
    assert results.total == 1
    assert [each.meant for each in results.corrections] == ["comet"]


async def test_a_phrase_and_a_number_are_never_corrected(library: Library) -> None:
    await library.load(a="Comet 2020")
    assert (await library.search('"comte"')).corrections == ()
    assert (await library.search("2021 ")).corrections == ()


# filters, orders, pages


async def test_filters_narrow_what_is_found(library: Library) -> None:
    await library.load_texts(
        seed_text(f"{HOST}/1", title="Comet one", published="2026-03-01T08:00:00Z", quality=10),
        seed_text("https://two.example/2", title="Comet two", published="2026-03-10T08:00:00Z", quality=90),
    )
    async with library.database.reading() as connection:
        sources = (await connection.run(find_provider, "TWO.example")).ids
    day = datetime(2026, 3, 5, tzinfo=UTC)
    assert await library.titles("comet", Filters(since=day)) == ["Comet two"]
    assert await library.titles("comet", Filters(until=day)) == ["Comet one"]
    assert await library.titles("comet", Filters(min_quality=50)) == ["Comet two"]
    assert await library.titles("comet", Filters(provider_ids=sources)) == ["Comet two"]
    with pytest.raises(EmptyRangeError):
        await library.titles("comet", Filters(since=day, until=day - timedelta(seconds=1)))


async def test_results_come_newest_or_best_first_on_request(library: Library) -> None:
    await library.load_texts(
        seed_text(f"{HOST}/1", title="Comet one", published="2026-03-03T08:00:00Z", quality=10),
        seed_text(f"{HOST}/2", title="Comet two", published="2026-03-01T08:00:00Z", quality=90),
        seed_text(f"{HOST}/3", title="Comet three", published="2026-03-02T08:00:00Z", quality=50),
    )
    newest = await library.titles("comet", order=Order.NEWEST)
    assert newest == ["Comet one", "Comet three", "Comet two"]
    assert await library.titles("comet", order=Order.QUALITY) == ["Comet two", "Comet three", "Comet one"]


@pytest.mark.parametrize("stories", [30, 130])
async def test_pages_hold_every_story_once_however_many_match(library: Library, stories: int) -> None:
    await library.load(**{f"s{n}": f"Comet {'seen ' * (n % 4)}{n}" for n in range(stories)})
    shown: list[int] = []
    for offset in range(0, stories, 5):
        results = await library.search("comet ", limit=5, offset=offset)
        assert results.total == stories
        shown += [result.coverage.story_id for result in results.stories]
    assert len(shown) == len(set(shown)) == stories


async def test_a_word_in_very_many_titles_finds_the_hottest_stories_first(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def covered(number: int) -> str:
        related = [
            mention_text(
                f"{HOST}/{number}/{hour}",
                title=f"Comet at {hour} of {number}",
                published=f"2026-03-01T0{hour}:00:00Z",
                quality=40,
            )
            for hour in (6, 8, 7)
        ]
        return seed_text(
            f"{HOST}/{number}",
            title=f"Sky {number}",
            published="2026-03-01T09:00:00Z",
            quality=number + 50,
            related=related,
        )

    await library.load_texts(*map(covered, range(50)))

    async def found() -> list[tuple[int, str]]:
        results = (await library.search("comet ")).stories
        return [(each.coverage.pick.quality, each.match.title) for each in results if each.match]

    in_order = await found()
    assert in_order[:2] == [(99, "Comet at 6 of 49"), (98, "Comet at 6 of 48")]
    assert COMMON_WORD > 150
    monkeypatch.setattr("storage.search.index.COMMON_WORD", 70)
    assert await found() == in_order


# any text


PIECES = st.lists(
    st.one_of(
        st.text(max_size=8), st.sampled_from(['"', "-", " ", "*", "AND", "NOT", "(", ")", ":", "^", "'"])
    ),
    max_size=12,
).map("".join)


async def test_any_text_at_all_finds_something_or_nothing(library: Library) -> None:
    await library.load(a="Comet seen over Harbour Town", b="AND OR NOT NEAR title")

    async def search_all(texts: Sequence[str]) -> None:
        for text in texts:
            await library.search(text)
            async with library.database.reading() as connection:
                await connection.run(complete_stories, text, NOW, 25)

    found: list[str] = []

    @given(PIECES)
    @settings(deadline=None, max_examples=150)
    def collect(text: str) -> None:
        found.append(text)

    collect()
    await search_all(
        [*found, "x" * 2_000, "a " * 1_000, "'; DROP TABLE story; --", "😀" * 500, "\x00", '-"', "NEAR(a b)"]
    )


# while typing


async def test_titles_are_offered_by_words_in_any_order_the_last_one_begun(library: Library) -> None:
    await library.load(a="Lander meets hard ice", b="Ice on the lander", c="Orchards bloom")

    offered = library.offered
    assert set(await offered("ice land")) == {"Lander meets hard ice", "Ice on the lander"}
    assert (await offered("lander me"))[0] == "Lander meets hard ice"
    assert await offered("or") == ["Orchards bloom"]
    assert len(await offered("")) == 3
    assert await offered("xylophone") == []


async def test_of_equals_the_first_domain_stands_for_a_story_whose_pick_is_yet_to_come(
    library: Library,
) -> None:
    equals = [
        mention_text(f"https://{name}.example/1", title=f"Comet over {name}", quality=60)
        for name in ("two", "four", "six")
    ]
    ahead = mention_text(
        "https://best.example/1", title="Later", quality=90, published="2026-05-01T08:00:00Z"
    )
    await library.load_texts(seed_text(f"{HOST}/1", title="Comet", quality=10, related=[*equals, ahead]))
    async with library.database.reading() as connection:
        (completed,) = await connection.run(complete_stories, "comet", NOW, 25)
        found = await connection.run(search_stories, "comet", ALL, Page(NOW, 10))
    assert completed.title == "Comet over four"
    assert found.stories[0].coverage.pick.title == "Comet over four"


async def test_one_letter_finds_words_of_titles_further_back_than_are_read_at_once(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autocomplete, "TITLE_BATCH", 1)
    await library.load(a="Comet seen", b="Orchards bloom", c="Comets again", d="A cold comet")

    async with library.database.reading() as connection:
        found = await connection.run(complete_stories, "c", NOW, 25)
        assert {each.title for each in found} == {"Comet seen", "Comets again", "A cold comet"}
        assert await connection.run(complete_stories, "c", NOW, 2) == found[:2]
