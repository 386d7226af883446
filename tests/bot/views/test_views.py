"""Views: whatever a stranger wrote, messages keep Discord's limits, and only the bot's own Markdown works."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import open_app
from bot.locale import _
from bot.settings import Settings
from bot.views.admin import MAX_FAULTS, progress_view, report_view, status_view
from bot.views.buttons import why_id
from bot.views.card import card_view
from bot.views.confirmed import subscribed_view
from bot.views.digest import PER_PAGE, subscriptions_view
from bot.views.edition import edition_parts, preview_parts
from bot.views.help import Part, help_view
from bot.views.layout import View, framed
from bot.views.listing import STORIES_PER_PAGE, TOPICS_PER_PAGE, stories_view, topics_view
from bot.views.reasons import PER_PAGE as RULINGS_PER_PAGE
from bot.views.reasons import why_view
from bot.views.story import LINK, headline, story_block
from bot.views.story_admin import articles_view
from bot.views.text import address_of, link, plain, story_count
from digests.editions.candidates import Verdict
from digests.editions.edition import Choice, Edition, Elsewhere, Ruling, Section
from digests.editions.limits import MAX_STORIES
from digests.editions.timetable import EVERY_DAY
from digests.editions.window import Window
from digests.feeds.problems import FeedError, FeedProblem
from digests.lookup.reasons import Reason, Tie
from digests.lookup.results import Result, Results
from digests.lookup.stories import StoryCard
from digests.lookup.topics import TopicEntry
from digests.seeds.reload import ReloadProgress, Report
from digests.status import Status
from digests.stories.coverage import Coverage
from digests.subscriptions.losses import RoleLoss, TopicLoss
from digests.subscriptions.subscribe import SubscriptionStatus
from digests.text import INVISIBLE, clean
from storage.models import (
    Article,
    Delivery,
    DeliveryState,
    DigestOptions,
    Earlier,
    Fault,
    Piece,
    PieceKind,
    Provider,
    Refusal,
    Story,
    Subject,
    Subscription,
    SubscriptionState,
    Topic,
    TopicSummary,
)
from storage.search.index import Match
from storage.seeds import Totals
from tests.bot.views.discord_markdown import show
from tests.build import ISSUE_TIME, feed

NASTY = (
    "@everyone @here <@1> <@&2> <#3> </digest list:4> <id:home>",
    "[x](javascript:alert(1)) [y](https://evil.example)",
    "[unclosed",
    "closed] (and) more",
    "```py\nprint()\n``` `code`",
    "||spoiler|| ~~gone~~ **bold** __under__ _slant_ *slant*",
    "# big",
    "-# small",
    "> said",
    ">>> said",
    "- item\n- item",
    "* item",
    "1. first",
    "https://evil.example/a http://evil.example <https://evil.example> steam://run",
    "<t:0:R> <:name:5> <a:name:5> :fire: 10:30:45",
    "ends with a backslash \\",
    "\\*already escaped\\*",
    "\u202eright to left override",
    "zero\u200bwidth\u2060joined\ufeff",
    "שלום עולם العالم",
    "漢字かな交じり文",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "C# | F# & <html>",
)
ISOLATES = "\u2068\u2069"  # they keep text that runs from right to left apart
# Nothing but signs that take a backslash, letters of three bytes, or of four.
LONG = ("*" * 900, "漢" * 900, "😀" * 900, "[" * 900, "word " * 200, "_漢" * 450)
WORDINGS = st.one_of(st.text(max_size=80), st.sampled_from(NASTY), st.sampled_from(LONG))
TITLES = WORDINGS.map(clean).filter(bool)
PATHS = st.one_of(
    st.text(max_size=40), st.sampled_from(("a" * 270, "a" * 560, "a" * 5000, "漢" * 90, "**", ")"))
)
URLS = PATHS.map(lambda path: f"https://one.example/{clean(path)}")
MANY = settings(max_examples=25, deadline=None)
BROAD = settings(max_examples=150, deadline=None)

USUAL = Article(
    id=1,
    story_id=1,
    url="https://www.quillonwire.example/2026/03/10/" + "harbour-lights-" * 5,
    title="The harbour lights go out for the first time in ninety years, and the town stays up to watch",
    excerpt="The keepers switched them off at midnight. " * 5,
    published_at=ISSUE_TIME,
    known_at=ISSUE_TIME,
    quality=87,
    type="article",
    provider=Provider("The Quillon Wire", "quillonwire.example"),
    image_url="https://images.quillonwire.example/harbour.jpg",
    removed=False,
)
DOMAINS = st.one_of(st.sampled_from(("one.example", "two.example")), TITLES)
ARTICLES = st.builds(
    Article,
    id=st.integers(1, 2**63),
    story_id=st.just(1),
    url=URLS,
    title=TITLES,
    excerpt=WORDINGS.map(clean),
    published_at=st.integers(0, 10_000).map(lambda hours: ISSUE_TIME - timedelta(hours=hours)),
    known_at=st.just(ISSUE_TIME),
    quality=st.integers(0, 1_000_000),
    type=st.sampled_from(("article", "video")),
    provider=st.builds(Provider, TITLES, DOMAINS),
    image_url=st.one_of(st.none(), URLS, st.just("javascript:alert(1)")),
    removed=st.just(False),
)
POOLS = st.lists(ARTICLES, min_size=1, max_size=4)


def coverages(pool: list[Article], number: int) -> list[Coverage]:
    """Return stories with the articles of `pool`, in turn; the ids of stories tell them apart."""
    return [
        Coverage(
            story_id=2**62 + position,
            pick=replace(pool[position % len(pool)], id=position),
            heat=100,
            articles=1 if position % 3 == 0 else 1_000,
            outlets=tuple(article.provider.domain for article in pool),
            also=() if position % 3 == 0 else tuple(pool[:3]),
            copies=() if position % 4 else tuple(pool),
            follows=Earlier(pool[0].title, ISSUE_TIME) if position % 2 else None,
        )
        for position in range(number)
    ]


def edition_of(topic: str, held: list[Coverage], rulings: int = 0, *, sections: bool = False) -> Edition:
    """Return an edition of these stories, each with a section of its own if it has `sections`.

    Every other one is an update, others were elsewhere.
    """
    return Edition(
        topic,
        Window.ending(ISSUE_TIME),
        tuple(
            Choice(
                coverage,
                bool(position % 2),
                section=Section(position, f"{position} {topic}" if sections else topic),
            )
            for position, coverage in enumerate(held)
        ),
        tuple(Ruling(n, held[0].pick.title, Verdict.OUTSIDE_WINDOW, 10**6, 10**9) for n in range(rulings)),
        tuple(Elsewhere(f"{n} {topic}", n) for n in range(1, len(held))),
    )


def subscription_of(name: str) -> Subscription:
    """Return a subscription to a topic of this name; Discord's ids are long."""
    return Subscription(
        id=1,
        subject=Subject((Topic(1, "slug", name),)),
        guild_id=2**62,
        channel_id=2**62,
        created_by=2**62,
        created_at=ISSUE_TIME,
        options=DigestOptions("09:00", "America/Argentina/ComodRivadavia", EVERY_DAY, 10),
        covered_to=ISSUE_TIME,
        next_at=ISSUE_TIME,
    )


