"""The doctor names what is wrong, and what to do about it."""

import json
import os
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from discord import ChannelFlags, Permissions
from discord.http import Route

from bot.doctor.examine import examine
from bot.doctor.finding import Finding, State
from bot.doctor.local import check_disk, check_zones, read_subscriptions
from bot.services import open_services, utc_now
from bot.setting_kinds import Secret
from bot.settings import Settings
from digests.editions.timetable import EVERY_DAY
from digests.lookup.topics import find_topic
from digests.subscriptions.limits import Limits
from digests.subscriptions.subscribe import NewSubscription, subscribe
from storage.models import DigestOptions, Subject
from tests.build import write_seed

TOKEN = "MTIzNDU2.not-a-real.token"
BOT, GUILD, NEWS, QUIET, THREAD, GONE, FORUM = 10, 20, 30, 31, 32, 33, 34
ALLOWED = Permissions(
    view_channel=True, send_messages=True, send_messages_in_threads=True, read_message_history=True
)


@dataclass(slots=True)
class Api:
    """Discord's API, as far as the doctor asks it."""

    token: str = TOKEN
    member: bool = True
    locked: bool = False
    forum_flags: int = 0
    forum_open: bool = False
    date: datetime = field(default_factory=utc_now)

    def answer(self, request: web.Request) -> web.Response:
        """Answer as Discord does."""
        path = request.path.removeprefix("/api/v10")
        if path == "/gateway":
            return self._said({"url": "wss://gateway.example"})
        if request.headers.get("Authorization") != f"Bot {self.token}":
            return self._said({"message": "401: Unauthorized", "code": 0}, 401)
        found = self.resources().get(path)
        return self._said({"message": "Unknown", "code": 10004}, 404) if found is None else self._said(found)

    def _said(self, document: object, status: int = 200) -> web.Response:
        date = {"Date": f"{self.date:%a, %d %b %Y %H:%M:%S} GMT"}
        body = json.dumps(document).encode()  # not as text: Discord names no charset
        return web.Response(body=body, status=status, content_type="application/json", headers=date)

    def resources(self) -> dict[str, Any]:
        """Return what there is, by path."""
        user = {
            "id": str(BOT),
            "username": "Broadsheet",
            "discriminator": "0",
            "avatar": None,
            "public_flags": 0,
        }
        everyone = {"id": str(GUILD), "name": "@everyone", "permissions": str(ALLOWED.value)}
        role = {"color": 0, "hoist": False, "position": 0, "managed": False, "mentionable": False}
        guild = {"id": str(GUILD), "name": "Harbour Town", "owner_id": "1", "roles": [everyone | role]}
        denied = Permissions(send_messages=True, send_messages_in_threads=True)
        overwrite = {"id": str(GUILD), "type": 0, "allow": "0", "deny": str(denied.value)}
        refusing = [] if self.forum_open else [overwrite]
        forum = channel(FORUM, 15, refusing) | {"available_tags": [], "flags": self.forum_flags}
        channels = [channel(NEWS, 0, []), channel(QUIET, 0, [overwrite]), forum]
        thread = channel(THREAD, 11, []) | {
            "parent_id": str(NEWS), "owner_id": "1", "message_count": 1, "member_count": 1,
            "thread_metadata": {
                "archived": False, "auto_archive_duration": 60, "locked": self.locked,
                "archive_timestamp": "2026-01-04T08:00:00+00:00",
            },
        }  # fmt: skip
        resources = {
            "/users/@me": user,
            "/oauth2/applications/@me": {
                "id": "11", "name": "Broadsheet", "icon": None, "description": "", "bot_public": True,
                "bot_require_code_grant": False, "owner": user, "summary": "", "verify_key": "", "team": None,
            },
            f"/channels/{THREAD}": thread,
        }  # fmt: skip
        if self.member:
            resources[f"/guilds/{GUILD}"] = guild
            resources[f"/guilds/{GUILD}/channels"] = channels
            resources[f"/guilds/{GUILD}/members/{BOT}"] = {
                "user": user, "roles": [], "joined_at": "2026-01-04T08:00:00+00:00", "deaf": False,
                "mute": False, "flags": 0,
            }  # fmt: skip
        return resources


