"""The link that invites the bot: printed by a command and at the start, with what the README says."""

import asyncio
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import discord
import pytest

from bot.app import _start_when_ready, find_invite
from bot.invite import invite_link
from bot.settings import Settings, SettingsError
from tests.build import ROOT
from tests.conftest import World
from tests.standin import Standin, serve

CONNECTED = """
import sys
from tests.processes import connect_to
connect_to(sys.argv.pop(1))
from bot.cli.main import main
main()
"""


@pytest.fixture
def started(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Callable[[], list[str]]:
    """Keep the world's scheduler still, and return what tells which lines were logged."""
    caplog.set_level("INFO")
    monkeypatch.setattr(world.app.scheduler, "start", lambda: None)
    return lambda: caplog.messages


def test_the_link_asks_for_the_permissions_that_the_readme_names_and_no_others() -> None:
    asked = parse_qs(urlsplit(invite_link(5)).query)
    named = [name for name, is_set in discord.Permissions(int(asked["permissions"][0])) if is_set]
    assert named == ["read_messages", "send_messages", "read_message_history", "send_messages_in_threads"]
    assert asked["scope"] == ["bot applications.commands"]
    (written,) = re.findall(r"`(https://discord\.com/oauth2/\S+)`", (ROOT / "README.md").read_text("utf-8"))
    assert invite_link(5).replace("=5&", "=ID&") == written


async def test_the_command_prints_the_link_of_the_application_that_has_the_token(tmp_path: Path) -> None:
    async with serve(Standin()) as standin:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CONNECTED, standin.url, "invite", "--json",
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DISCORD_TOKEN": "token"},
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
    assert process.returncode == 0
    assert json.loads(out) == {"url": invite_link(10)}


async def test_without_a_token_there_is_nothing_to_invite() -> None:
    with pytest.raises(SettingsError, match="There's no DISCORD_TOKEN"):
        await find_invite(Settings())


async def test_the_link_is_logged_at_the_start_and_waiting_for_discord_is_not(
    world: World, started: Callable[[], list[str]]
) -> None:
    await _start_when_ready(world.app)
    assert any(line.endswith(invite_link(world.app.client.application_id or 0)) for line in started())
    assert "connecting to Discord…" not in started()


async def test_that_a_connection_takes_long_is_logged(
    world: World, started: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    there, still_waiting = asyncio.Event(), asyncio.Event()

    async def wait_until_ready() -> None:
        if "connecting to Discord…" in started():
            still_waiting.set()
        await there.wait()

    monkeypatch.setattr("bot.app.SILENCE", 0)
    monkeypatch.setattr(world.app.client, "wait_until_ready", wait_until_ready)
    starting = asyncio.create_task(_start_when_ready(world.app))
    await still_waiting.wait()
    assert not any(line.startswith("connected as") for line in started())
    there.set()
    await starting
    assert any(line.startswith("connected as") for line in started())


def test_people_see_how_to_get_help(world: World) -> None:
    assert world.app.client.activity == discord.CustomActivity("/help")