def delivery_of(state: DeliveryState, error: str = "", delivery_id: int = 1) -> Delivery:
    """Return a delivery in this state; Discord's ids are long."""
    options = subscription_of("AI").options
    written = (1, 2**62, "2026-03-10", ISSUE_TIME, state, None, 1, 1, 2**62, error)
    return Delivery(delivery_id, *written, options=options)


def report_of(faults: list[Fault]) -> Report:
    """Return a report with these faults, and large numbers."""
    return Report(10**6, 10**6, 10**6, 10**6, 10**6, faults, 10**6, 10**6, 10**6, 1234.5)


def walk(parts: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield every component, as Discord gets it, those within others included."""
    for part in parts:
        yield part
        yield from walk(part.get("components", ()))
        yield from walk([part["accessory"]] if "accessory" in part else [])


def sent(view: View) -> list[dict[str, Any]]:
    """Return every component that Discord gets."""
    return list(walk(item.to_component_dict() for item in view.children))


def components(view: View, kind: discord.ComponentType) -> list[dict[str, Any]]:
    return [part for part in sent(view) if part["type"] == kind.value]


def texts(view: View) -> list[str]:
    return [part["content"] for part in components(view, discord.ComponentType.text_display)]


def assert_within_limits(view: View) -> None:
    """Assert that Discord takes the message; the limits are those of DESIGN.md, section 7."""
    assert len(sent(view)) <= 40
    written = texts(view)
    assert all(written)
    assert sum(map(len, written)) <= 4_000
    assert sum(len(text.encode()) + 12 for text in written) <= 10_170
    buttons = components(view, discord.ComponentType.button)
    assert all(0 < len(button["label"]) <= 80 for button in buttons)
    ids = [button["custom_id"] for button in buttons]
    assert all(len(custom_id) <= 100 for custom_id in ids)
    assert len(set(ids)) == len(ids)
    assert all(len(row["components"]) <= 5 for row in components(view, discord.ComponentType.action_row))
    for menu in components(view, discord.ComponentType.string_select):
        assert len(menu["custom_id"]) <= 100
        assert len(menu["placeholder"]) <= 150
        assert 1 <= len(menu["options"]) <= 25
        assert all(
            0 < len(option[name]) <= 100
            for option in menu["options"]
            for name in ("label", "value", "description")
            if name != "description" or name in option
        )
        assert len({option["value"] for option in menu["options"]}) == len(menu["options"])
    for picture in components(view, discord.ComponentType.thumbnail):
        assert not picture.get("description")  # no source says what its pictures show
        assert_address(picture["media"]["url"])
    for text in written:
        for url in show(text).of("link"):
            assert_address(url)


def assert_address(url: str) -> None:
    assert len(url) <= 2_048
    assert url.isascii()
    assert not any(sign.isspace() for sign in url)
    assert urlsplit(url).scheme in {"http", "https"}


def assert_only_own_markdown(view: View, *kinds: str) -> None:
    """Assert that nothing but the bot's own Markdown has an effect, of these kinds."""
    for text in texts(view):
        assert {kind for kind, _ in show(text).effects} <= {
            "bold",
            "heading",
            "subtext",
            "time",
            "link",
            *kinds,
        }


@BROAD
@given(WORDINGS)
def test_plain_text_is_shown_letter_by_letter(text: str) -> None:
    shown = show(plain(text))
    assert shown.effects == []
    assert shown.visible.strip(ISOLATES) == INVISIBLE.sub("", text).strip(ISOLATES)


@pytest.mark.parametrize("text", NASTY)
def test_plain_text_has_no_effect(text: str) -> None:
    assert show(plain(text)).effects == []
    assert show(f"**{plain(text)}**").visible.strip(ISOLATES) == INVISIBLE.sub("", text)


def test_what_plain_text_must_stop_does_have_an_effect() -> None:
    without_effect = [text for text in NASTY if not show(text).effects]
    assert without_effect == [*NASTY[2:4], NASTY[15], *NASTY[16:]]


@BROAD
@given(TITLES, URLS)
def test_a_link_is_one_link_to_its_address(title: str, url: str) -> None:
    address = address_of(url, 10_000)
    assert address
    shown = show(f"**1. {link(title, address)}**")
    assert shown.effects == [("bold", ""), ("link", address)]
    assert unquote(address) == unquote(url)
    assert len(re.sub(f"[{ISOLATES}]", "", shown.visible)) == len(f"1. {title}")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://bücher.example/straße?q=ä#ö", "https://xn--bcher-kva.example/stra%C3%9Fe?q=%C3%A4#%C3%B6"),
        ("https://STRASSE.bücher.example:8443/", "https://strasse.xn--bcher-kva.example:8443/"),
        ("http://straße.example", "http://xn--strae-oqa.example"),
        ("https://ann:s3cret@新聞。example/1", "https://ann:s3cret@xn--efvv70d.example/1"),
        ("https://one.example/漢字", "https://one.example/%E6%BC%A2%E5%AD%97"),
        (f"https://{'ü' * 70}.example/", None),
        ("https://ü..example/", None),
        ("https://ü\u200d.example/", None),
        ("https://ü%00.example/", None),
        ("https://ü.example:http/", None),
        ("https://[ü]/", None),
    ],
)
def test_a_host_in_other_letters_is_linked_in_punycode_and_an_impossible_one_is_not(
    url: str, address: str | None
) -> None:
    assert address_of(url, LINK) == address
    article = replace(USUAL, url=url, image_url=url)
    assert show(headline(article)).of("link") == ([address] if address else [])
    pictures = components(framed(story_block(coverages([article], 1)[0])), discord.ComponentType.thumbnail)
    assert [picture["media"]["url"] for picture in pictures] == ([address] if address else [])


