"""Everybody gets a first answer in time, and only what they may see; what they delete is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import discord
import pytest
from discord.app_commands import Command
from simcord.backend.models.channel import Overwrite
from simcord.enums import OverwriteType

from bot.answers import Deferral, FirstAnswer
from bot.commands.options import OfferingOption
from storage.listings import MAX_UNWRITTEN, Listing
from storage.sqlite.database import Database
from tests.conftest import World, text_of, type_forged

WRITING = [
    ("digest pause", {"topic": "ai"}),
    ("digest edit", {"topic": "ai", "stories": 3}),
    ("digest mute", {"topic": "ai", "outlet": "Second Epoch"}),
    ("digest send", {"topic": "ai"}),
    ("digest unsubscribe", {"topic": "ai"}),
    ("digest subscribe", {"topic": "space"}),
]


@pytest.fixture
def firsts(monkeypatch: pytest.MonkeyPatch) -> list[FirstAnswer]:
    """Return what sees to the first answers, in the order in which interactions came."""
    found: list[FirstAnswer] = []
    begin = FirstAnswer.__init__

    def noted(first: FirstAnswer, *arguments: Any) -> None:
        begin(first, *arguments)
        found.append(first)

    monkeypatch.setattr(FirstAnswer, "__init__", noted)
    return found


@pytest.mark.parametrize(("command", "options"), WRITING)
async def test_a_command_that_was_deferred_while_it_waited_for_the_lock_is_answered_all_the_same(
    world: World,
    firsts: list[FirstAnswer],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    options: dict[str, Any],
) -> None:
    await world.moderator.slash(world.channel, "digest subscribe", topic="ai")
    transaction = Database.transaction

    @asynccontextmanager
    async def waiting(database: Database) -> AsyncIterator[Any]:
        await firsts[-1].defer()  # as it is after a second without an answer
        async with transaction(database) as connection:
            yield connection

    monkeypatch.setattr(Database, "transaction", waiting)
    answer = await world.moderator.slash(world.channel, command, **options)
    assert firsts[-1].deferred is Deferral.PRIVATE
    assert text_of(answer)
    assert "Something went wrong" not in text_of(answer)


class Pending:
    """An interaction that nobody has answered: only what FirstAnswer needs of one."""

    def __init__(self) -> None:
        self.response = self
        self.deferrals: list[dict[str, bool]] = []
        self.is_deferred = asyncio.Event()

    def is_done(self) -> bool:
        return bool(self.deferrals)

    async def defer(self, **options: bool) -> None:
        self.deferrals.append(options)
        self.is_deferred.set()


async def test_what_is_not_answered_in_time_is_deferred_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.answers.ANSWER_WITHIN", 0)
    interaction = Pending()
    first = FirstAnswer(cast("discord.Interaction[Any]", interaction), Deferral.PRIVATE)
    await interaction.is_deferred.wait()
    await first.defer()
    assert interaction.deferrals == [{"ephemeral": True, "thinking": True}]
    assert first.deferred is Deferral.PRIVATE


async def test_an_error_after_a_public_deferral_leaves_nothing_for_others_to_read(
    world: World, firsts: list[FirstAnswer], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        await firsts[-1].defer()
        raise ZeroDivisionError

    monkeypatch.setattr("bot.commands.topics.new_list", fail)
    answer = await world.member.slash(world.channel, "topics", share=True)
    assert firsts[-1].deferred is Deferral.PUBLIC
    # The simulated Discord lets nothing follow a deleted deferral, so what is told in private is not seen.
    assert answer.response is None
    assert world.channel.history() == []


def transformers(world: World) -> list[Any]:
    """Return what offers choices for the options of all commands."""
    commands = [each for each in world.app.client.tree.walk_commands() if isinstance(each, Command)]
    parameters = [parameter for each in commands for parameter in vars(each)["_params"].values()]
    return [each for each in parameters if each.autocomplete]


async def test_every_option_that_offers_choices_does_so_in_time(world: World) -> None:
    offering = transformers(world)
    assert len(offering) > 10
    kinds = {type(parameter._annotation) for parameter in offering}  # noqa: SLF001
    assert all(issubclass(kind, OfferingOption) for kind in kinds)


async def test_choices_that_come_too_late_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(OfferingOption):
        async def offer(self, *_: Any) -> list[Any]:
            return [await asyncio.Event().wait()]

    class Broken(OfferingOption):
        async def offer(self, *_: Any) -> list[Any]:
            raise ZeroDivisionError

    monkeypatch.setattr("bot.commands.options.ANSWER_WITHIN", 0.01)
    nobody = cast("discord.Interaction[Any]", None)
    assert await Slow().autocomplete(nobody, "a") == []
    assert await Broken().autocomplete(nobody, "a") == []


async def test_lists_that_are_not_written_yet_go_with_what_is_deleted(world: World) -> None:
    services = world.app.services
    async with services.database.transaction():
        listing = await services.listings.add(world.member.id, {"words": "boats"}, world.clock.now)
        services.listings.forget(world.member.id)
    async with services.database.reading() as connection:
        assert await connection.run(services.listings.get, listing.id) is None
    await services.listings.close()
    async with services.database.reading() as connection:
        assert await connection.run(services.listings.get, listing.id) is None


async def test_lists_that_can_not_be_written_are_bounded(world: World) -> None:
    services = world.app.services
    async with services.database.transaction():
        for number in range(MAX_UNWRITTEN + 5):
            services.listings._unwritten[number] = Listing(number, 1, world.clock.now, {})  # noqa: SLF001
        await services.listings.add(1, {}, world.clock.now)
        assert len(services.listings._unwritten) == MAX_UNWRITTEN  # noqa: SLF001
        services.listings._unwritten.clear()  # noqa: SLF001


async def test_members_see_no_digests_of_channels_that_they_may_not_see(world: World) -> None:
    secret = world.guild.create_text_channel("secret")
    bit = discord.Permissions(view_channel=True).value
    hidden = Overwrite(world.member.id, OverwriteType.MEMBER, allow=0, deny=bit)
    world.env.backend.set_overwrite(secret.id, hidden)
    await world.moderator.slash(world.channel, "digest subscribe", topic="ai")
    await world.moderator.slash(secret, "digest subscribe", topic="space")
    seen = text_of(await type_forged(world, world.member, "digest list"))  # allowed by the server
    assert "**AI**" in seen
    assert "Space" not in seen
    assert "Space" in text_of(await world.moderator.slash(world.channel, "digest list"))


@pytest.mark.parametrize(("code", "said"), [(40060, "answered already"), (10062, "too late to answer")])
async def test_that_an_interaction_takes_no_answer_any_more_is_no_error_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture, code: int, said: str
) -> None:
    caplog.set_level("INFO")
    world.env.inject_error("POST", "/interactions/*/*/callback", status=400, code=code, times=9)
    await world.member.slash(world.channel, "topics")
    assert said in caplog.text
    assert not [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}]