def channel(channel_id: int, kind: int, overwrites: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": str(channel_id), "type": kind, "guild_id": str(GUILD), "name": f"c{channel_id}", "position": 0,
        "permission_overwrites": overwrites, "nsfw": False, "parent_id": None, "topic": None,
        "rate_limit_per_user": 0,
    }  # fmt: skip


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Return settings with a folder of one seed."""
    write_seed(tmp_path / "news", "news.md")
    return replace(settings, seeds_path=tmp_path / "news")


@pytest.fixture
async def api(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    """Stand in for Discord's API."""
    api = Api()

    async def answer(request: web.Request) -> web.Response:
        return api.answer(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    monkeypatch.setattr(Route, "BASE", f"http://{host}:{port}/api/v10")
    yield api
    await runner.cleanup()


async def find(settings: Settings, clock: Callable[[], datetime] = utc_now) -> list[Finding]:
    return [finding async for finding in examine(settings, clock)]


def faults(findings: list[Finding]) -> list[str]:
    """Return what is wrong; everything that is says what to do."""
    wrong = [finding for finding in findings if finding.state is State.WRONG]
    assert all(finding.message for finding in findings)
    return [str(finding) for finding in wrong]


async def subscribe_channels(settings: Settings, *channels: int) -> None:
    async with open_services(settings) as services:
        await services.reloader.reload(settings.seeds_folder)
        async with services.database.transaction() as connection:
            for channel_id in channels:
                wish = NewSubscription(
                    Subject((await connection.run(find_topic, "AI", utc_now()),)),
                    guild_id=GUILD,
                    channel_id=channel_id,
                    user_id=1,
                    options=DigestOptions("09:00", "Europe/Berlin", EVERY_DAY, 5),
                )
                await subscribe(connection, wish, utc_now(), Limits(50, 10))


async def test_a_bot_that_lacks_nothing_is_well(settings: Settings, api: Api) -> None:
    await subscribe_channels(settings, NEWS, THREAD)
    findings = await find(replace(settings, discord_token=Secret(TOKEN)))
    assert faults(findings) == []
    checks = {finding.check for finding in findings if finding.state is State.OK}
    assert checks == {
        "settings", "database", "clock", "time zones", "disk", "seeds", "token", "channels"
    }  # fmt: skip
    assert api.token not in "".join(map(str, findings))


async def test_a_channel_where_the_bot_may_not_post_or_that_is_gone_is_named(
    settings: Settings, api: Api
) -> None:
    await subscribe_channels(settings, NEWS, QUIET, THREAD, GONE)
    findings = await find(replace(settings, discord_token=Secret(api.token)))
    lacking, gone = faults(findings)
    assert f"lacks Send Messages in channel {QUIET} of Harbour Town" in lacking
    assert f"channel {GONE} of Harbour Town was deleted" in gone


async def test_a_server_that_the_bot_left_is_named(settings: Settings, api: Api) -> None:
    api.member = False
    await subscribe_channels(settings, NEWS)
    (left,) = faults(await find(replace(settings, discord_token=Secret(TOKEN))))
    assert f"isn't in the server {GUILD}" in left


async def test_a_forum_lacks_what_delivery_would_lack_there(settings: Settings, api: Api) -> None:
    await subscribe_channels(settings, FORUM)
    (lacking,) = faults(await find(replace(settings, discord_token=Secret(api.token))))
    assert f"lacks Create Posts, Send Messages in Posts in channel {FORUM}" in lacking


async def test_a_forum_that_requires_a_tag_and_has_none_is_named(settings: Settings, api: Api) -> None:
    api.forum_open, api.forum_flags = True, ChannelFlags(require_tag=True).value
    await subscribe_channels(settings, FORUM)
    (found,) = faults(await find(replace(settings, discord_token=Secret(api.token))))
    assert f"channel {FORUM} of Harbour Town requires a tag that the bot can't use" in found


async def test_a_role_that_was_deleted_is_named(settings: Settings, api: Api) -> None:
    await subscribe_channels(settings, NEWS)
    with closing(sqlite3.connect(settings.database_path)) as connection, connection:
        connection.execute("UPDATE subscription SET mention_role_id = 77")
    findings = await find(replace(settings, discord_token=Secret(api.token)))
    (found,) = [finding for finding in findings if finding.check == "roles"]
    assert "The role 77 of Harbour Town, which digests ping, was deleted" in found.message
    assert "/digest edit" in found.advice


async def test_a_locked_thread_lacks_what_delivery_would_lack_there(settings: Settings, api: Api) -> None:
    api.locked = True
    await subscribe_channels(settings, THREAD)
    (lacking,) = faults(await find(replace(settings, discord_token=Secret(api.token))))
    assert f"lacks Manage Threads in channel {THREAD}" in lacking


@pytest.mark.parametrize("change", ["state = 'paused'", "left_at = 1767513600"])
async def test_digests_that_do_not_run_are_nothing_wrong(settings: Settings, api: Api, change: str) -> None:
    api.member = False
    await subscribe_channels(settings, QUIET)
    with closing(sqlite3.connect(settings.database_path)) as connection, connection:
        connection.execute(f"UPDATE subscription SET {change}")
    assert faults(await find(replace(settings, discord_token=Secret(api.token)))) == []


@pytest.mark.usefixtures("api")
async def test_a_wrong_token_is_told_without_it(settings: Settings) -> None:
    for token in ("other.token", "two words"):
        (refused,) = faults(await find(replace(settings, discord_token=Secret(token))))
        assert "Discord doesn't accept the DISCORD_TOKEN" in refused
        assert token not in refused


async def test_an_unreachable_discord_is_a_sentence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:9/api/v10")
    (fault,) = faults(await find(replace(settings, discord_token=Secret(TOKEN))))
    assert "discord: It can't be reached" in fault


async def test_a_clock_that_is_off_is_told(settings: Settings, api: Api) -> None:
    api.date = utc_now() - timedelta(minutes=10)
    (fault,) = faults(await find(replace(settings, discord_token=Secret(TOKEN))))
    assert re.search(r"clock: It is 6\d\d s away from Discord's", fault)
    assert "NTP" in fault


async def test_a_clock_that_went_back_is_told(settings: Settings) -> None:
    await subscribe_channels(settings)
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    assert "1 Jan 2001" in faults(await find(settings, lambda: long_ago))[0]
    yesterday = utc_now() - timedelta(days=1)
    assert "the last reload ended at" in faults(await find(settings, lambda: yesterday))[0]


async def test_seeds_at_fault_and_missing_seeds_are_told(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "seeds"
    changed = replace(settings, seeds_path=folder)
    assert "There's no folder" in faults(await find(changed))[0]
    write_seed(folder, "broken.md", "---\ntitle: [\n---\n")
    assert "holds no records" in faults(await find(changed))[0]
    write_seed(folder, "good.md")
    assert "1 file can't be used: broken.md" in faults(await find(changed))[0]


async def test_a_database_that_is_damaged_newer_or_none_is_told(settings: Settings) -> None:
    path = settings.database_path
    assert faults(await find(settings)) == []
    assert not path.exists()
    await subscribe_channels(settings, NEWS)
    whole = path.read_bytes()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")
    assert "schema version 999" in faults(await find(settings))[0]
    path.write_bytes(whole[:40_000] + b"\xff" * 20_000 + whole[60_000:])
    assert "broadsheet restore" in faults(await find(settings))[0]
    path.write_text("no database at all " * 50)
    assert "isn't an SQLite database" in faults(await find(settings))[0]


@pytest.mark.parametrize("path", ["n" * 300, f"{'n' * 300}/b.db", "words/b.db", "words/deeper/b.db"])
async def test_a_database_path_that_can_not_be_used_is_told_and_all_else_is_checked(
    settings: Settings, tmp_path: Path, path: str
) -> None:
    (tmp_path / "words").write_text("No folder.")
    findings = await find(replace(settings, database_path=tmp_path / path))
    (told, *_) = faults(findings)
    assert told.startswith("database: ")
    assert str(tmp_path / path) in told
    assert "DATABASE_PATH" in told
    assert {finding.check for finding in findings} >= {"clock", "time zones", "disk", "seeds", "token"}


async def test_a_seeds_path_that_can_not_be_looked_at_is_told(settings: Settings, tmp_path: Path) -> None:
    findings = await find(replace(settings, seeds_path=tmp_path / ("n" * 300)))
    (told,) = faults(findings)
    assert told.startswith("seeds: The folder ")
    assert "can't be listed (File name too long)" in told
    assert findings[-1].check == "token"


@pytest.mark.parametrize("loaded", [True, False])
async def test_a_folder_that_the_database_can_not_be_written_in_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, loaded: bool
) -> None:
    if loaded:
        await subscribe_channels(settings)
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    (told,) = faults(await find(settings))
    assert f"database: The folder {settings.database_path.parent} can't be written to" in told


async def test_a_zone_that_is_not_known_here_is_told(settings: Settings) -> None:
    await subscribe_channels(settings, NEWS)
    with closing(sqlite3.connect(settings.database_path)) as connection, connection:
        connection.execute("UPDATE subscription SET zone = 'Moon/Base'")
    (found,) = check_zones(await read_subscriptions(settings.database_path))
    assert "Moon/Base" in str(found)
    assert "tzdata" in str(found)


def test_disk_space_is_told_also_where_the_folder_is_not_there_yet(tmp_path: Path) -> None:
    assert str(tmp_path) in check_disk(tmp_path / "not" / "there" / "b.db").message


@pytest.mark.parametrize("name", ["/", ".", "loop", "loop/broadsheet.db"])
async def test_a_path_that_no_database_can_have_is_found_wrong(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    findings = await find(replace(settings, database_path=Path(name), discord_token=None))
    assert State.WRONG in {each.state for each in findings if each.check == "database"}
    assert "seeds" in {each.check for each in findings}