def test_text_from_right_to_left_does_not_turn_what_stands_around_it() -> None:
    assert plain("שלום 2026") == "\u2068שלום 2026\u2069"
    assert link("العالم", "https://one.example") == "[\u2068العالم\u2069](https://one.example)"
    assert plain("漢字 and words") == "漢字 and words"


def test_a_link_reads_as_its_title() -> None:
    shown = show(link("“Éclair” (v2.0): C# & a_b, 5 * 3 | 漢字", "https://one.example"))
    assert shown.visible == "“Éclair” (v2.0): C# & aˍb, 5 ∗ 3 ∣ 漢字"


@MANY
@given(POOLS, st.integers(0, MAX_STORIES), TITLES, st.sampled_from((None, 1, 2**63)), st.booleans())
async def test_an_edition_keeps_discords_limits_and_holds_each_choice_once_in_order(
    pool: list[Article], number: int, topic: str, delivery_id: int | None, sections: bool
) -> None:
    held = coverages(pool, number)
    edition = edition_of(topic, held, sections=sections)
    parts = (
        edition_parts(edition, delivery_of(DeliveryState.SENDING, delivery_id=delivery_id), 2**62)
        if delivery_id
        else preview_parts(edition, [2**62], MAX_STORIES)
    )
    for part in parts:
        assert_within_limits(part)
        assert_only_own_markdown(part, "italic", "code", "mention")
    told = [text for part in parts for text in texts(part) if text.startswith("### ")]
    assert [show(text.splitlines()[0]).of("link") for text in told] == [
        [url] if (url := address_of(coverage.pick.url, LINK)) else [] for coverage in held
    ]
    assert not any("quality" in show(text).visible for text in told if "quality" not in pool[0].title)
    headings = [text for part in parts for text in texts(part) if text.startswith("## ")]
    assert len(headings) == (number != 1) + (number if sections and number > 1 else 0)
    buttons = [b["custom_id"] for part in parts for b in components(part, discord.ComponentType.button)]
    reasons = [button for button in buttons if "why" in button]
    assert len(reasons) == len(parts)
    if delivery_id:
        assert reasons == [why_id(delivery_id, n) for n in range(len(parts))]
        assert sum(f"<@&{2**62}>" in text for part in parts for text in texts(part)) == 1
    menus = [m for part in parts for m in components(part, discord.ComponentType.string_select)]
    covered = [coverage for coverage in held if coverage.is_covered]
    assert [option["value"] for menu in menus for option in menu["options"]] == [
        f"{coverage.story_id}:{coverage.pick.id}" for coverage in covered
    ]


