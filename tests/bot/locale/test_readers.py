"""People read the bot in the language of their Discord, and digests in the one chosen for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.locale import _, in_language
from bot.locale.catalogs import ENGLISH, LANGUAGES
from tests.bot.test_delivery import NINE
from tests.bot.test_hello import add_bot
from tests.bot.test_trouble import stored
from tests.build import HOST, ISSUE_TIME, seed_text, write_seed
from tests.conftest import Clock, OpenWorld, World, buttons_of, text_of
from tests.digests.subscriptions.test_transfer import bring

HEBREW = "ספינה ראשונה בנמל"
ARABIC = "ميناء جديد"
START, END = "\u2068", "\u2069"
TRANSLATED = sorted(LANGUAGES.keys() - {ENGLISH})


@contextmanager
def discord_in(world: World, locale: str) -> Iterator[None]:
    """Let everybody's Discord be in a language while the block runs; simcord's is always English."""
    parsers = world.app.client._connection.parsers  # noqa: SLF001
    parse = parsers["INTERACTION_CREATE"]
    parsers["INTERACTION_CREATE"] = lambda data: parse(data | {"locale": locale})
    try:
        yield
    finally:
        parsers["INTERACTION_CREATE"] = parse


async def prefer(world: World, locale: str) -> None:
    """Set the language of the server."""
    world.env.backend.get_guild(world.guild.id).preferred_locale = locale
    await add_bot(world, world.guild, was_there=True)


def footer(language: str) -> str:
    """Return how the text below an edition in a channel ends."""
    with in_language(language):
        return _("-# {times} · Want your own? `/follow`", times="").removeprefix("-# ")


def digests(world: World, language: str) -> list[str]:
    """Return the editions in the channel whose footer is in a language."""
    found = map(text_of, world.channel.history())
    return [said for said in found if said.endswith(footer(language))]


@pytest.mark.parametrize("locale", ["de", "es-419", "zh-TW"])
async def test_a_command_and_what_goes_wrong_are_in_the_persons_language(world: World, locale: str) -> None:
    language = {"es-419": "es", "zh-TW": ENGLISH}.get(locale, locale)
    with in_language(language):
        heading = _("**Your digests**: in your DMs, and what I store about you")
        wrong = _("“{text}” isn't a time. Try 09:00 or 9 pm.", text="99:99")
    with discord_in(world, locale):
        assert heading in text_of(await world.member.slash(world.channel, "help"))
        assert wrong == text_of(await world.member.slash(world.channel, "follow", topic="ai", time="99:99"))


async def test_a_server_is_greeted_in_its_language(world: World) -> None:
    world.env.backend.get_guild(world.guild.id).preferred_locale = "fr"
    await add_bot(world, world.guild)
    (greeting,) = world.channel.history()
    with in_language("fr"):
        assert _("Set up a digest") in buttons_of(greeting).values()


async def test_a_digest_is_in_the_servers_language_until_another_is_chosen(world: World) -> None:
    await prefer(world, "de")
    await world.moderator.slash(world.channel, "digest subscribe", topic="ai", timezone="Europe/Berlin")
    await world.tick(NINE)
    assert len(digests(world, "de")) == 1
    changed = await world.moderator.slash(world.channel, "digest edit", topic="ai", language="ja")
    assert "日本語" in text_of(changed)
    await world.tick(NINE + timedelta(days=1))
    assert len(digests(world, "ja")) == 1
    await world.moderator.slash(world.channel, "digest edit", topic="ai", language="server")
    await world.tick(NINE + timedelta(days=2))
    assert len(digests(world, "de")) == 2


async def test_a_language_that_there_is_not_reads_as_english(world: World) -> None:
    await world.moderator.slash(world.channel, "digest subscribe", topic="ai", timezone="Europe/Berlin")
    async with world.app.services.database.transaction() as connection:
        await connection.execute("UPDATE subscription SET language = 'tlh'")
    await world.tick(NINE)
    assert len(digests(world, ENGLISH)) == 1
    assert "ai" in text_of(await world.moderator.slash(world.channel, "digest list")).casefold()


async def test_the_owners_are_told_of_a_suggestion_in_english(world: World) -> None:
    with discord_in(world, "fr"):
        await world.moderator.slash(world.channel, "digest suggest", address="https://quay.example/feed")
    (told,) = world.owner.user.dm_channel.history()
    assert "### Suggested source" in text_of(told)


async def test_a_digest_in_dms_is_in_the_language_of_whoever_asked_for_it(world: World) -> None:
    with discord_in(world, "pl"):
        added = await world.member.slash(world.channel, "follow", topic="ai", timezone="Europe/Berlin")
    assert "Polski" not in text_of(added).splitlines()[0]
    await world.morning(NINE)
    with in_language("pl"):
        footer = _("-# {times} · `/following` changes or ends it", times="").removeprefix("-# ")
    assert [text_of(each) for each in world.member.user.dm_channel.history()][-1].endswith(footer)


async def test_the_form_offers_the_languages_and_proposes_the_servers(world: World) -> None:
    form = await world.moderator.slash(world.channel, "setup")
    fields = {each["component"]["custom_id"]: each["component"] for each in form.modal["components"]}
    offered = {option["label"]: option["value"] for option in fields["language"]["options"]}
    assert list(offered) == ["The server's language", *LANGUAGES.values()]
    topic = fields["topics"]["options"][0]["value"]
    added = await world.moderator.submit_modal(
        form,
        {
            "topics": [topic],
            "channel": [world.channel],
            "clock": "09:00 Europe/Berlin",
            "language": [offered["Italiano"]],
        },
    )
    assert "in Italiano" in text_of(await world.moderator.slash(world.channel, "digest list"))
    edit = await world.moderator.click(added.response, label="Edit")
    assert [each["component"]["custom_id"] for each in edit.modal["components"]][-1] == "language"
    await world.moderator.submit_modal(edit, {"topics": [topic], "language": ["server"]})
    assert "in Italiano" not in text_of(await world.moderator.slash(world.channel, "digest list"))


@pytest.mark.parametrize(
    ("locale", "days", "said"),
    [
        ("de", "Montag, Freitag", "Montag, Freitag"),
        ("de", "Mo, Fr", "Montag, Freitag"),
        ("ja", "月曜日、金曜日", "月曜日、金曜日"),
        ("zh-CN", "周一，周五", "星期一、星期五"),
        ("de", "Monday", "Montag"),
        ("de", "Mo–Mi", "Montag, Dienstag, Mittwoch"),
        ("it", "lunedi, venerdi", "lunedì, venerdì"),
        ("es-ES", "sabado, miercoles", "miércoles, sábado"),
        ("pl", "sroda, Piatek", "środa, piątek"),
        ("pt-BR", "terça-feira, sabado", "terça-feira, sábado"),
    ],
)
async def test_days_can_be_typed_in_ones_own_language(
    world: World, locale: str, days: str, said: str
) -> None:
    with discord_in(world, locale):
        added = await world.moderator.slash(world.channel, "digest subscribe", topic="ai", days=days)
    assert said in text_of(added)


async def test_days_that_are_not_understood_are_named_as_they_were_typed(world: World) -> None:
    with discord_in(world, "de"):
        refused = await world.moderator.slash(
            world.channel, "digest subscribe", topic="ai", days="Montag und Überübermorgen"
        )
    assert "„Montag und Überübermorgen“" in text_of(refused)


@pytest.mark.parametrize("language", TRANSLATED)
async def test_what_is_offered_for_days_and_times_can_also_be_typed(world: World, language: str) -> None:
    locale = {"es": "es-ES"}.get(language, language.replace("_", "-"))
    with in_language(language):
        weekends, last_year = _("weekends"), _("last year")
        said = _("On weekends at {time}", time="")
    with discord_in(world, locale):
        added = await world.moderator.slash(world.channel, "digest subscribe", topic="ai", days=weekends)
        found = await world.member.slash(world.channel, "stories search", words="bridge", since=last_year)
    assert said.strip() in text_of(added)
    assert "bridge" in text_of(found).casefold()


@pytest.mark.parametrize("language", TRANSLATED)
async def test_a_title_from_right_to_left_keeps_to_itself_in_a_translated_digest(
    open_world: OpenWorld, tmp_path: Path, language: str
) -> None:
    for number, title in enumerate((HEBREW, ARABIC)):
        text = seed_text(f"{HOST}/{number}", title=f"{title} {number}", topics=["Ports"])
        write_seed(tmp_path / "seeds", f"{number}.md", text)
    locale = {"es": "es-ES"}.get(language, language.replace("_", "-"))
    async with open_world(Clock(ISSUE_TIME), seeds_path=tmp_path / "seeds") as world:
        with discord_in(world, locale):
            shown = text_of(await world.member.slash(world.channel, "preview", topic="ports"))
    for title in (HEBREW, ARABIC):
        for before, after in zip(shown.split(title)[:-1], shown.split(title)[1:], strict=True):
            assert before.rpartition(START)[2].find(END) < 0, "it begins within isolates"
            assert after.find(END) < (after.find(START) if START in after else len(after))
    assert shown.count(START) == shown.count(END) >= 2


async def test_whoever_writes_to_the_bot_is_answered_in_the_language_of_their_digests(world: World) -> None:
    with discord_in(world, "pl"):
        await world.member.slash(world.channel, "follow", topic="ai", timezone="Europe/Berlin")
    await world.member.user.send_dm("dzień dobry")
    with in_language("pl"):
        assert _("Set up a digest") in buttons_of(world.member.user.dm_channel.history()[-1]).values()


async def test_whoever_sends_a_digest_now_does_not_choose_its_language(world: World) -> None:
    await prefer(world, "de")
    await world.moderator.slash(world.channel, "digest subscribe", topic="ai", timezone="Europe/Berlin")
    with discord_in(world, "pl"):
        await world.moderator.slash(world.channel, "digest send", topic="ai")
        await world.env.settle()
    assert len(digests(world, "de")) == 1


async def test_undo_brings_a_digests_language_back(world: World) -> None:
    await world.moderator.slash(world.channel, "digest subscribe", topic="ai", language="ja")
    changed = await world.moderator.slash(world.channel, "digest edit", topic="ai", language="server")
    undone = await world.moderator.click(changed.response, label="Undo")
    assert "日本語" in text_of(undone)


@pytest.mark.parametrize("language", [*TRANSLATED, "es_419", "tlh"])
async def test_a_digests_language_moves_to_another_database(world: World, language: str) -> None:
    await world.moderator.slash(world.channel, "digest subscribe", topic="ai", language="fr")
    await bring(world, '"fr"', f'"{language}"')
    (moved,) = await stored(world)
    assert moved.options.language == language
    shown = text_of(await world.moderator.slash(world.channel, "digest list"))
    assert (LANGUAGES.get(language, "Français") in shown) == (language in LANGUAGES)