async def test_a_usual_edition_of_five_stories_is_one_message_and_one_of_ten_is_two() -> None:
    delivery = delivery_of(DeliveryState.SENDING)
    (part,) = edition_parts(edition_of("Space", coverages([USUAL], 5)), delivery)
    assert len(components(part, discord.ComponentType.thumbnail)) == 5
    assert len(edition_parts(edition_of("Space", coverages([USUAL], 10)), delivery)) == 2


@MANY
@given(POOLS, st.integers(0, 60), TITLES)
async def test_the_reasons_tell_the_verdict_on_every_candidate_in_pages_that_fit(
    pool: list[Article], rulings: int, topic: str
) -> None:
    edition = edition_of(topic, coverages(pool, 1), rulings)
    numbers = []
    for page in range(max(1, -(-rulings // RULINGS_PER_PAGE))):
        view = why_view(edition, f"reasons:{2**63}", page)
        assert_within_limits(view)
        assert_only_own_markdown(view, "list")
        lines = texts(view)[1].splitlines()
        numbers += [int(line.split(".")[0]) for line in lines if _("not from these days") in line]
    assert numbers == list(range(1, rulings + 1))


@MANY
@given(POOLS, st.integers(0, STORIES_PER_PAGE), st.integers(0, 10_000))
async def test_a_page_of_any_stories_fits_one_message(pool: list[Article], number: int, page: int) -> None:
    other = pool[0]
    match = Match(1, other.id, other.title, other.excerpt, other.provider.name, 50, 0, 0, 0)
    found = tuple(Result(coverage, match) for coverage in coverages(pool, number))
    view = stories_view("Latest stories", Results(10**6, found), 2**62, page, "There are none.")
    assert_within_limits(view)
    assert_only_own_markdown(view)
    buttons = [each["custom_id"] for each in components(view, discord.ComponentType.button)]
    opening = [custom_id for custom_id in buttons if custom_id.startswith("coverage")]
    covered = [result.coverage for result in found if result.coverage.is_covered]
    assert opening == [f"coverage:{each.story_id}:{each.pick.id}" for each in covered]
    last = page * STORIES_PER_PAGE + number
    assert not found or any(text.startswith(f"**{last}. ") for text in texts(view))


@MANY
@given(POOLS, st.integers(1, 30), st.integers(1, 30), st.integers(0, 5), st.lists(TITLES, max_size=12))
async def test_a_card_of_any_articles_fits_one_message(
    pool: list[Article], number: int, size: int, page: int, topics: list[str]
) -> None:
    ranked = tuple(replace(pool[n % len(pool)], id=n) for n in range(number))
    card = StoryCard(
        story=Story(2**62, ranked),
        coverage=coverages(pool, 2)[1],
        chapters=tuple(tuple((each,) for each in ranked[n : n + size]) for n in range(0, number, size)),
        topics=tuple(Topic(n, f"{n}", name) for n, name in enumerate(topics)),
    )
    for shown in (card, with_reasons(card)):
        for view in (card_view(shown, page, 2**62), articles_view(shown, page)):
            assert_within_limits(view)
            assert_only_own_markdown(view, "list")


def with_reasons(card: StoryCard) -> StoryCard:
    """Return a card that says of each article that it is a copy of another one."""
    first = card.story.articles[0]
    return replace(
        card, reasons={each.id: Reason(Tie.COPY, first, 0.5, feeds=10**6) for each in card.story.articles}
    )


@pytest.mark.parametrize("letter", ["*", "漢", "😀"])
async def test_every_page_of_a_story_with_over_a_hundred_articles_fits_one_message(letter: str) -> None:
    pick = replace(
        USUAL,
        url=f"https://one.example/{'a' * 500}",
        title=letter * 300,
        excerpt=letter * 20,
        provider=Provider(letter * 90, "one.example"),
    )
    ranked = tuple(
        replace(pick, id=n, title=f"{n} {pick.title}", provider=Provider(letter * 90, f"{n}.example"))
        for n in range(120)
    )
    card = StoryCard(Story(1, ranked), coverages([pick], 2)[1], (tuple((each,) for each in ranked),), ())
    for page in (0, 7, 14, 10_000):
        view = card_view(card, page, 2**62)
        assert_within_limits(view)
        assert _("page {page} of {pages}", page=min(page, 14) + 1, pages=15) in texts(view)[-1]
        for view in (card_view(with_reasons(card), page, 2**62), articles_view(with_reasons(card), page)):
            assert_within_limits(view)


@MANY
@given(st.lists(TITLES, min_size=1, max_size=4), st.integers(0, TOPICS_PER_PAGE), st.integers(0, 9))
async def test_a_page_of_any_topics_fits_one_message(names: list[str], number: int, depth: int) -> None:
    entries = [
        TopicEntry(
            TopicSummary(Topic(n, f"{n}", names[n % len(names)], names[0]), 10**6, ISSUE_TIME),
            depth,
        )
        for n in range(number)
    ]
    view = topics_view(entries, 10**6, 2**62, 10**4)
    assert_within_limits(view)
    assert_only_own_markdown(view, "code")
    assert "\n".join(texts(view)).count(story_count(1_000_000)) == number


@MANY
@given(st.lists(WORDINGS, min_size=1, max_size=3), TITLES, st.integers(1, PER_PAGE), st.booleans())
async def test_a_page_of_any_subscriptions_fits_one_message_and_leaves_none_out(
    errors: list[str], name: str, number: int, may_manage: bool
) -> None:
    states, running = list(DeliveryState), list(SubscriptionState)
    subscribed, muted = subscription_of(name), frozenset(f"{letter * 60}.example" for letter in "abcd")
    (topic,) = subscribed.subject.topics
    statuses = [
        SubscriptionStatus(
            replace(
                subscribed,
                id=n,
                state=running[n % len(running)],
                reason=errors[0] * 50,
                options=replace(subscribed.options, muted=muted),
            ),
            delivery_of(states[n % len(states)], errors[n % len(errors)] * 50),
            losses=(TopicLoss(topic, topic), RoleLoss(2**62))[: n % 3],
        )
        for n in range(number)
    ]
    view = subscriptions_view(statuses, ISSUE_TIME, may_manage=may_manage)
    assert_within_limits(view)
    assert_only_own_markdown(view, "mention", "code", "italic")
    assert (
        len([line for line in "\n".join(texts(view)).splitlines() if line.startswith("**") and "<#" in line])
        == number
    )


@MANY
@given(TITLES, POOLS, st.integers(0, MAX_STORIES))
async def test_a_confirmation_fits_one_message(name: str, pool: list[Article], number: int) -> None:
    view = subscribed_view(subscription_of(name), edition_of(name, coverages(pool, number)), ISSUE_TIME)
    assert_within_limits(view)
    assert_only_own_markdown(view, "mention", "code")


FAULTS = st.builds(
    Fault, WORDINGS, st.one_of(st.none(), st.integers(1, 10**6)), st.one_of(st.none(), WORDINGS), WORDINGS
)


@MANY
@given(st.lists(FAULTS, min_size=1, max_size=3), st.integers(0, 200), TITLES)
async def test_a_report_and_a_status_fit_one_message_however_much_is_wrong(
    faults: list[Fault], number: int, name: str
) -> None:
    failed = [faults[n % len(faults)] for n in range(number)]
    report = report_of(failed)
    status = Status(
        totals=Totals(10**6, 10**6, 10**6),
        reloaded_at=ISSUE_TIME,
        report=report.to_json(),
        refusal=(ISSUE_TIME, faults[0].error),
        faults=failed,
        subscriptions=10**6,
        next_due=ISSUE_TIME,
        deliveries=dict.fromkeys(DeliveryState, 10**6),
        refusals=[Refusal(Piece(PieceKind.LINKS, faults[0].error, 1), faults[0].error, ISSUE_TIME)] * 20,
        feeds=[feed(name, FeedError(problem, name).stored) for problem in FeedProblem],
    )
    (topic,) = subscription_of(name).subject.topics
    lost = {n: TopicLoss(topic, topic) for n in range(number)}
    here = [replace(subscription_of("AI"), id=2**62 + n, subject=Subject((topic,))) for n in range(number)]
    for view in (report_view(report, lost, here), status_view(status, ISSUE_TIME, 0.1)):
        assert_within_limits(view)
        assert_only_own_markdown(view, "list", "italic")
    files = components(report_view(report), discord.ComponentType.file)
    assert len(files) == (number > MAX_FAULTS)


async def test_progress_fits_one_message() -> None:
    assert_within_limits(progress_view(ReloadProgress(10**6, 10**6)))


async def test_help_fits_one_message_and_names_every_command(settings: Settings) -> None:
    async with open_app(settings) as app:
        found = [c for c in app.client.tree.walk_commands() if isinstance(c, discord.app_commands.Command)]
    view = help_view([command.qualified_name for command in found], set(Part), has_news=False)
    assert_within_limits(view)
    assert len(found) >= 10
    assert {
        command.qualified_name
        for command in found
        if f"`/{command.qualified_name}`" not in "".join(texts(view))
    } == {"help"}
